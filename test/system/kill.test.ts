import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {readArmFile} from '../../src/daemon/client/arm-file.js'
import {auditLog, auditProof} from '../../src/daemon/client/audit.js'
import {blockSymbol, liftBlock} from '../../src/daemon/client/blocking.js'
import {CLIENT_LIMITS as limits} from '../../src/daemon/client/client-limits.js'
import {drill} from '../../src/daemon/client/drill.js'
import {go} from '../../src/daemon/client/go.js'
import {type KillOptions, type KillReport, kill} from '../../src/daemon/client/killing.js'
import {readStatus} from '../../src/daemon/client/system-status.js'
import {openVenue} from '../../src/daemon/client/venue-access.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {creations, type VenueRecord} from '../support/system-venue.js'

const LONG_MS = 240_000
/** Every wait of a kill has its own bound; this is their sum. */
const KILL_BOUND_MS =
	limits.latch_ms +
	limits.outcomes_ms +
	limits.venue_ms * 3 +
	limits.late_ms +
	limits.order_known_ms +
	limits.own_stop_ms
const patient = {within_ms: 120_000, every_ms: 50}
const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const shell = promisify(execFile)

let system: RunningSystem
beforeAll(async () => {
	// Nobody but the hand trades, and nothing closes by itself.
	const policy = {
		intent_source: 'autonomous-trader',
		exit_monitor: {target: 0.9, stop: 0.9, trailing: 0.9, trailing_from: 0.9},
		exit_brain: {symbols_share: 0},
		depth_multiple_min: 0,
		cooldown_ms: 0,
	}
	system = await startSystem({settings: {speed: 20}, policy})
}, LONG_MS)
afterAll(() => system?.stop(), LONG_MS)

const options = (of: Partial<KillOptions> = {}): KillOptions => ({
	home: system.home,
	mode: 'PAPER',
	by: 'ada',
	reason: 'a test',
	now_ms: Date.now,
	openVenue: () => openVenue(system.home, {}),
	...of,
})
const armed = () =>
	eventually(async () => (await go(system.home, {now_ms: Date.now})).state !== 'NOT CONFIRMED', {
		...patient,
		what: 'armed',
	})
const armedInFile = () => {
	const file = readArmFile(system.home.arm)
	return file.kind === 'record' && file.record.armed
}
const amountOf = async (symbol: string) =>
	Number((await system.venue.positions()).find(row => row.symbol === symbol)?.positionAmt ?? 0)
const want = async (symbol: string) => {
	const intent = {
		symbol,
		side: 'BUY',
		confidence: '0.9',
		action: 'OPEN',
		qty: symbol === 'ETHUSDT' ? '0.05' : '5',
		leverage: '2',
	}
	await system.redis.xadd(system.naming.stream('trade.intent'), '*', ...Object.entries(intent).flat())
}
/** Until the first gate knows what moves together, and prices are fresh, an intent may come to nothing. */
const opened = (symbol: string) =>
	eventually(
		async () => {
			if ((await amountOf(symbol)) !== 0) return true
			await want(symbol)
			return false
		},
		{...patient, every_ms: 1_500, what: `${symbol} is open`},
	)
/** A busy machine may not prove it at once; then it is asked for again, as an operator does. Every report, the last HALTED. */
const halted = async (of: Partial<KillOptions> = {}): Promise<readonly KillReport[]> => {
	const reports: KillReport[] = []
	await eventually(
		async () => {
			const report = await kill(options(of))
			reports.push(report)
			if (report.state !== 'HALTED') throw new Error(JSON.stringify(report.steps))
			return true
		},
		{...patient, what: 'the kill is confirmed'},
	)
	return reports
}
/** Entries only: what protects may always come. */
const opens = (log: readonly VenueRecord[]) =>
	creations(log).filter(({params}) => params?.reduceOnly !== 'true' && params?.type === 'MARKET')
const since = (seq: number) => system.venue.log().filter(record => record.seq > seq)
const mark = () => system.venue.log().at(-1)?.seq ?? 0

/** Asks for entries until the gateway of this moment has refused one, which proves that it had the chance. */
const temptation = async (from: number) => {
	for (const symbol of ['AVAXUSDT', 'LINKUSDT', 'BNBUSDT']) await want(symbol)
	expect(opens(since(from))).toEqual([])
}

