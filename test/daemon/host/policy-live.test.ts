import {rmSync, writeFileSync} from 'node:fs'
import {pino} from 'pino'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {readEss, resetEss} from '../../../src/daemon/client/ess.js'
import {followPolicy, policyAtStart} from '../../../src/daemon/host/host-policy.js'
import {policySyncAdapters, riskSafetyAdapters} from '../../../src/daemon/host/policy-adapters.js'
import {appendVersion, readVersions} from '../../../src/daemon/system/policy-store.js'
import {SystemClock} from '../../../src/engine/adapters/clock/system-clock.js'
import {encodeEnvelope} from '../../../src/engine/contracts/envelope.js'
import {encodeFields} from '../../../src/engine/contracts/field.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {defaultPolicy, type Policy} from '../../../src/engine/contracts/policy.js'
import {essReset, policyAudit, policyUpdate, policyUpdated} from '../../../src/engine/contracts/streams/risk.js'
import {anyUnit} from '../../../src/engine/contracts/unit.js'
import {noAdapters} from '../../../src/engine/runtime/adapters.js'
import {UnitLoop} from '../../../src/engine/runtime/unit-loop.js'
import {essTrigger} from '../../../src/engine/units/brains/ess-trigger.js'
import {policySync} from '../../../src/engine/units/brains/policy-sync.js'
import {riskSafety} from '../../../src/engine/units/brains/risk-safety.js'
import {eventually} from '../../support/eventually.js'
import {startSystem, type TestSystem} from '../client/system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
afterAll(() => system.stop())

const log = pino({level: 'silent'})
const append = (policy: Partial<Policy>, author = 'ada') =>
	appendVersion(system.home, versions => ({
		policy: {...defaultPolicy, ...policy},
		author,
		reason: `after ${versions.length}`,
		origin: 'file',
		source: 'test',
		time_ms: 1,
	}))

