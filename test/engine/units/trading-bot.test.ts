import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy, type Policy} from '../../../src/engine/contracts/policy.js'
import {intervalMs} from '../../../src/engine/contracts/streams/market.js'
import {type FeatureSeries, type Features, featuresOf, nextSeries} from '../../../src/engine/logic/feature-series.js'
import {tradingBot} from '../../../src/engine/units/ai/trading-bot.js'
import {walk} from '../../support/candles.js'
import {drive, HandClock} from '../../support/drive.js'

const BAR_MS = intervalMs('15m')
const OPEN_MS = 1_749_999_600_000

const rising: Features = {
	symbol: 'BTCUSDT',
	feature_version: 1,
	interval: '15m',
	open_ms: OPEN_MS,
	close: '100',
	ready: true,
	rsi_14: 60,
	macd: 0.5,
	macd_signal: 0.35,
	macd_histogram: 0.15,
	bollinger_upper: 102,
	bollinger_middle: 99,
	bollinger_lower: 96,
	atr_14: 1,
	ema_fast: 99.5,
	ema_slow: 98.5,
	return_1: 0,
	return_5: 0,
	return_15: 0,
	volume_ratio: 1,
	spread_bps: 1,
}
const falling: Features = {
	...rising,
	rsi_14: 40,
	macd_histogram: -0.15,
	bollinger_middle: 101,
	ema_fast: 98.5,
	ema_slow: 99.5,
}
const tick = {symbol: 'BTCUSDT', bid: '99.9', ask: '100.1', bid_quantity: '1', ask_quantity: '1', received_ms: 1}
const balance = {asset: 'USDT', wallet_balance: '10000', change: '0', reason: 'SNAPSHOT'}

/** A bot that knows its balance, one second after the bar closed. */
const start = async (options: {policy?: Partial<Policy>; speed?: number; balance?: string} = {}) => {
	const clock = new HandClock(OPEN_MS + BAR_MS + 1_000, 1_700_000_000_000, options.speed ?? 1)
	const unit = await drive(tradingBot, {clock, ...(options.policy && {policy: options.policy})})
	await unit.send('balance', {...balance, wallet_balance: options.balance ?? '10000'})
	return unit
}
const intentsOf = (emitted: ReadonlyArray<{payload: Record<string, unknown>}>) => emitted.map(({payload}) => payload)

describe('an intent', () => {
	test('to buy carries the ask, stop and target by policy, margin and leverage', async () => {
		const unit = await start()
		await unit.send('features', rising)
		const [intent, ...more] = await unit.send('tick', tick)
		expect(intent?.payload).toEqual({
			symbol: 'BTCUSDT',
			side: 'BUY',
			action: 'OPEN',
			confidence: 0.7222,
			entry_price: '100.1',
			stop_loss: '97.097',
			take_profit: '104.09399',
			position_size_usd: '200',
			leverage: 1,
			model: 'trend-following',
			data_ms: unit.clock.venue(),
			signal_id: expect.any(String),
		})
		expect(intent?.envelope.authority).toBe('live')
		expect(more).toEqual([])
	})

	test('to sell carries the bid, with the stop above', async () => {
		const unit = await start()
		await unit.send('features', falling)
		const [intent] = await unit.send('tick', tick)
		expect(intent?.payload).toMatchObject({
			side: 'SELL',
			entry_price: '99.9',
			stop_loss: '102.897',
			take_profit: '95.91399',
		})
	})

	test('follows a wide ATR with its stop', async () => {
		const unit = await start({policy: {stop: {...defaultPolicy.stop, atr_multiple: 5}}})
		await unit.send('features', {...rising, atr_14: 1.2})
		const [intent] = await unit.send('tick', tick)
		expect(intent?.payload).toMatchObject({stop_loss: '94.1', take_profit: '108.08', leverage: 1})
	})

	test('is one per bar, and the next bar gives the next', async () => {
		const unit = await start()
		await unit.send('features', rising)
		expect(await unit.send('tick', tick)).toHaveLength(1)
		expect(await unit.send('tick', {...tick, bid: '100'})).toHaveLength(0)
		await unit.send('features', rising)
		expect(await unit.send('tick', tick)).toHaveLength(0)
		unit.clock.advance(BAR_MS)
		await unit.send('features', {...rising, open_ms: OPEN_MS + BAR_MS})
		expect(await unit.send('tick', tick)).toHaveLength(1)
	})

	test('waits within the bar until the price agrees', async () => {
		const unit = await start()
		await unit.send('features', rising)
		expect(await unit.send('tick', {...tick, bid: '98', ask: '98.2'})).toHaveLength(0)
		expect(await unit.send('tick', tick)).toHaveLength(1)
	})

	test('of one symbol does not use up the bar of another', async () => {
		const unit = await start()
		await unit.send('features', rising)
		await unit.send('features', {...falling, symbol: '币安人生USDT'})
		expect(intentsOf(await unit.send('tick', tick))).toMatchObject([{symbol: 'BTCUSDT', side: 'BUY'}])
		expect(intentsOf(await unit.send('tick', {...tick, symbol: '币安人生USDT'}))).toMatchObject([
			{symbol: '币安人生USDT', side: 'SELL'},
		])
	})
})

