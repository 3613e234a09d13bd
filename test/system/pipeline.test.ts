import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {readFlow} from '../../src/daemon/client/flow-reading.js'
import {idTime} from '../../src/engine/bus/stream-id.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {add, equal, negate} from '../../src/engine/logic/exact.js'
import {eventually} from '../support/eventually.js'
import {parseExposition} from '../support/prometheus.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {allProblems, entriesOf, ledgerVerdict, positionProblems} from '../support/system-audit.js'
import {creations, fillsOf} from '../support/system-venue.js'
import {flowWhileTrading, traceWhileTrading, whyBeforeArming, whyWhileTrading} from './why-tests.js'

const STARTED_MS = 180_000
const TRADED_MS = 120_000
const patient = {within_ms: 90_000, every_ms: 200}

const flowOf = (of: RunningSystem) => readFlow(of.home, {bus: of.bus, naming: of.naming, url: ''}, 0)

/** What a unit tells Prometheus on its own port. */
const scraped = async (of: RunningSystem, unit: string) => {
	const port = (await of.status()).units.find(({name}) => name === unit)?.port
	const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
	expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
	const families = parseExposition(await answer.text())
	return (name: string) => families.get(name)?.samples ?? []
}

let system: RunningSystem
beforeAll(async () => {
	system = await startSystem()
}, STARTED_MS)
afterAll(() => system?.stop(), STARTED_MS)

