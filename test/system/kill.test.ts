import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {auditLog, auditProof} from '../../src/daemon/client/audit.js'
import {blockSymbol, liftBlock} from '../../src/daemon/client/blocking.js'
import {drill} from '../../src/daemon/client/drill.js'
import {kill} from '../../src/daemon/client/killing.js'
import {readStatus} from '../../src/daemon/client/system-status.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {eventually} from '../support/eventually.js'
import {LONG_MS, operatorOf, patient, startQuiet} from '../support/kills.js'
import type {RunningSystem} from '../support/system.js'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const shell = promisify(execFile)

let system: RunningSystem
let the: ReturnType<typeof operatorOf>
beforeAll(async () => {
	system = await startQuiet()
	the = operatorOf(system)
}, LONG_MS)
afterAll(() => system?.stop(), LONG_MS)

describe.sequential('a kill on a whole system', () => {
	it('of one symbol: it is closed and stays out, and the rest trades on', {timeout: LONG_MS}, async () => {
		await the.armed()
		await the.opened('SOLUSDT')
		await eventually(
			async () => {
				const {state, flat, steps} = await blockSymbol({...the.options({flatten: true}), symbol: 'SOLUSDT'})
				if (state !== 'BLOCKED' || flat?.state !== 'FLAT') throw new Error(JSON.stringify(steps))
				return true
			},
			{...patient, what: 'the symbol is blocked and flat'},
		)
		expect((await readStatus(system.home)).blocked).toEqual(['SOLUSDT'])
		const from = the.mark()
		await the.want('SOLUSDT')
		await the.opened('ETHUSDT')
		expect(the.opens(the.since(from)).filter(({params}) => params?.symbol === 'SOLUSDT')).toEqual([])
		expect(await the.amountOf('SOLUSDT')).toBe(0)
		const state = {bus: system.bus, naming: system.naming, url: ''}
		await liftBlock(system.home, state, 'SOLUSDT', Date.now)
		await the.opened('SOLUSDT')
	})

	it('as a drill: it kills in truth, and arms again what was armed, once', {timeout: LONG_MS}, async () => {
		const report = await eventually(
			async () => {
				await the.armed()
				const done = await drill(the.options())
				return done.kill.state === 'HALTED' ? done : undefined
			},
			{...patient, what: 'a drill is confirmed'},
		)
		expect(report.armed_before).toBe(true)
		expect(report.rearmed ?? report.stays_killed).not.toBeNull()
		expect((await readStatus(system.home)).kill).toBe(report.rearmed === null)
		expect(auditLog(system.home, 100).map(({what}) => what)).toContain('drill')
	})

	it('from two shells at once, while entries come', {timeout: LONG_MS}, async () => {
		const run = (...args: string[]) =>
			shell(process.execPath, [program, 'kill', '--json', ...args], {env: {...process.env, QT_HOME: system.home.root}})
		const said = await Promise.allSettled([run('--reason', 'one'), run('--reason', 'other'), the.want('BNBUSDT')])
		expect(said).toHaveLength(3)
		expect(await readStatus(system.home)).toMatchObject({kill: true})
		const killed = auditLog(system.home, 10).filter(({what}) => what === 'kill')
		expect(killed.map(({why}) => why)).toEqual(expect.arrayContaining(['one', 'other']))
		await the.halted()
		await the.temptation(the.mark())
		expect(auditProof(system.home).broken).toBeUndefined()
	})

	it('with a gateway that wakes while it is killed: it sends nothing that opens', {timeout: LONG_MS}, async () => {
		await the.armed()
		const pid = await system.pidOf('host-exec')
		process.kill(pid, 'SIGSTOP')
		for (const symbol of ['AVAXUSDT', 'LINKUSDT', 'BNBUSDT']) await the.want(symbol)
		const from = the.mark()
		const killing = kill(the.options())
		await eventually(() => !the.armedInFile(), {...patient, what: 'killed'})
		process.kill(pid, 'SIGCONT')
		const {state, steps} = await killing
		if (state !== 'HALTED') expect(steps.filter(({ok}) => !ok)).not.toEqual([])
		await the.halted()
		await the.temptation(from)
	})

	it('closes everything with daemon and Redis gone, and is FLAT by the venue', {timeout: LONG_MS}, async () => {
		expect((await system.venue.positions()).length).toBeGreaterThan(0)
		const redis = await system.pidOf('redis')
		system.daemon.child.kill('SIGKILL')
		await system.daemon.exit()
		process.kill(redis, 'SIGKILL')
		await system.venue.control('POST', 'faults', {
			match: {path: '/fapi/v1/order', method: 'POST'},
			times: 1,
			after_accept: true,
			action: {kind: 'error', http: 503, code: -1007, msg: 'time-out'},
		})
		const report = await kill(the.options({flatten: true, gateways_ms: 1_000}))
		expect(report.flat).toMatchObject({state: 'FLAT', left: []})
		expect(await system.venue.positions()).toEqual([])
		expect(await system.venue.stops()).toEqual([])
		expect(report.steps.filter(({name, ok}) => !ok && name !== 'redis')).toEqual([])
		system.startDaemon()
		await system.daemonUp()
		await system.allOpen()
		expect(await readStatus(system.home)).toMatchObject({kill: true})
		expect(await system.redis.get(system.naming.key(keys.kill, {}))).toBe('1')
	})
})
