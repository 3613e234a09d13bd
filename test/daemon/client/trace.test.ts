import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {traceId} from '../../../src/daemon/client/trace.js'
import {forestOf, nearIds, related, type TraceEntry, type TraceNode} from '../../../src/daemon/client/trace-links.js'
import {socketPath} from '../../../src/daemon/supervision/socket-path.js'
import {encodeEnvelope} from '../../../src/engine/contracts/envelope.js'
import {exchangeNormalized} from '../../../src/engine/contracts/streams/account.js'
import {features, marketKlines, marketTick} from '../../../src/engine/contracts/streams/market.js'
import {
	applyPlan,
	applyResult,
	governorEvents,
	tradeClosed,
	tradeIntent,
} from '../../../src/engine/contracts/streams/trade.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {traceView} from '../../../src/tui/plain/trace-view.js'
import {serveJson, startSystem, type TestSystem} from './system-fixture.js'

type Planted = Readonly<{
	stream: string
	at: number
	id: string
	cause?: string
	unit?: string
	fields?: Record<string, string>
	authority?: 'live' | 'shadow'
}>

/** One trade of plan `planaaaa`, closed by its stop, beside another plan that it has nothing to do with. */
const trade: readonly Planted[] = [
	{stream: marketKlines.name, at: 400, id: 'candle1', unit: 'market-publisher', fields: {symbol: 'BTCUSDT'}},
	{
		stream: features.name,
		at: 402,
		id: 'vector1',
		cause: 'candle1',
		unit: 'feature-publisher',
		fields: {symbol: 'BTCUSDT', close: '100'},
	},
	{
		stream: marketTick.name,
		at: 1_000,
		id: 'tick1',
		unit: 'price-feed',
		fields: {symbol: 'BTCUSDT', bid: '100', ask: '101'},
	},
	{
		stream: tradeIntent.name,
		at: 1_004,
		id: 'intent1',
		cause: 'tick1',
		unit: 'trading-bot',
		fields: {symbol: 'BTCUSDT', side: 'BUY', signal_id: 'vector1'},
	},
	{
		stream: tradeIntent.name,
		at: 1_005,
		id: 'intent2',
		cause: 'tick1',
		unit: 'trading-bot',
		fields: {symbol: 'ETHUSDT', side: 'SELL'},
		authority: 'shadow',
	},
	{
		stream: applyPlan.name,
		at: 1_009,
		id: 'p1',
		cause: 'intent1',
		unit: 'intent-bridge',
		fields: {plan_id: 'planaaaa', symbol: 'BTCUSDT', action: 'OPEN'},
	},
	{
		stream: applyPlan.name,
		at: 1_010,
		id: 'p2',
		cause: 'intent2',
		unit: 'intent-bridge',
		fields: {plan_id: 'planbbbb', symbol: 'ETHUSDT', action: 'OPEN'},
	},
	{
		stream: governorEvents.name,
		at: 1_012,
		id: 'v1',
		cause: 'p1',
		unit: 'governor',
		fields: {plan_id: 'planaaaa', verdict: 'ALLOW', reason: 'ALLOW'},
	},
	{
		stream: applyResult.name,
		at: 1_030,
		id: 'r1',
		cause: 'v1',
		unit: 'apply-layer',
		fields: {plan_id: 'planaaaa', decision: 'EXECUTED'},
	},
	{
		stream: exchangeNormalized.name,
		at: 1_028,
		id: 'fill:1',
		unit: 'exchange-stream-bridge',
		fields: {kind: 'fill', trade_id: '31', client_order_id: 'q-planaaaa', price: '101', quantity: '0.5'},
	},
	{
		stream: exchangeNormalized.name,
		at: 9_000,
		id: 'fill:2',
		unit: 'exchange-stream-bridge',
		fields: {kind: 'fill', trade_id: '32', client_order_id: 's-planaaaa', price: '95', quantity: '0.5'},
	},
	{
		stream: tradeClosed.name,
		at: 9_007,
		id: 'c1',
		cause: 'fill:2',
		unit: 'execution',
		fields: {trade_id: 'trade1', plan_id: 'planaaaa', exit_plan_id: 'planaaaa', net_pnl: '-3.1'},
	},
]