describe.sequential('the pipeline', () => {
	const systemOf = () => system

	it('opens every stage, killed, with the stage that sends up', async () => {
		const {stages, units} = await system.status()
		expect(stages.filter(({open}) => !open)).toEqual([])
		expect(units.filter(({state}) => state !== 'RUNNING')).toEqual([])
		const {naming, redis} = system
		expect(await redis.get(naming.key(keys.kill, {}))).toBe('1')
		expect(await redis.get(naming.key(keys.mode, {}))).toBe('PAPER')
		expect(await redis.get(naming.key(keys.execution, {}))).toBe('ENABLED')
		expect(await redis.hget(naming.key(keys.arm, {}), 'armed')).toBe('0')
	})

	it('refuses every plan visibly until somebody arms', {timeout: TRADED_MS}, async () => {
		await eventually(async () => (await entriesOf(system, 'governor.events')).length >= 3, {
			...patient,
			what: 'three verdicts',
		})
		const verdicts = await entriesOf(system, 'governor.events')
		expect(new Set(verdicts.map(({verdict, reason}) => `${verdict} ${reason}`))).toEqual(new Set(['REFUSE KILLED']))
		expect(creations(system.venue.log())).toEqual([])
	})

	whyBeforeArming(systemOf)

	it('ends in closed trades once it is armed', {timeout: TRADED_MS}, async () => {
		await system.arm()
		await eventually(async () => (await entriesOf(system, 'trade.closed')).length >= 5, {
			...patient,
			what: 'five closed trades',
		})
		expect(fillsOf(system.venue.log()).length).toBeGreaterThanOrEqual(10)
	})

	it('has a stop at the venue for every position that is open', {timeout: TRADED_MS}, async () => {
		await eventually(
			async () => {
				expect((await system.venue.positions()).length).toBeGreaterThan(0)
				expect(await positionProblems(system)).toEqual([])
				return true
			},
			{...patient, what: 'positions are open and protected'},
		)
	})

	whyWhileTrading(systemOf)
	flowWhileTrading(systemOf)
	traceWhileTrading(systemOf)

	it('agrees with the venue in every step, fill, position and posting', {timeout: TRADED_MS}, async () => {
		await system.kill()
		await eventually(
			async () => {
				expect(await allProblems(system)).toEqual([])
				return true
			},
			{...patient, what: 'everything agrees'},
		)
		await eventually(async () => expect((await flowOf(system)).open).toEqual([]), {...patient, what: 'nothing is open'})
		const {findings, sources, record} = await flowOf(system)
		expect({findings, complete_from_ms: record.complete_from_ms}).toEqual({findings: [], complete_from_ms: 0})
		const intents = await entriesOf(system, 'trade.intent')
		const asked = intents.filter(({stream_id}) => idTime(stream_id) <= record.until_ms).length
		const [first] = sources
		expect(first).toMatchObject({source: 'trade.intent', asked})
		expect((first?.outcomes ?? 0) + (first?.open ?? 0)).toBe(asked)
		const {wallet_ledger, wallet_income, wallet_venue} = await ledgerVerdict(system)
		expect([wallet_ledger, wallet_income]).toEqual([wallet_venue, wallet_venue])
	})

	it('splits the PnL of each closed trade into parts that add up to it', {timeout: TRADED_MS}, async () => {
		const counts = async () =>
			Promise.all(['trade.closed', 'attribution.results'].map(async name => (await entriesOf(system, name)).length))
		await eventually(
			async () => {
				const [trades, attributed] = await counts()
				return attributed === trades
			},
			{...patient, what: 'each closed trade is attributed'},
		)
		const net = new Map((await entriesOf(system, 'trade.closed')).map(trade => [trade.trade_id, trade.net_pnl ?? '']))
		for (const {trade_id, net_pnl = '', parts = '{}'} of await entriesOf(system, 'attribution.results')) {
			const values = JSON.parse(parts) as Record<string, string>
			expect([trade_id, equal(add(...Object.values(values)), net_pnl)]).toEqual([trade_id, true])
			const {funding = '0'} = values
			expect([trade_id, equal(add(net_pnl, negate(funding)), net.get(trade_id) ?? '')]).toEqual([trade_id, true])
		}
	})

	it('tells Prometheus what is so', {timeout: TRADED_MS}, async () => {
		const {redis, naming} = system
		const closed = naming.stream('trade.closed')
		// A resting stop may close another position meanwhile.
		await eventually(
			async () => {
				const told = await scraped(system, 'metricpack-builder')
				const trades = await redis.xlen(closed)
				expect(told('qt_scrape_ok').filter(({value}) => value !== 1)).toEqual([])
				expect(told('qt_pnl_attributed_trades_total').map(({value}) => value)).toEqual([trades])
				expect(told('qt_performance_trades').map(({value}) => value)).toEqual([trades])
				expect(told('redis_stream_length')).toContainEqual({labels: {db: 'db0', stream: closed}, value: trades})
				return true
			},
			{...patient, what: 'all trades are counted'},
		)
		const all = await scraped(system, 'metricpack-builder')
		const lags = all('redis_stream_group_lag').map(({labels}) => `${labels.stream} ${labels.group}`)
		const known = all('redis_stream_group_lag_known').filter(({value}) => value === 1)
		expect(lags.sort()).toEqual(known.map(({labels}) => `${labels.stream} ${labels.group}`).sort())
		expect(lags).toContain(`${closed} ${naming.group('trade-logger', 'trade.closed')}`)
		const {units} = await system.status()
		const ready = all('qt_unit_ready').filter(({value}) => value === 1)
		expect(ready.map(({labels}) => labels.unit).sort()).toEqual(units.map(({name}) => name).sort())
		const safety = await scraped(system, 'safety-telemetry')
		expect(safety('qt_kill')).toEqual([{labels: {}, value: 1}])
		expect(safety('qt_limit_used_ratio').map(({labels}) => labels.limit)).toContain('positions_max')
		const verdicts = safety('qt_governor_verdicts_total').filter(({labels}) => labels.reason === 'KILLED')
		expect(verdicts.map(({labels}) => labels.verdict)).toEqual(['REFUSE'])
		const harvest = await scraped(system, 'harvest-metrics-exporter')
		expect(harvest('qt_scrape_ok')).toEqual([{labels: {part: 'harvest'}, value: 1}])
		const alarms = (await entriesOf(system, 'alerts')).map(({code}) => code ?? '')
		expect(alarms.filter(code => ['ORDER_WITHOUT_PLAN', 'CONTRACT_BROKEN', 'UNIT_FAILED'].includes(code))).toEqual([])
	})
})