describe.sequential('a kill on a whole system', () => {
	it('of one symbol: it is closed and stays out, and the rest trades on', {timeout: LONG_MS}, async () => {
		await armed()
		await opened('SOLUSDT')
		await eventually(
			async () => {
				const {state, flat, steps} = await blockSymbol({...options({flatten: true}), symbol: 'SOLUSDT'})
				if (state !== 'BLOCKED' || flat?.state !== 'FLAT') throw new Error(JSON.stringify(steps))
				return true
			},
			{...patient, what: 'the symbol is blocked and flat'},
		)
		expect((await readStatus(system.home)).blocked).toEqual(['SOLUSDT'])
		const from = mark()
		await want('SOLUSDT')
		await opened('ETHUSDT')
		expect(opens(since(from)).filter(({params}) => params?.symbol === 'SOLUSDT')).toEqual([])
		expect(await amountOf('SOLUSDT')).toBe(0)
		const state = {bus: system.bus, naming: system.naming, url: ''}
		await liftBlock(system.home, state, 'SOLUSDT', Date.now)
		await opened('SOLUSDT')
	})

	it('as a drill: it kills in truth, and arms again what was armed, once', {timeout: LONG_MS}, async () => {
		const report = await eventually(
			async () => {
				await armed()
				const done = await drill(options())
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
		const said = await Promise.allSettled([run('--reason', 'one'), run('--reason', 'other'), want('BNBUSDT')])
		expect(said).toHaveLength(3)
		expect(await readStatus(system.home)).toMatchObject({kill: true})
		const killed = auditLog(system.home, 10).filter(({what}) => what === 'kill')
		expect(killed.map(({why}) => why)).toEqual(expect.arrayContaining(['one', 'other']))
		await halted()
		await temptation(mark())
		expect(auditProof(system.home).broken).toBeUndefined()
	})

	it('with a gateway that is stopped: it is ended, and its heir sends nothing', {timeout: LONG_MS}, async () => {
		await armed()
		const pid = await system.pidOf('host-exec')
		process.kill(pid, 'SIGSTOP')
		const reports = await halted()
		const proofs = reports.flatMap(({steps}) => steps.filter(({name}) => name === 'gateways').map(({detail}) => detail))
		expect(proofs.join()).toContain(`(pid ${pid}) did not answer and was ended`)
		const from = mark()
		await eventually(async () => (await system.pidOf('host-exec')) !== pid, {
			...patient,
			what: 'the gateway has an heir',
		})
		await temptation(from)
	})

	it('with a gateway that wakes while it is killed: it sends nothing that opens', {timeout: LONG_MS}, async () => {
		await armed()
		const pid = await system.pidOf('host-exec')
		process.kill(pid, 'SIGSTOP')
		for (const symbol of ['AVAXUSDT', 'LINKUSDT', 'BNBUSDT']) await want(symbol)
		const from = mark()
		const killing = kill(options())
		await eventually(() => !armedInFile(), {...patient, what: 'killed'})
		process.kill(pid, 'SIGCONT')
		const {state, steps} = await killing
		if (state !== 'HALTED') expect(steps.filter(({ok}) => !ok)).not.toEqual([])
		await halted()
		await temptation(from)
	})

	it.each([
		['is slow', {times: 1_000, action: {kind: 'delay', ms: 2_000}}, /./],
		['resets connections', {times: 6, action: {kind: 'drop'}}, /./],
		['fails', {times: 1_000, action: {kind: 'error', http: 503, code: -1000, msg: 'down'}}, /^venue: .*down/],
		[
			'bans us',
			{times: 1_000, action: {kind: 'error', http: 418, code: -1003, msg: 'banned', retry_after_s: 60}},
			/^venue: .*asks for silence/,
		],
	])('while the venue %s: a true verdict in bounded time', {timeout: LONG_MS}, async (_, fault, why) => {
		await armed()
		await system.venue.control('POST', 'faults', {match: {}, ...fault})
		await want('LINKUSDT')
		const {state, steps} = await kill(options())
		const from = mark()
		await system.venue.control('DELETE', 'faults')
		const took_ms = steps.reduce((sum, {ms}) => sum + ms, 0)
		expect(took_ms).toBeLessThan(KILL_BOUND_MS)
		const missing = steps.filter(({ok}) => !ok).map(({name, detail}) => `${name}: ${detail}`)
		expect(missing.length === 0).toBe(state === 'HALTED')
		if (state !== 'HALTED') expect(missing.join()).toMatch(why)
		// What it says is held against the venue's own log.
		if (state === 'HALTED') await temptation(from)
		await halted()
		await temptation(mark())
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
		const report = await kill(options({flatten: true, gateways_ms: 1_000}))
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