describe('the policy of a running system', () => {
	let ends: Array<() => Promise<unknown>> = []
	const environment = () => ({
		...system.state,
		clock: new SystemClock(),
		unitRoutes: new Map(),
		config: {home: system.home.root},
		log,
	})
	/** risk-safety with its own adapters, and another host that follows what it publishes. */
	const start = async () => {
		const stop = new AbortController()
		const around = environment()
		const {bus, naming, clock} = around
		const {policy, hash} = await policyAtStart(defaultPolicy, around)
		const common = {bus, naming, clock, policy, mode: 'PAPER' as const, host: 'test'}
		const loop = new UnitLoop({...common, unit: anyUnit(riskSafety), adapters: riskSafetyAdapters(around)})
		const other = new UnitLoop({...common, unit: anyUnit(essTrigger), adapters: noAdapters})
		const runs = [loop.run(stop.signal), other.run(stop.signal), followPolicy(around, [loop, other], hash, stop.signal)]
		const end = async () => {
			stop.abort()
			await Promise.all(runs)
		}
		ends.push(end)
		return {loop, other, end, routes: around.unitRoutes}
	}
	const fieldsOf = async (name: string) =>
		(await system.state.bus.range(system.state.naming.stream(name), {count: 100})).map(({fields}) => fields)
	const active = () => system.state.bus.hashAll(system.state.naming.key(keys.policyActive, {}))

	beforeEach(async () => {
		await system.reset()
		rmSync(system.home.policyVersions, {force: true})
		await append({})
	})
	afterEach(async () => {
		await Promise.all(ends.map(end => end()))
		ends = []
	})

	it('is followed by every unit, version by version, with what each changed', async () => {
		const {loop, other, routes} = await start()
		await eventually(async () => (await active()).version === '1')
		await append({positions_max: 4})
		await eventually(() => other.runner.policy.positions_max === 4 && loop.runner.policy.version === 2)
		expect(await active()).toMatchObject({version: '2', author: 'ada', time_ms: '1'})
		expect((await fieldsOf(policyUpdated.name)).map(({version, changes}) => [version, changes])).toEqual([
			['1', '{}'],
			['2', '{"positions_max":4}'],
		])
		const answer = await routes.get('risk-safety')?.get('/policy')?.(new URLSearchParams())
		expect(answer).toMatchObject({version: '2', policy: {positions_max: 4}})
	})

	it('is not missed while nobody looked, and is the one that the next start begins with', async () => {
		const first = await start()
		await eventually(async () => (await active()).version === '1')
		await first.end()
		await append({positions_max: 4})
		await append({positions_max: 3})
		const second = await start()
		await eventually(() => second.other.runner.policy.positions_max === 3)
		expect((await fieldsOf(policyUpdated.name)).map(({version}) => version)).toEqual(['1', '2', '3'])
		await second.end()
		expect((await policyAtStart(defaultPolicy, environment())).policy).toMatchObject({version: 3, positions_max: 3})
	})

	it('begins anew where the chain was moved away, and stays where what is published is no policy', async () => {
		const {other} = await start()
		await append({positions_max: 4})
		await eventually(() => other.runner.policy.version === 2)
		rmSync(system.home.policyVersions)
		await append({positions_max: 7}, 'bob')
		await eventually(() => other.runner.policy.positions_max === 7)
		const {bus, naming} = system.state
		await bus.redis.hset(naming.key(keys.policyActive, {}), {hash: 'x', policy: '{"positions_max":"many"}'})
		writeFileSync(system.home.policyVersions, 'nonsense\n')
		await eventually(async () => (await fieldsOf('alerts')).some(({code}) => code === 'POLICY_STORE_BROKEN'))
		expect(other.runner.policy.positions_max).toBe(7)
	})

	it('is tightened by a unit once per proposal, also when that is asked again', async () => {
		const {other, end} = await start()
		const {bus, naming} = system.state
		const stream = naming.stream(policyUpdate.name)
		const propose = (id: string, changes: Record<string, unknown>, unit = 'risk-brain') =>
			bus.append(stream, {
				...encodeEnvelope({id: `${id}-${unit}`, cause: '', unit, ts: Date.now(), v: 1, authority: 'live'}),
				...encodeFields({proposal_id: id, reason: 'heat', changes}),
			})
		await propose('p-1', {positions_max: 5, 'ess.drawdown_warning': 0.04})
		await eventually(() => other.runner.policy.positions_max === 5)
		await propose('p-2', {positions_max: 6}, 'another')
		await propose('p-1', {positions_max: 4}, 'a-third')
		const outcomes = async () => (await fieldsOf(policyAudit.name)).map(({outcome, version}) => [outcome, version])
		await eventually(async () => (await outcomes()).length === 3)
		expect((await outcomes()).sort()).toEqual([
			['APPLIED', '2'],
			['APPLIED', '2'],
			['REFUSED', undefined],
		])
		expect(readVersions(system.home).at(-1)).toMatchObject({
			version: 2,
			author: 'risk-brain',
			origin: 'unit',
			source: 'proposal p-1',
			policy: {positions_max: 5, ess: {drawdown_warning: 0.04}},
		})
		await end()
		expect(readVersions(system.home)).toHaveLength(2)
	})

	it('is proposed by the file of the home where that only tightens', async () => {
		const {other, loop} = await start()
		await eventually(() => loop.ready)
		const sync = new AbortController()
		const {bus, naming, clock} = environment()
		const run = new UnitLoop({
			bus,
			naming,
			clock,
			policy: defaultPolicy,
			mode: 'PAPER',
			host: 'test',
			unit: anyUnit(policySync),
			adapters: policySyncAdapters({clock, config: {home: system.home.root}}),
		}).run(sync.signal)
		ends.push(async () => {
			sync.abort()
			await run
			rmSync(system.home.policy, {force: true})
		})
		writeFileSync(system.home.policy, 'positions_max: 9\ncooldown_ms: 1\n')
		const told = async () => (await fieldsOf('alerts')).map(({code}) => code)
		await eventually(async () => (await told()).includes('POLICY_DRIFT'))
		writeFileSync(system.home.policy, 'positions_max: many\n')
		await eventually(async () => (await told()).includes('POLICY_FILE_BROKEN'))
		expect(readVersions(system.home)).toHaveLength(1)
		writeFileSync(system.home.policy, 'positions_max: 9\n')
		await eventually(() => other.runner.policy.positions_max === 9)
		expect(readVersions(system.home).at(-1)).toMatchObject({author: 'policy-sync', origin: 'unit'})
	})

	it('tells an operator where the ESS stands, and resets it for one', async () => {
		await start()
		const {bus, naming} = system.state
		const state = () => readEss(system.state, Date.now)
		await eventually(async () => (await bus.hashGet(naming.key(keys.essState, {}), 'state')) === 'NORMAL')
		const equity = (equity_usdt: string) =>
			bus.append(naming.stream('portfolio.state'), {
				equity_usdt,
				wallet_usdt: equity_usdt,
				unrealised_pnl: '0',
				gross_usdt: '0',
				net_usdt: '0',
				open_positions: '0',
				price_ms: '0',
			})
		await equity('1000')
		await equity('900')
		await eventually(async () => (await state()).state === 'CRITICAL')
		await eventually(async () => (await bus.get(naming.key(keys.kill, {}))) === '1')
		expect(await bus.hashAll(naming.key(keys.arm, {}))).toMatchObject({by: 'ess', armed: '0'})
		const answer = await resetEss(system.state, {by: 'ada', reason: 'seen', now_ms: Date.now})
		expect(answer).toMatchObject({outcome: 'RESET', detail: 'reset by ada: seen', ess: {state: 'NORMAL', stale: false}})
		expect(await fieldsOf(essReset.name)).toMatchObject([{by: 'ada', reason: 'seen', unit: 'operator'}])
		expect(await resetEss(system.state, {by: 'ada', reason: 'again', now_ms: Date.now})).toMatchObject({
			outcome: 'UNCHANGED',
		})
	})
})
