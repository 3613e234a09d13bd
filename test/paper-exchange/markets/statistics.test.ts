import {describe, expect, it} from 'vitest'
import {
	type MarketStatistics,
	type MinuteBars,
	measureBars,
	returnCorrelation,
} from '../../../src/paper-exchange/markets/statistics.js'
import {syntheticBars} from '../../../src/paper-exchange/markets/statistics-source.js'
import {judge} from '../../../src/paper-exchange/markets/statistics-table.js'
import {RECORDED_CORRELATION, RECORDED_RANGES} from './recorded-ranges.js'

const SEED = 1
const DAYS = 30

function median(values: readonly number[]): number {
	const sorted = [...values].sort((one, other) => one - other)
	return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2
}

describe('a seeded month of the synthetic market', () => {
	const bars = syntheticBars(SEED, DAYS)
	const measured = [...bars.values()].map(measureBars)
	const keys = Object.keys(RECORDED_RANGES) as (keyof MarketStatistics)[]

	it.each(keys)('has its %s, the median of its symbols, inside the recorded range', key => {
		const [low, high] = RECORDED_RANGES[key]
		const found = median(measured.map(figures => figures[key]))
		expect(found).toBeGreaterThanOrEqual(low)
		expect(found).toBeLessThanOrEqual(high)
	})

	it('has symbols that move together as recorded ones do', () => {
		const reference = bars.get('BTCUSDT') as MinuteBars
		const others = [...bars].filter(([symbol]) => symbol !== 'BTCUSDT')
		for (const [, other] of others) {
			const found = returnCorrelation(reference, other, 1)
			expect(found).toBeGreaterThan(RECORDED_CORRELATION[0] - 0.02)
			expect(found).toBeLessThan(RECORDED_CORRELATION[1] + 0.02)
		}
	})
})

describe('the figures', () => {
	const still = Float64Array.from({length: 6000}, (_, at) => 100 * Math.exp(at % 2 === 0 ? 0 : 0.001))
	const swinging = {open: still, high: still, low: still, close: still, volume: still}

	it('know a market that only swings', () => {
		const figures = measureBars(swinging)
		expect(figures.return_sd_bps).toBeCloseTo(10, 2)
		expect(figures.return_acf_1).toBeCloseTo(-1, 2)
		expect(figures.excess_kurtosis).toBeCloseTo(-2, 2)
		expect(figures.variance_ratio_60).toBeCloseTo(0, 3)
	})

	it('refuse too little', () => {
		const short = Float64Array.of(1, 2, 3)
		expect(() => measureBars({open: short, high: short, low: short, close: short, volume: short})).toThrow(
			/at least 4320/,
		)
	})

	it('call a row inside only when every value is', () => {
		expect(judge({name: 'x', recorded: [1, 3], synthetic: [1, 2, 3]}).inside).toBe(true)
		expect(judge({name: 'x', recorded: [1, 3], synthetic: [1, 2, 3.1]}).inside).toBe(false)
	})
})