const entryOf = ({
	stream,
	at,
	id,
	cause = '',
	unit = 'hand',
	fields = {},
	authority = 'live',
}: Planted): TraceEntry => ({
	stream,
	stream_id: `${at}-0`,
	fields: {...encodeEnvelope({id, cause, unit, ts: at * 10, v: 1, authority}), ...fields},
})
const entries = trade.map(entryOf)
const ids = (found: readonly TraceEntry[]): string[] => found.map(({fields}) => fields.id ?? '').sort()
const nested = ({id, children}: TraceNode): unknown => (children.length === 0 ? id : {[id]: children.map(nested)})

describe('what belongs to an id', () => {
	const whole = ['c1', 'fill:1', 'fill:2', 'p1', 'r1', 'v1']
	it.each([
		['a trade', 'trade1', whole],
		['a plan', 'planaaaa', whole],
		['an order’s client id', 'q-planaaaa', whole],
		['a stop’s client id', 's-planaaaa', whole],
		['a venue trade id', '31', whole],
		['an intent', 'intent1', ['intent1', ...whole]],
		['what an intent is based on', 'vector1', ['vector1', 'intent1', ...whole]],
		['a tick', 'tick1', ['tick1', 'intent1', 'intent2', 'p2', ...whole]],
		['a stream id', '1012-0', whole],
		['another plan', 'planbbbb', ['p2']],
		['nothing', 'planc', []],
	])('%s', (_, id, expected) => {
		expect(ids(related(entries, id))).toEqual([...expected].sort())
	})

	it.each([
		['planaaa', ['planaaaa']],
		['planabbb', ['planbbbb']],
		['plan', ['planaaaa', 'planbbbb']],
		['q-planaaab', ['q-planaaaa']],
		['nothing like it', []],
	])('of the mistyped %s it names those that are near', (typed, near) => {
		expect(nearIds(entries, typed)).toEqual(near)
	})

	it('does not join foreign orders with each other', () => {
		const foreign = ['a', 'b'].map(id =>
			entryOf({stream: exchangeNormalized.name, at: 5, id, fields: {client_order_id: `web_${id}`}}),
		)
		expect(ids(related(foreign, 'a'))).toEqual(['a'])
	})
})

describe('the tree', () => {
	it('hangs an order’s events on the result that says it was sent', () => {
		const roots = forestOf(related(entries, 'trade1'), applyResult.name)
		expect(roots.map(nested)).toEqual([{p1: [{v1: [{r1: ['fill:1', {'fill:2': ['c1']}]}]}]}])
		expect(roots[0]?.children[0]?.children[0]?.children.map(({link, latency_ms}) => [link, latency_ms])).toEqual([
			['order', -2],
			['order', 7_970],
		])
	})

	it('shows each entry once, though it names itself as its cause', () => {
		const odd = entryOf({stream: applyPlan.name, at: 1, id: 'x', cause: 'x'})
		expect(forestOf([odd, odd], applyResult.name).map(nested)).toEqual(['x'])
	})
})

