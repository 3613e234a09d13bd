import {describe, expect, it} from 'vitest'
import {askOf, bridgeCheck, intentFor, notionalOf, portfolioChecks} from '../../../src/daemon/client/why-ask.js'
import {dataChecks, rememberedOf, signalNow} from '../../../src/daemon/client/why-data.js'
import {verdictOf, type WhyCheck} from '../../../src/daemon/client/why-verdict.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {bridgeReasons, bridgeRemedies} from '../../../src/engine/logic/intent-to-plan.js'
import {emptyGate} from '../../../src/engine/logic/portfolio-gate.js'
import {BAR_MS, CLOSED_MS, check, known, now, OPEN_MS, quote} from './why-fixture.js'

describe('the verdict', () => {
	const signal = check('signal', 'SIGNAL', true)
	const silent = check('signal', 'NO_TREND', false)
	const gate = check('portfolio-gate', 'GATE_SECTOR', false)
	const bridge = check('intent-bridge', 'SHORT_NOT_ALLOWED', false)
	const killed = check('system', 'KILLED', false)
	const cooldown = check('governor', 'COOLDOWN', false)
	const entering = check('governor', 'ENTRY_IN_PROGRESS', false)
	const passes = check('governor', 'SLOTS_FULL', true)
	const unread = check('governor', 'UNREAD', null)
	it.each<{why: string; held?: boolean; counts?: boolean; checks: readonly WhyCheck[]; told: readonly unknown[]}>([
		{why: 'a position', held: true, checks: [killed], told: ['POSITION', true, undefined, []]},
		{why: 'an entry on its way', checks: [killed, entering], told: ['ENTERING', true, 'ENTRY_IN_PROGRESS', []]},
		{why: 'nothing against it', checks: [signal, passes], told: ['WOULD_TRADE', true, undefined, []]},
		{
			why: 'a stopped system before a missing signal',
			checks: [silent, killed, cooldown],
			told: ['REFUSED', false, 'KILLED', ['NO_TREND', 'COOLDOWN']],
		},
		{why: 'no signal', checks: [silent, cooldown], told: ['NO_SIGNAL', false, 'NO_TREND', ['COOLDOWN']]},
		{
			why: 'an order that somebody asks about',
			counts: false,
			checks: [silent, cooldown],
			told: ['REFUSED', false, 'COOLDOWN', []],
		},
		{
			why: 'the first gate on the way',
			checks: [signal, cooldown, bridge, gate],
			told: ['REFUSED', false, 'GATE_SECTOR', ['SHORT_NOT_ALLOWED', 'COOLDOWN']],
		},
		{why: 'what is not known', checks: [signal, unread], told: ['UNKNOWN', false, 'UNREAD', []]},
		{why: 'a refusal before what is not known', checks: [unread, killed], told: ['REFUSED', false, 'KILLED', []]},
		{
			why: 'data that is old only where a gate says so',
			checks: [check('data', 'CANDLE', false), signal, passes],
			told: ['WOULD_TRADE', true, undefined, []],
		},
	])('of $why', ({held = false, counts = true, checks, told}) => {
		const {code, would, check: decides, besides} = verdictOf({held, checks, signal_counts: counts})
		expect([code, would, decides?.code, besides]).toEqual(told)
	})
})

describe('what is asked about', () => {
	const signal = {symbol: 'BTCUSDT', side: 'SELL' as const, confidence: 1, position_size_usd: '20', leverage: 3}
	const newest = {side: 'BUY' as const, qty: '0.5', entry_price: '100'}
	it.each([
		[{}, signal, newest, {side: 'SELL', notional_usdt: '60', from: 'signal'}],
		[{}, undefined, newest, {side: 'BUY', notional_usdt: '50', from: 'intent'}],
		[{}, undefined, undefined, {side: 'BUY', notional_usdt: '200', from: 'policy'}],
		[{side: 'BUY' as const}, signal, newest, {side: 'BUY', notional_usdt: '50', from: 'flags'}],
		[{side: 'SELL' as const}, undefined, newest, {side: 'SELL', notional_usdt: '200', from: 'flags'}],
		[{notional: '75'}, signal, newest, {side: 'SELL', notional_usdt: '75', from: 'signal'}],
	])('is by %j, the signal and the newest intent', (wanted, of_now, of_then, ask) => {
		expect(askOf(wanted, of_now, of_then, defaultPolicy)).toEqual(ask)
	})

	it('has no size where the intent names neither margin nor price', () => {
		expect([notionalOf({}), notionalOf({qty: '1'})]).toEqual([undefined, undefined])
	})

	it.each([
		['BUY', {}, 'PLANNED', ''],
		['SELL', {short_allowed: false}, 'SHORT_NOT_ALLOWED', bridgeRemedies.SHORT_NOT_ALLOWED],
		['BUY', {allowlist: ['ETHUSDT']}, 'SYMBOL_NOT_ALLOWED', bridgeRemedies.SYMBOL_NOT_ALLOWED],
	] as const)('a %s under %j is %s at the bridge', (side, changes, code, remedy) => {
		const policy = {
			...defaultPolicy,
			...changes,
			allowlist: [...('allowlist' in changes ? changes.allowlist : defaultPolicy.allowlist)],
		}
		const ask = {side, notional_usdt: '100', from: 'flags' as const}
		const intent = intentFor('BTCUSDT', ask, {bid: '99', ask: '101'}, policy)
		const bridged = bridgeCheck(intent, {amount: '0', seen: {}}, policy)
		expect(bridged.check).toMatchObject({code, passed: code === 'PLANNED', remedy})
		if (code === 'PLANNED') expect(bridged.plan).toMatchObject({side, notional_usdt: '100', reference_price: '101'})
	})

	it('every reason of the bridge says what would have to change', () => {
		expect(Object.keys(bridgeRemedies)).toEqual(Object.keys(bridgeReasons))
	})

	it('is held against the portfolio as its gate knows it', () => {
		const intent = intentFor('BTCUSDT', {side: 'BUY', notional_usdt: '1', from: 'flags'}, {}, defaultPolicy)
		const ask = {intent, source: 'trading-bot', policy: defaultPolicy, now_ms: 1_000, speed: 1}
		const [unknown, ...none] = portfolioChecks({...ask, state: undefined})
		expect([unknown?.passed, none]).toEqual([null, []])
		const rows = portfolioChecks({...ask, state: {...emptyGate, exposure: {share: 0.99, ts_ms: 1_000}}})
		expect(rows.map(({code, passed}) => [code, passed])).toEqual([
			['GATE_NOT_READY', false],
			['GATE_SECTOR', true],
			['GATE_CLUSTER', true],
			['GATE_CORRELATION', true],
			['GATE_EXPOSURE', defaultPolicy.portfolio.exposure_share_max > 0.99],
			['GATE_BUDGET', true],
		])
	})
})