describe('no intent', () => {
	test.each<{
		why: string
		features?: Partial<Features>
		tick_age_ms?: number
		late_ms?: number
		balance?: string
		speed?: number
		policy?: Partial<Policy>
	}>([
		{why: 'features warm up', features: {ready: false}},
		{why: 'another interval', features: {interval: '1m'}},
		{why: 'the policy decides on another bar', policy: {bar: '1h'}},
		{why: 'the tick is old', tick_age_ms: 10_001},
		{why: 'the tick is from the future', tick_age_ms: -10_001},
		{why: 'the tick is old even at speed', tick_age_ms: 120_001, speed: 60},
		{why: 'the bar is old', late_ms: BAR_MS},
		{why: 'the balance is nothing', balance: '0'},
		{why: 'the balance is negative', balance: '-5'},
		{
			why: 'the target of a short would be no price',
			features: falling,
			policy: {stop: {distance_min: 0.8, atr_multiple: 0.3, target_multiple: 1.33, loss_share_max: 0.1}},
		},
	])('when $why', async ({features = {}, tick_age_ms = 0, late_ms = 0, ...options}) => {
		const unit = await start(options)
		await unit.send('features', {...rising, ...features})
		unit.clock.advance(late_ms)
		expect(await unit.send('tick', tick, {ts: unit.clock.venue() - tick_age_ms})).toEqual([])
	})

	test('before the balance is known, or when it is of another asset', async () => {
		const clock = new HandClock(OPEN_MS + BAR_MS)
		const unit = await drive(tradingBot, {clock})
		await unit.send('features', rising)
		expect(await unit.send('tick', tick)).toEqual([])
		await unit.send('balance', {...balance, asset: 'BNB'})
		expect(await unit.send('tick', tick)).toEqual([])
		await unit.send('balance', balance)
		expect(await unit.send('tick', tick)).toHaveLength(1)
	})

	test('on features that are only measured', async () => {
		const unit = await start()
		await unit.send('features', rising, {authority: 'shadow'})
		expect(await unit.send('tick', tick)).toEqual([])
	})

	test('for a symbol named like something every object has', async () => {
		const unit = await start()
		for (const symbol of ['__proto__', 'constructor', 'toString'])
			expect(await unit.send('tick', {...tick, symbol})).toEqual([])
	})
})

test.each([
	{tick_age_ms: 10_000, speed: 1},
	{tick_age_ms: 120_000, speed: 60},
])('a tick of $tick_age_ms ms is young enough at speed $speed', async ({tick_age_ms, speed}) => {
	const unit = await start({speed})
	await unit.send('features', rising)
	expect(await unit.send('tick', tick, {ts: unit.clock.venue() - tick_age_ms})).toHaveLength(1)
})

test.each<{intent_source: Policy['intent_source']; tick_authority: 'live' | 'shadow'; expected: string}>([
	{intent_source: 'auto', tick_authority: 'live', expected: 'live'},
	{intent_source: 'trading-bot', tick_authority: 'live', expected: 'live'},
	{intent_source: 'autonomous-trader', tick_authority: 'live', expected: 'shadow'},
	{intent_source: 'auto', tick_authority: 'shadow', expected: 'shadow'},
])(
	'with intent_source $intent_source, a $tick_authority tick leads to a $expected intent',
	async ({intent_source, tick_authority, expected}) => {
		const unit = await start({policy: {intent_source}})
		await unit.send('features', rising)
		const [intent] = await unit.send('tick', tick, {authority: tick_authority})
		expect(intent?.envelope.authority).toBe(expected)
	},
)