describe('over planted streams', () => {
	let system: TestSystem
	beforeAll(async () => {
		system = await startSystem()
	})
	beforeEach(async () => {
		await system.reset()
		const {bus, naming} = system.state
		for (const entry of [...entries].sort(
			(a, b) => Number.parseInt(a.stream_id, 10) - Number.parseInt(b.stream_id, 10),
		))
			await bus.redis.xadd(naming.stream(entry.stream), entry.stream_id, ...Object.entries(entry.fields).flat())
	})
	afterAll(() => system.stop())

	it('goes back to the tick and on to the closed trade', async () => {
		const trace = await traceId(system.home, system.state, 'trade1')
		expect(trace).toMatchObject({trimmed: [], journal: expect.stringContaining('there is no trade journal')})
		expect(traceView({...trace, journal: ''}, plainPaint)).toMatchInlineSnapshot(`
			"trade1: 10 entries; times to the right of a stream are machine time since its cause, dates are venue time

			market.klines                                 market-publisher        live  1970-01-01 00:00:04  BTCUSDT
			└─ features                            +2 ms  feature-publisher       live  1970-01-01 00:00:04  BTCUSDT close=100
			market.tick                                   price-feed              live  1970-01-01 00:00:10  BTCUSDT bid=100 ask=101
			└─ trade.intent                        +4 ms  trading-bot             live  1970-01-01 00:00:10  BTCUSDT side=BUY
			   └─ apply.plan                       +5 ms  intent-bridge           live  1970-01-01 00:00:10  BTCUSDT action=OPEN plan_id=planaaaa
			      └─ governor.events               +3 ms  governor                live  1970-01-01 00:00:10  verdict=ALLOW reason=ALLOW plan_id=planaaaa
			         └─ apply.result              +18 ms  apply-layer             live  1970-01-01 00:00:10  decision=EXECUTED plan_id=planaaaa
			            ├─~exchange.normalized     -2 ms  exchange-stream-bridge  live  1970-01-01 00:00:10  kind=fill quantity=0.5 price=101
			            └─~exchange.normalized  +7970 ms  exchange-stream-bridge  live  1970-01-01 00:01:30  kind=fill quantity=0.5 price=95
			               └─ trade.closed         +7 ms  execution               live  1970-01-01 00:01:30  net_pnl=-3.1 plan_id=planaaaa

			from market.tick to apply.result 30 ms
			"
		`)
	})

	it('says which causes are gone', async () => {
		await system.state.bus.redis.del(system.state.naming.stream(marketTick.name))
		expect((await traceId(system.home, system.state, 'planaaaa')).trimmed).toEqual(['tick1'])
	})

	it('begins at a tick when asked for one', async () => {
		const {roots} = await traceId(system.home, system.state, 'intent2')
		expect(roots.map(nested)).toEqual([{tick1: [{intent2: ['p2']}]}])
	})

	it('tells from the journal what is left of a trade that every stream has lost', async () => {
		const fill = {symbol: 'BTCUSDT', trade_id: '9', side: 'BUY', quantity: '0.5', price: '101', fee: '0.01'}
		const kept = {...fill, fee_asset: 'USDT', realised_pnl: '0', plan_id: 'planold1'}
		const closed = {...fill, trade_id: 'tradeold', side: 'LONG', entry_price: '101', exit_price: '95'}
		const row = {...closed, exit_reason: 'stop', net_pnl: '-3.1', plan_id: 'planold1', exit_plan_id: 'planold2'}
		const answers = {
			trades: [row],
			fills: [kept, {...kept, trade_id: '10', plan_id: 'planold2'}, {...kept, plan_id: 'x'}],
		}
		const host = await serveJson(socketPath(system.home.run, 'host-state.sock'), async call => ({
			body: call.includes('/journal/trades') ? answers.trades : call.includes('/journal/fills') ? answers.fills : {},
		}))
		try {
			const trace = await traceId(system.home, system.state, 'tradeold')
			expect(trace).toMatchObject({roots: [], trades: [row], fills: answers.fills.slice(0, 2), journal: ''})
			expect(traceView(trace, plainPaint)).toMatch(
				/^tradeold: its entries were trimmed from every stream; what the journal keeps of it:\n\n+ledger {2}fill BTCUSDT 9/,
			)
		} finally {
			await host.close()
		}
	})

	it.each([
		['a candle', 'candle1'],
		['a feature vector', 'vector1'],
	])('finds what came of %s', async (_, id) => {
		const {roots} = await traceId(system.home, system.state, id)
		expect(roots.map(({stream}) => stream)).toEqual([marketKlines.name, marketTick.name])
		expect(JSON.stringify(roots.map(nested))).toContain('c1')
	})

	it('finds a tick that led to nothing', async () => {
		const {bus, naming} = system.state
		const lone = entryOf({stream: marketTick.name, at: 9_500, id: 'tick9'})
		await bus.redis.xadd(naming.stream(lone.stream), lone.stream_id, ...Object.entries(lone.fields).flat())
		expect((await traceId(system.home, system.state, 'tick9')).roots.map(nested)).toEqual(['tick9'])
	})

	it.each([
		['an id that nothing mentions', 'nowhere', 'no entry of any stream names nowhere', 'qt trades'],
		['a mistyped one', 'planaaab', 'no entry of any stream names planaaab', 'did you mean planaaaa?'],
		['a blank', 'a b', '"a b": expected an id', 'qt trades'],
		['what a terminal would obey', '\u001b[2Jx\u009b', '"\\u{1b}[2Jx\\u{9b}": expected an id', 'qt trades'],
		['one that is too long', 'x'.repeat(513), `"${'x'.repeat(60)}…": expected an id`, 'qt trades'],
	])('refuses %s', async (_, id, message, hint) => {
		const refusal = traceId(system.home, system.state, id)
		await expect(refusal).rejects.toMatchObject({
			message: expect.stringContaining(message),
			hint: expect.stringContaining(hint),
		})
	})
})
