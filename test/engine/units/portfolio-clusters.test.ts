import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {type Interval, intervalMs} from '../../../src/engine/contracts/streams/market.js'
import type {CandleEvent} from '../../../src/engine/logic/candle-sequence.js'
import {correlationOf} from '../../../src/engine/logic/correlation.js'
import {portfolioClusters} from '../../../src/engine/units/state/portfolio-clusters.js'
import {walk} from '../../support/candles.js'
import {drive, HandClock} from '../../support/drive.js'

const START_MS = 1_750_000_500_000
const BARS_MIN = 50
const WINDOW = 96

const candles = (symbol: string, seed: number, count: number, interval: Interval = '15m'): readonly CandleEvent[] =>
	walk({count, seed, symbol, interval, start_ms: START_MS})
/** The same moves, in another symbol and unit. */
const follow = (of: readonly CandleEvent[], symbol: string): CandleEvent[] =>
	of.map(candle => ({...candle, symbol, close: (Number(candle.close) / 7).toFixed(10)}))

/** Each candle at the time at which it closes. */
const play = async (rows: readonly (readonly CandleEvent[])[]) => {
	const clock = new HandClock()
	const unit = await drive(portfolioClusters, {clock})
	const emitted = []
	const count = Math.max(...rows.map(({length}) => length))
	for (let index = 0; index < count; index += 1)
		for (const row of rows) {
			const candle = row[index]
			if (!candle) continue
			clock.venue_ms = candle.open_ms + intervalMs(candle.interval)
			emitted.push(...(await unit.send('candle', candle)).map(({payload}) => payload))
		}
	const record = () => unit.bus.hashAll(unit.naming.key(keys.portfolioClusters, {}))
	return {unit, clock, emitted, record}
}

describe('portfolio-clusters', () => {
	test('one entry per bar, when the candle has closed for every symbol', async () => {
		const {emitted} = await play([candles('AAUSDT', 1, 5), candles('BBUSDT', 2, 5)])
		expect(emitted.map(({open_ms}) => open_ms)).toHaveLength(6)
		expect(new Set(emitted.map(({open_ms}) => open_ms)).size).toBe(5)
		expect(emitted.at(-1)).toMatchObject({
			bars: 0,
			clusters: {AAUSDT: ['AAUSDT'], BBUSDT: ['BBUSDT']},
			correlations: {},
		})
	})

	test('symbols that move together are one cluster once there are enough bars', async () => {
		const one = candles('AAUSDT', 1, BARS_MIN + 1)
		const {emitted} = await play([one, follow(one, 'CCUSDT'), candles('币安人生USDT', 2, BARS_MIN + 1)])
		expect(emitted.at(-2)).toMatchObject({bars: 0, correlations: {}})
		expect(emitted.at(-1)).toMatchObject({
			bars: BARS_MIN,
			clusters: {AAUSDT: ['AAUSDT', 'CCUSDT'], 币安人生USDT: ['币安人生USDT']},
			correlations: {'AAUSDT|CCUSDT': 1},
		})
	})

	test('the correlation is that of the log returns of the newest day', async () => {
		const [one, other] = [candles('AAUSDT', 1, 130), candles('BBUSDT', 2, 130)]
		const returns = (of: readonly CandleEvent[]) =>
			of
				.slice(1)
				.map(({close}, index) => Math.log(Number(close) / Number(of[index]?.close)))
				.slice(-WINDOW)
		const {emitted} = await play([one, other])
		const {bars, correlations} = emitted.at(-1) as {bars: number; correlations: Record<string, number>}
		expect(bars).toBe(WINDOW)
		expect(correlations['AAUSDT|BBUSDT']).toBeCloseTo(correlationOf(returns(one), returns(other)), 3)
	})

	test('candles of the past are remembered and not told', async () => {
		const clock = new HandClock(START_MS + 60 * intervalMs('15m'))
		const unit = await drive(portfolioClusters, {clock})
		const emitted = []
		for (const candle of candles('AAUSDT', 1, 60)) emitted.push(...(await unit.send('candle', candle)))
		expect(emitted.length).toBeLessThanOrEqual(2)
	})

	test('a symbol that is gone is not waited for', async () => {
		const [one, gone] = [candles('AAUSDT', 1, 20), candles('BBUSDT', 2, 10)]
		const {emitted} = await play([one, gone])
		expect(emitted.at(-1)).toMatchObject({clusters: {AAUSDT: ['AAUSDT']}})
		expect(emitted.at(-1)?.clusters).not.toHaveProperty('BBUSDT')
	})

	test('a hole starts the symbol anew', async () => {
		const [one, other] = [candles('AAUSDT', 1, 70), candles('BBUSDT', 2, 70)]
		const {emitted} = await play([one, other.filter((_, index) => index !== 60)])
		expect(emitted.at(-1)).toMatchObject({bars: 69, correlations: {}})
	})

	test('1-minute candles serve where there are no others, and go when there are', async () => {
		const {unit, clock, emitted} = await play([candles('AAUSDT', 1, 60, '1m')])
		expect(emitted.at(-1)).toMatchObject({bars: 59})
		const [slow, ...rest] = candles('AAUSDT', 3, 3)
		clock.venue_ms = (slow?.open_ms ?? 0) + intervalMs('15m')
		expect(await unit.send('candle', slow ?? {})).toHaveLength(1)
		const fast = {...rest[0], interval: '1m', open_ms: clock.venue_ms}
		expect(await unit.send('candle', fast)).toEqual([])
	})

	test('the record is confirmed between two bars', async () => {
		const {unit, clock, record} = await play([candles('AAUSDT', 1, 3)])
		const before = await record()
		clock.advance(5_000)
		await unit.timer('confirm')
		expect(await record()).toEqual({...before, machine_ms: String(clock.machine_ms)})
		expect(JSON.parse(before.clusters ?? '')).toEqual({AAUSDT: ['AAUSDT']})
	})

	test('before the first there is nothing to confirm, and shadow candles count nothing', async () => {
		const clock = new HandClock(START_MS + intervalMs('15m'))
		const unit = await drive(portfolioClusters, {clock})
		expect(await unit.send('candle', candles('AAUSDT', 1, 1)[0] ?? {}, {authority: 'shadow'})).toEqual([])
		await unit.timer('confirm')
		expect(await unit.bus.hashAll(unit.naming.key(keys.portfolioClusters, {}))).toEqual({})
	})
})
