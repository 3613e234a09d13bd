import {describe, expect, it} from 'vitest'
import {instantMs} from '../../../src/daemon/client/time-span.js'
import {askOf, bridgeCheck, intentFor, notionalOf, portfolioChecks} from '../../../src/daemon/client/why-ask.js'
import {dataChecks, rememberedOf, signalNow} from '../../../src/daemon/client/why-data.js'
import {gateChecks} from '../../../src/daemon/client/why-gates.js'
import {codeOf, isOf, operatorAt, positionAt, saidOf} from '../../../src/daemon/client/why-past.js'
import {rateWait, unitCheck, waitsOf} from '../../../src/daemon/client/why-system.js'
import {checkOf, verdictOf, type WhyCheck} from '../../../src/daemon/client/why-verdict.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {intervalMs} from '../../../src/engine/contracts/streams/market.js'
import {bridgeReasons, bridgeRemedies} from '../../../src/engine/logic/intent-to-plan.js'
import {emptyGate} from '../../../src/engine/logic/portfolio-gate.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {verdictText, whyView} from '../../../src/tui/plain/why-view.js'

const BAR_MS = intervalMs('15m')
const OPEN_MS = 1_749_999_600_000
const CLOSED_MS = OPEN_MS + BAR_MS
const now = {venue_ms: CLOSED_MS + 1_000, machine_ms: 5_000, speed: 1, policy: defaultPolicy}
const quote = {bid: '99.9', ask: '100.1', venue_ms: String(CLOSED_MS + 500), machine_ms: '4900'}
const bar = {
	interval: '15m',
	open_ms: OPEN_MS,
	ready: true,
	decided: false,
	rsi_14: 60,
	macd_histogram: 0.15,
	bollinger_upper: 102,
	bollinger_middle: 99,
	bollinger_lower: 96,
	atr_14: 1,
	ema_fast: 99.5,
	ema_slow: 98.5,
}
const known = (changes: object = {}, balance_usdt: string | undefined = '10000') =>
	rememberedOf(JSON.stringify({balance_usdt, bars: {BTCUSDT: {...bar, ...changes}}}), 'BTCUSDT')

const check = (step: WhyCheck['step'], code: string, passed: boolean | null, more: Partial<WhyCheck> = {}) =>
	checkOf({step, code, passed, ...more})

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

describe('waits', () => {
	it.each([
		[[], 2, 0],
		[[100], 2, 0],
		[[100, 200], 2, 1_000 - 400],
		[[100, 200, 300], 2, 1_000 - 300],
		[[-900, 200], 2, 0],
	])('entries at %j of at most %i within 1,000 ms: %i ms at 500', (entries, count_max, wait_ms) => {
		expect(rateWait(entries, 1_000, count_max, 500)).toBe(wait_ms)
	})

	it('are told of the gate that refuses, with who is behind it', () => {
		const row = {limit: '60000', meaning: '', remedy: 'wait', unit: 'ms' as const, policy: 'cooldown_ms'}
		const waits = waitsOf({policy: defaultPolicy, now_ms: 10_000, cooldown_ms: 2_000, entries: []})
		const rows = gateChecks({
			rows: [
				{...row, code: 'COOLDOWN', passed: false, used: '8000'},
				{...row, code: 'KILLED', passed: false, used: ''},
				{...row, code: 'PAUSED', passed: true, used: ''},
			],
			behind: {KILLED: 'stopped by ada', PAUSED: 'never shown'},
			waits,
		})
		expect(rows.map(({step, code, used, wait_ms}) => [step, code, used, wait_ms])).toEqual([
			['governor', 'COOLDOWN', '8000', 52_000],
			['system', 'KILLED', 'stopped by ada', null],
			['system', 'PAUSED', '', null],
		])
	})
})

it('does not know whether units run when the daemon is silent', () => {
	expect(unitCheck(undefined, 'ECONNRESET')).toMatchObject({passed: null, used: expect.stringContaining('ECONNRESET')})
})

