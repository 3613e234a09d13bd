import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {auditRegistry} from '../../src/audit/audit.js'
import {AUDIT_LIMITS} from '../../src/audit/declared.js'
import {reportSchema} from '../../src/audit/report-schema.js'
import {runIdOf} from '../../src/daemon/supervision/run-record.js'
import {encodeMark, markVariable} from '../../src/daemon/supervision/supervision-mark.js'
import {marketTick} from '../../src/engine/contracts/streams/market.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'

const LONG_MS = 240_000
const patient = {within_ms: 60_000, every_ms: 1_000}
const SYMBOL = 'BTCUSDT'

let system: RunningSystem
let stranger: ChildProcess | undefined
beforeAll(async () => {
	system = await startSystem({settings: {speed: 20}})
}, LONG_MS)
afterAll(async () => {
	stranger?.kill('SIGKILL')
	await system?.stop()
}, LONG_MS)

const audit = (only?: readonly string[], limits = {}) =>
	auditRegistry(system.home, {
		env: {...process.env, QT_HOME: system.home.root},
		now_ms: Date.now,
		// Whether the build is that of the checkout is the developer's affair, not this system's.
		...(only ? {only} : {skip: ['old-build']}),
		limits: {...AUDIT_LIMITS, ...limits},
	})

/** One system for all of it, from its health to a host that hangs. */
describe.sequential('a running system', () => {
	it('has no findings, every module has its state and its proof', {timeout: LONG_MS}, async () => {
		// What waited while it started is caught up with first.
		const report = await eventually(async () => {
			const now = await audit()
			// On a busy machine an answer may come too late to be looked at.
			expect([now.findings, now.not_looked_at]).toEqual([[], []])
			return now
		}, patient)
		expect(report).toMatchObject({verdict: 'CLEAN', not_looked_at: []})
		expect(report.gates.filter(({passed}) => passed !== true)).toEqual([])
		expect(report.registry.modules.filter(({category}) => category !== 'RUNNING')).toEqual([])
		expect(report.registry.modules.filter(({proof_line}) => proof_line === '')).toEqual([])
		expect(report.inventory.ports.filter(({process}) => process === 'host-exec')).not.toEqual([])
		expect(reportSchema.parse(report)).toEqual(report)
	})

	it('a second process of one name is told of', {timeout: LONG_MS}, async () => {
		const run_id = runIdOf(join(system.home.run, 'processes'))
		const mark = encodeMark({run_id, name: 'host-obs', generation: 99, spec_hash: 'x', version: 'x'})
		stranger = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e6)'], {
			detached: true,
			stdio: ['ignore', 'pipe', 'inherit'],
			env: {...process.env, [markVariable]: mark},
		})
		if (stranger.stdout) await once(stranger.stdout, 'data')
		const {findings} = await audit(['duplicate-instance'])
		expect(findings).toMatchObject([{subject: 'host-obs', observed: expect.stringContaining(String(stranger.pid))}])
		stranger.kill('SIGKILL')
		await once(stranger, 'exit')
	})

	it('dead consumers beside the living one of a unit are told of', {timeout: LONG_MS}, async () => {
		const stream = system.naming.stream(marketTick.name)
		const group = system.naming.group('trading-bot', marketTick.name)
		for (const name of ['gone.1', 'gone.2']) await system.redis.xgroup('CREATECONSUMER', stream, group, name)
		await eventually(async () => {
			const {findings} = await audit(['dead-consumers'], {consumer_idle_ms: 1})
			expect(findings).toMatchObject([
				{subject: `${group} on ${marketTick.name}`, observed: expect.stringMatching(/^2 of 3 silent/)},
			])
			return true
		}, patient)
		for (const name of ['gone.1', 'gone.2']) await system.redis.xgroup('DELCONSUMER', stream, group, name)
		expect((await audit(['dead-consumers', 'group-without-consumer'])).findings).toEqual([])
	})

	it('a host that hangs, and a position that has no stop meanwhile, are told of', {timeout: LONG_MS}, async () => {
		const pid = await system.pidOf('host-exec')
		process.kill(pid, 'SIGSTOP')
		try {
			await system.venue.signed('POST', '/fapi/v1/order', {
				symbol: SYMBOL,
				side: 'BUY',
				type: 'MARKET',
				quantity: '0.01',
			})
			const {findings} = await audit(['bare-position'])
			expect(findings).toMatchObject([{subject: SYMBOL, observed: 'LONG 0.01 without one', severity: 'critical'}])
			await eventually(async () => {
				const {findings: stale} = await audit(['stale-heartbeat'])
				return stale.some(({subject}) => subject === 'governor')
			}, patient)
		} finally {
			process.kill(pid, 'SIGCONT')
		}
	})
})
