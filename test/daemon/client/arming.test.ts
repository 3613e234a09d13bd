import {rmSync, symlinkSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {advanceArmFile, readArmFile, writeKilled} from '../../../src/daemon/client/arm-file.js'
import {type ArmOptions, arm, reasonsAgainst, reconcileArming} from '../../../src/daemon/client/arming.js'
import {type Arming, armingOf, whyNotFresh} from '../../../src/daemon/client/arming-record.js'
import {confirmPhrase} from '../../../src/daemon/client/confirmation.js'
import type {DaemonStatus} from '../../../src/daemon/client/control-api.js'
import {initGovernor, showGovernor} from '../../../src/daemon/client/governor.js'
import {changeLatch, readLatch} from '../../../src/daemon/client/latch.js'
import type {Latch} from '../../../src/daemon/client/latch-record.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {record, startSystem, statusOf, TestGateway, type TestSystem} from './system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
beforeEach(() => system.reset())
afterAll(() => system.stop())

const options = (of: Partial<ArmOptions> = {}): ArmOptions => ({
	home: system.home,
	state: system.state,
	mode: 'PAPER',
	by: 'ada',
	reason: 'go',
	policy_version: 1,
	now_ms: Date.now,
	gateways_ms: 2_000,
	...of,
})
const readNow = async (): Promise<Arming> => armingOf(readArmFile(system.home.arm), await readLatch(system.state))

describe('arm', () => {
	it('arms both places under one epoch, seen by the gateway', async () => {
		const gateway = await TestGateway.start(system)
		const report = await arm(options())
		expect(report).toMatchObject({state: 'ARMED', epoch: 1, detail: 'epoch 1, seen by every gateway'})
		expect(await readNow()).toMatchObject({armed: true, why: '', last: {by: 'ada', epoch: 1}})
		expect(await arm(options())).toMatchObject({state: 'ALREADY ARMED', epoch: 1})
		await gateway.stop()
	})

	it('says so when no gateway has seen it', async () => {
		expect(await arm(options({gateways_ms: 50}))).toMatchObject({state: 'NOT CONFIRMED', epoch: 1})
	})

	it('catches up first with a kill that Redis never saw', async () => {
		for (let kill = 0; kill < 3; kill += 1) await writeKilled(system.home.arm, record())
		expect(await arm(options({gateways_ms: 0}))).toMatchObject({epoch: 4, before: {last: {epoch: 3, by: 'ada'}}})
		expect(await readNow()).toMatchObject({armed: true, last: {epoch: 4}})
	})

	it('is refused when somebody was quicker', async () => {
		const both = await Promise.allSettled([arm(options({gateways_ms: 0})), arm(options({by: 'eve', gateways_ms: 0}))])
		const refused = both.filter(({status}) => status === 'rejected')
		expect(refused.length).toBeLessThanOrEqual(1)
		for (const {reason} of refused as PromiseRejectedResult[])
			expect(reason).toMatchObject({exit_code: EXIT_CODES.refused})
		expect(await readNow()).toMatchObject({armed: true, last: {epoch: 1}})
	})

	it('loses against a kill in the file that came in between', async () => {
		const {state, home} = system
		const set = changeLatch(state, {what: 'arm', by: 'x', reason: '', mode: 'PAPER', time_ms: 1, expected_epoch: 0})
		expect(await set).toMatchObject({outcome: 'armed', epoch: 1})
		await writeKilled(home.arm, record())
		expect(await advanceArmFile(home.arm, record({epoch: 1, armed: true}))).toBe(false)
		expect(await readNow()).toMatchObject({armed: false, why: 'ada: drill'})
	})

	it.each(['TESTNET', 'LIVE'])('asks for a phrase in %s, which a later kill makes worthless', async mode => {
		await writeKilled(system.home.arm, record({mode}))
		const phrase = (epoch: number, now_ms = Date.now()) => confirmPhrase({mode, epoch, policy_version: 1, now_ms})
		const refused = (confirm?: string) =>
			expect(arm(options({mode, ...(confirm !== undefined && {confirm})}))).rejects.toMatchObject({
				exit_code: EXIT_CODES.needs_input,
				message: expect.stringMatching(`${mode} .*stopped by ada .drill.`),
				hint: expect.stringMatching(`within 2 minutes: qt go --confirm "arm ${mode} [0-9a-f]{6}"`),
			})
		await refused()
		await writeKilled(system.home.arm, record({mode}))
		await refused(phrase(1))
		await refused(phrase(2, Date.now() - 600_000))
		expect(await arm(options({mode, confirm: phrase(2), gateways_ms: 0}))).toMatchObject({epoch: 3})
	})

	it('does not arm what it cannot record', async () => {
		for (const path of [system.home.audit, system.home.auditHead]) rmSync(path, {force: true})
		symlinkSync('/dev/full', system.home.audit)
		await expect(arm(options())).rejects.toMatchObject({
			exit_code: EXIT_CODES.refused,
			message: expect.stringMatching(/ENOSPC/),
		})
		expect(await readNow()).toMatchObject({armed: false})
		for (const path of [system.home.audit, system.home.auditHead]) rmSync(path, {force: true})
	})
})

describe('reconcileArming', () => {
	it.each([
		['a kill that only the file has', {file: record({epoch: 3}), redis: 'armed'}, 'ada: drill'],
		['an arming that only Redis has', {file: undefined, redis: 'armed'}, 'qt: the arm file is missing'],
		['an arming that only the file has', {file: record({epoch: 3, armed: true}), redis: 'killed'}, 'bob: stop'],
	])('brings both places to killed over %s', async (_, {file, redis}, why) => {
		const {home, state} = system
		await changeLatch(state, {what: 'arm', by: 'bob', reason: 'go', mode: 'PAPER', time_ms: 1, expected_epoch: 0})
		if (redis === 'killed')
			await changeLatch(state, {what: 'kill', by: 'bob', reason: 'stop', mode: 'PAPER', time_ms: 2})
		if (file) await advanceArmFile(home.arm, file)
		const arming = await reconcileArming(options())
		expect(arming).toMatchObject({armed: false, why})
		expect(arming.file).toMatchObject({record: {epoch: arming.latch?.record.epoch, armed: false}})
		expect(arming.latch?.killed).toBe(true)
	})

	it('leaves alone what agrees', async () => {
		await arm(options({gateways_ms: 0}))
		expect(await reconcileArming(options())).toMatchObject({armed: true, last: {epoch: 1}})
	})
})

describe('a start arms only over a state that nobody killed', () => {
	const latch = (of: Parameters<typeof record>[0] = {}): Latch => ({killed: true, known: true, record: record(of)})
	const none: Latch = {killed: true, known: false, record: record({epoch: 0, by: '', reason: ''})}
	const down = {by: 'qt down', reason: 'stopped in order'}
	const fresh = {by: 'daemon', reason: 'governor initialised'}
	const file = (of: Parameters<typeof record>[0]) => ({kind: 'record', record: record(of)}) as const
	const missing = {kind: 'missing'} as const

	it.each([
		['nothing anywhere', missing, none, undefined],
		['the daemon’s first', missing, latch(fresh), undefined],
		['stopped in order', file(down), latch(down), undefined],
		['stopped in order with Redis away', file(down), none, undefined],
		['killed by a person', file({}), latch(), 'killed by ada: drill'],
		['killed in the file only', file({}), latch(down), 'killed by ada: drill'],
		[
			'killed in Redis only',
			file(down),
			latch({by: 'by hand', reason: 'the kill key was set outside of qt'}),
			'killed by by hand',
		],
		['an operator’s init of an armed system', file({reason: 'governor initialised'}), latch(fresh), 'killed by ada'],
		['armed in the file only', file({armed: true}), latch(fresh), 'armed by ada in one place only'],
		['armed in Redis only', missing, latch({armed: true}), 'there is no arm file'],
		['a file that cannot be read', {kind: 'unreadable', detail: 'broken'} as const, none, 'broken'],
		['Redis that cannot be asked', missing, undefined, 'Redis cannot be asked'],
	])('%s', (_, found, shared, expected) => {
		const why = whyNotFresh(armingOf(found, shared))
		if (expected === undefined) expect(why).toBeUndefined()
		else expect(why).toContain(expected)
	})
})

describe('reasons against arming', () => {
	const now_ms = 1_000_000
	const put = async (): Promise<void> => {
		const {bus, naming} = system.state
		await bus.redis.set(naming.key(keys.mode, {}), 'PAPER')
		await bus.redis.set(naming.key(keys.execution, {}), 'ENABLED')
		await bus.redis.hset(naming.key(keys.reconcileLast, {}), {outcome: 'CLEAN', machine_ms: now_ms - 1_000})
		await bus.redis.hset(naming.key(keys.essState, {}), {state: 'NORMAL', machine_ms: now_ms - 1_000})
		await bus.redis.hset(naming.key(keys.bscState, {}), {state: 'NORMAL', machine_ms: now_ms - 1_000})
		await bus.redis.hset(naming.key(keys.essWatch, {}), {state: 'HEARD', machine_ms: now_ms - 1_000})
		await bus.redis.hset(naming.key(keys.marketQuote, {symbol: 'BTCUSDT'}), {
			bid: '1',
			ask: '2',
			machine_ms: now_ms - 10,
		})
	}
	const shut: DaemonStatus['stages'] = [{name: 'exec', open: false, requires: [], blocked_by: ['governor STARTING']}]

	it.each<[string, (set: TestSystem['state']) => Promise<unknown>, Partial<DaemonStatus>, string[]]>([
		['none', async () => undefined, {}, []],
		[
			'a tripped ESS',
			({bus, naming}) =>
				bus.redis.hset(naming.key(keys.essState, {}), {
					state: 'CRITICAL',
					rule: 'DRAWDOWN',
					used: '0.09',
					limit: '0.08',
				}),
			{},
			['the ESS is CRITICAL: DRAWDOWN at 0.09 of 0.08; reset it by: qt ess reset --reason'],
		],
		[
			'a silent ESS',
			({bus, naming}) => bus.redis.hset(naming.key(keys.essState, {}), {machine_ms: now_ms - 11_000}),
			{},
			['the ESS has been silent for 11 s'],
		],
		['no ESS', ({bus, naming}) => bus.redis.del(naming.key(keys.essState, {})), {}, ['the ESS has not spoken yet']],
		[
			'a tripped baseline controller',
			({bus, naming}) =>
				bus.redis.hset(naming.key(keys.bscState, {}), {state: 'TRIPPED', rule: 'POSITIONS', used: '11', limit: '10'}),
			{},
			['the Baseline Safety Controller is TRIPPED: POSITIONS at 11 of 10'],
		],
		['exec shut', async () => undefined, {stages: shut}, ['stage exec is not open: governor STARTING']],
		[
			'drift',
			({bus, naming}) => bus.redis.hset(naming.key(keys.reconcileLast, {}), {outcome: 'DRIFT'}),
			{},
			['the last comparison with the venue was DRIFT'],
		],
		[
			'an old comparison',
			({bus, naming}) => bus.redis.hset(naming.key(keys.reconcileLast, {}), {machine_ms: 1}),
			{},
			['the last comparison with the venue is 1000 s old'],
		],
		[
			'no comparison',
			({bus, naming}) => bus.redis.del(naming.key(keys.reconcileLast, {})),
			{},
			['nothing has been compared with the venue yet'],
		],
		[
			'stale data',
			({bus, naming}) => bus.redis.hset(naming.key(keys.marketStale, {symbol: 'BTCUSDT'}), {since_ms: 5}),
			{},
			['market data is stale: BTCUSDT'],
		],
		[
			'no data',
			({bus, naming}) => bus.redis.del(naming.key(keys.marketQuote, {symbol: 'BTCUSDT'})),
			{},
			['market data is stale: BTCUSDT'],
		],
		[
			'another mode',
			async () => undefined,
			{mode: 'LIVE'},
			['the governor is set to mode PAPER, the system runs LIVE'],
		],
		[
			'execution disabled',
			({bus, naming}) => bus.redis.set(naming.key(keys.execution, {}), 'DISABLED'),
			{},
			['execution is DISABLED'],
		],
	])('%s', async (_, change, status, expected) => {
		await put()
		await change(system.state)
		const found = await reasonsAgainst({
			state: system.state,
			status: statusOf(status),
			symbols: ['BTCUSDT'],
			reconcile_stale_ms: 180_000,
			now_ms,
		})
		expect(found).toEqual(expected)
	})
})

describe('governor init', () => {
	const init = () => initGovernor({...options(), positions_max: 10})

	it('leaves a fresh system killed, enabled and of the mode', async () => {
		expect(await init()).toMatchObject({
			arming: {armed: false, why: 'daemon: governor initialised'},
			mode: 'PAPER',
			execution: 'ENABLED',
			available_slots: 10,
			total_notional_usdt: '0.00',
		})
		expect(await system.state.bus.get(system.state.naming.key(keys.kill, {}))).toBe('1')
	})

	it('disarms an armed one, and keeps what counts positions', async () => {
		const {bus, naming} = system.state
		await arm(options({gateways_ms: 0}))
		await bus.redis.set(naming.key(keys.availableSlots, {}), '7')
		await bus.redis.set(naming.key(keys.totalNotional, {}), '600000000')
		await bus.redis.hset(naming.key(keys.reservations, {}), {BTCUSDT: 'planabcd|RESERVED|0|200000000|99'})
		const view = await init()
		expect(view).toMatchObject({
			available_slots: 7,
			total_notional_usdt: '600.00',
			reservations: [
				{symbol: 'BTCUSDT', plan_id: 'planabcd', state: 'RESERVED', reserved_usdt: '200.00', deadline_ms: 99},
			],
		})
		expect(view.arming).toMatchObject({armed: false, last: {epoch: 2, reason: 'governor initialised'}})
		expect(whyNotFresh(view.arming)).toContain('governor initialised')
	})

	it('keeps the author of a kill that stands, also when the key was lost', async () => {
		const {bus, naming} = system.state
		await writeKilled(system.home.arm, record())
		expect((await init()).arming.why).toBe('ada: drill')
		expect(await bus.get(naming.key(keys.kill, {}))).toBe('1')
		expect(await showGovernor(system.home, system.state)).toMatchObject({arming: {last: {by: 'ada'}}})
	})
})