describe('it really trades', () => {
	/** A day of quarter hours after the warm-up, one tick at each close. */
	const trade = async (drift: number, seed: number) => {
		const candles = walk({count: 50 + 96, seed, drift})
		const clock = new HandClock()
		const unit = await drive(tradingBot, {clock})
		await unit.send('balance', balance)
		let series: FeatureSeries | undefined
		const sides: unknown[] = []
		for (const candle of candles) {
			series = nextSeries(series, candle) ?? series
			if (!series) continue
			clock.venue_ms = candle.open_ms + BAR_MS + 500
			await unit.send('features', featuresOf(series, candle, 1))
			const price = Number(candle.close)
			const quote = {...tick, bid: (price * 0.9999).toFixed(4), ask: (price * 1.0001).toFixed(4)}
			sides.push(...intentsOf(await unit.send('tick', quote)).map(({side}) => side))
		}
		return sides
	}

	test.each([
		{drift: 0.0004, side: 'BUY'},
		{drift: -0.0004, side: 'SELL'},
	])('several times a day in a market that drifts $drift a bar, mostly $side', async ({drift, side}) => {
		for (const seed of [1, 2, 3]) {
			const sides = await trade(drift, seed)
			expect(sides.length).toBeGreaterThanOrEqual(8)
			expect(sides.filter(item => item === side).length / sides.length).toBeGreaterThan(0.7)
		}
	})

	test('and also where there is no drift', async () => {
		expect((await trade(0, 4)).length).toBeGreaterThanOrEqual(3)
	})
})

test('whatever it reads, each intent is sound; restarted before every event it does the same', async () => {
	const numbers = fc.record({
		rsi_14: fc.double({min: 0, max: 100, noNaN: true}),
		macd_histogram: fc.double({min: -5, max: 5, noNaN: true}),
		bollinger_middle: fc.double({min: 90, max: 110, noNaN: true}),
		atr_14: fc.double({min: 0, max: 10, noNaN: true}),
		ema_fast: fc.double({min: 90, max: 110, noNaN: true}),
		ema_slow: fc.double({min: 90, max: 110, noNaN: true}),
	})
	const event = fc.oneof(
		fc.record({kind: fc.constant('features' as const), numbers}),
		fc.record({kind: fc.constant('tick' as const), price: fc.double({min: 50, max: 150, noNaN: true})}),
		fc.record({kind: fc.constant('balance' as const), usdt: fc.constantFrom('0', '50', '1000', '123456.789')}),
	)
	await fc.assert(
		fc.asyncProperty(fc.array(event, {minLength: 5, maxLength: 25}), async events => {
			const tell = async (restarting: boolean) => {
				const clock = new HandClock(OPEN_MS + BAR_MS)
				let unit = await drive(tradingBot, {clock})
				await unit.send('balance', balance, {id: 'first'})
				for (const [index, what] of events.entries()) {
					if (restarting) unit = await drive(tradingBot, {clock, bus: unit.bus})
					clock.advance(BAR_MS / 4)
					const open_ms = Math.floor(clock.venue() / BAR_MS) * BAR_MS - BAR_MS
					const id = {id: `event-${index}`}
					if (what.kind === 'features') await unit.send('features', {...rising, ...what.numbers, open_ms}, id)
					else if (what.kind === 'balance') await unit.send('balance', {...balance, wallet_balance: what.usdt}, id)
					else await unit.send('tick', {...tick, bid: what.price.toFixed(4), ask: (what.price + 0.1).toFixed(4)}, id)
				}
				return (await unit.bus.range(unit.naming.stream('trade.intent'), {count: 100})).map(({fields}) => fields)
			}
			const intents = await tell(false)
			expect(await tell(true)).toEqual(intents)
			for (const {side, entry_price, stop_loss, take_profit, confidence, leverage} of intents) {
				const direction = side === 'BUY' ? 1 : -1
				expect((Number(entry_price) - Number(stop_loss)) * direction).toBeGreaterThan(0)
				expect((Number(take_profit) - Number(entry_price)) * direction).toBeGreaterThan(0)
				expect(Number(confidence)).toBeGreaterThanOrEqual(0.5)
				expect(Number(confidence)).toBeLessThanOrEqual(1)
				expect([1, 2, 3]).toContain(Number(leverage))
			}
		}),
		{numRuns: 60},
	)
})