describe('the words', () => {
	const why = {
		symbol: 'BTCUSDT',
		ask: {side: 'BUY' as const, notional_usdt: '200', from: 'policy' as const},
		position: null,
		newest: null,
		venue_ms: 60_000,
		machine_ms: 5_000,
		speed: 60,
	}
	const cooldown = check('governor', 'COOLDOWN', false, {
		used: '8000',
		limit: '60000',
		unit: 'ms',
		wait_ms: 52_000,
		remedy: 'wait',
	})
	const told = (checks: readonly WhyCheck[], changes: object = {}) => {
		const all = {...why, checks, ...changes}
		return {...all, verdict: verdictOf({held: all.position !== null, checks, signal_counts: true})}
	}
	it('say for how long, at the venue and here', () => {
		expect(verdictText(told([cooldown]))).toBe(
			'BUY 200 USDT would be refused: COOLDOWN for 52.0 s of the venue’s time (866 ms here) more',
		)
	})

	it('say value and limit, and what refuses besides', () => {
		const spread = check('governor', 'SPREAD_WIDE', false, {used: '25', limit: '20', unit: 'bps'})
		expect(verdictText(told([spread, cooldown]))).toBe(
			'BUY 200 USDT would be refused: SPREAD_WIDE: 25 bps, limit 20 bps; COOLDOWN besides',
		)
	})

	it('say since when there is a position, and whether a stop rests', () => {
		const position = {
			amount: '-0.5',
			entry_price: '100',
			opened_ms: 30_000,
			opened_by: 'operator',
			foreign: '',
			stop_resting: false,
			stop_price: '',
		}
		expect(verdictText(told([cooldown], {position}))).toBe(
			'has a position: SHORT -0.5 at 100 since 1970-01-01 00:00:30 of the venue’s time, for 30.0 s, opened by operator; NO stop rests',
		)
	})

	it('do not obey what a terminal would', () => {
		const shown = whyView(told([check('system', 'KILLED', false, {used: 'stopped by \u001b[2Jx'})]), plainPaint)
		expect(shown).not.toContain('\u001b')
		expect(shown).toContain('stopped by x')
	})
})

describe('the past', () => {
	const entry = (fields: Record<string, string>) => ({stream: 'governor.events', stream_id: '1000-0', fields})
	it('tells the values that a verdict carried', () => {
		const fields = {
			plan_id: 'p1',
			symbol: 'BTCUSDT',
			verdict: 'REFUSE',
			reason: 'COOLDOWN',
			used: '8000',
			limit: '60000',
			unit: 'governor',
		}
		expect(saidOf(entry(fields))).toMatchObject({
			said: 'REFUSE',
			reason: 'COOLDOWN',
			used: '8000',
			limit: '60000',
			id: 'p1',
		})
	})

	it.each([
		[{symbol: 'BTCUSDT'}, true],
		[{symbol: 'ETHUSDT'}, false],
		[{fields: '{"symbol":"BTCUSDT"}'}, true],
		[{fields: 'no json'}, false],
		[{}, false],
	])('an entry with %j tells of the symbol: %s', (fields, tells) => {
		expect(isOf(entry(fields), 'BTCUSDT')).toBe(tells)
	})

	it('says what held', () => {
		const position = positionAt(entry({amount: '1', entry_price: '100', opened_ms: '5'}))
		expect(positionAt(entry({amount: '0'}))).toBeNull()
		expect(codeOf({position, newest: null, recorded: true})).toBe('POSITION')
		expect(codeOf({position: null, newest: null, recorded: true})).toBe('NO_INTENT')
		expect(codeOf({position: null, newest: null, recorded: false})).toBe('UNRECORDED')
	})

	it('names the last that people did before', () => {
		const line = (what: string, time_ms: number) => ({
			n: 1,
			who: 'ada',
			what,
			why: 'drill',
			outcome: 'DONE',
			time_ms,
			before: {},
			after: {},
			timings: {},
			previous: '',
			hash: '',
		})
		const lines = [line('go', 10), line('order place', 20), line('kill', 30)]
		expect(operatorAt(lines, 25)).toMatchObject({what: 'go', time_ms: 10})
		expect(operatorAt(lines, 5)).toBeNull()
	})

	it.each([
		['10m ago', 400_000],
		['10m', 400_000],
		['1970-01-01T00:00:01.250Z', 1_250],
		['1970-01-01 00:01', 60_000],
	])('%s is an instant', (text, at_ms) => {
		expect(instantMs('--at', text, 1_000_000)).toBe(at_ms)
	})

	it.each(['', 'soon', '10 m', '-5m', '9999999d', '2026-13-01', '\u001b[2J'])('%j is none', text => {
		expect(() => instantMs('--at', text, 1_000_000)).toThrow(/^--at .*: expected how long ago, or when in UTC$/)
	})
})