describe('the data', () => {
	const candle = {open_ms: String(OPEN_MS)}
	const fresh = {quote, stale: {}, candle, features: {...candle, ready: 'true'}}
	const told = (market: Parameters<typeof dataChecks>[0], at: Partial<typeof now> | {venue_ms: null} = {}) =>
		dataChecks(market, {...now, ...at}).map(({code, passed, used}) => [code, passed, used])
	it.each([
		[
			'is fresh',
			fresh,
			{},
			[
				['QUOTE', true, '500'],
				['CANDLE', true, '1000'],
				['FEATURES', true, '1000'],
			],
		],
		[
			'was never seen',
			{quote: {}, stale: {}, candle: undefined, features: undefined},
			{},
			[
				['QUOTE', false, 'none seen'],
				['CANDLE', false, 'none seen'],
				['FEATURES', false, 'none seen'],
			],
		],
		[
			'is old',
			fresh,
			{venue_ms: CLOSED_MS + BAR_MS + 1},
			[
				['QUOTE', false, '899501'],
				['CANDLE', false, '900001'],
				['FEATURES', false, '900001'],
			],
		],
		[
			'is of a silent feed and of indicators that warm up',
			{...fresh, stale: {since_ms: '1'}, features: {...candle, ready: 'false'}},
			{},
			[
				['QUOTE', false, '500'],
				['CANDLE', true, '1000'],
				['FEATURES', false, '1000'],
			],
		],
		[
			'is of an unknown age without a clock',
			fresh,
			{venue_ms: null},
			[
				['QUOTE', null, 'unknown'],
				['CANDLE', null, 'unknown'],
				['FEATURES', null, 'unknown'],
			],
		],
	])('%s', (_, market, at, rows) => {
		expect(told(market, at)).toEqual(rows)
	})
})

describe('the signal', () => {
	const of = (remembered: ReturnType<typeof known>, changes: object = {}, at = quote) => {
		const {check: found, intent} = signalNow('BTCUSDT', remembered, at, {...now, ...changes})
		return [found.code, found.passed, found.wait_ms, intent?.side]
	}
	it.each([
		['buys', known(), {}, quote, ['SIGNAL', true, null, 'BUY']],
		[
			'waits after its one intent',
			known({decided: true}),
			{},
			quote,
			['BAR_DECIDED', false, BAR_MS - 1_000, undefined],
		],
		['sees no trend', known({ema_fast: 98}), {}, quote, ['NO_TREND', false, null, undefined]],
		['knows no bar', known({open_ms: 'x'}), {}, quote, ['BAR_MISSING', false, BAR_MS - 1_000, undefined]],
		[
			'knows no wallet',
			{...known(), balance_usdt: undefined, bar: known()?.bar},
			{},
			quote,
			['BALANCE_UNKNOWN', false, null, undefined],
		],
		['warms up', known({ready: false}), {}, quote, ['BAR_WARMING_UP', false, BAR_MS - 1_000, undefined]],
		['has an old quote', known(), {}, {...quote, venue_ms: String(OPEN_MS)}, ['TICK_STALE', false, null, undefined]],
		['is unreadable', rememberedOf('7', 'BTCUSDT'), {}, quote, ['SIGNAL', null, null, undefined]],
		['is absent', undefined, {}, quote, ['SIGNAL', null, null, undefined]],
		['has no clock', known(), {venue_ms: null}, quote, ['SIGNAL', null, null, undefined]],
		[
			'only watches',
			known(),
			{policy: {...defaultPolicy, intent_source: 'autonomous-trader'}},
			quote,
			['INTENT_SOURCE', false, null, undefined],
		],
	])('%s', (_, remembered, changes, at, told) => {
		expect(of(remembered, changes, at)).toEqual(told)
	})
})
