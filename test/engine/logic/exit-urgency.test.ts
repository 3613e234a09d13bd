import * as fc from 'fast-check'
import {expect, test} from 'vitest'
import {killScoreOf, URGENCY_WEIGHTS, urgencyOf} from '../../../src/engine/logic/exit-urgency.js'

const quiet = {
	direction: 1 as const,
	market: {volatility_ewma: 0.001, volatility_ratio: 1, trend_strength: 0},
	age_ms: 0,
	age_max_ms: 1_000,
	gain: 0,
	distance: 0.01,
}
const market = (changes: object) => ({market: {...quiet.market, ...changes}})

test.each<readonly [string, Partial<Parameters<typeof urgencyOf>[0]>, number]>([
	['nothing', {}, 0],
	['volatility twice the usual', market({volatility_ratio: 2}), 0.15],
	['three times and more', market({volatility_ratio: 9}), 0.3],
	['quieter than usual', market({volatility_ratio: 0.2}), 0],
	['a trend against a long', market({trend_strength: -0.5}), 0.15],
	['with it', market({trend_strength: 1}), 0],
	['against a short', {...market({trend_strength: 1}), direction: -1}, 0.3],
	['half of the age', {age_ms: 500}, 0.075],
	['older than that', {age_ms: 9_000}, 0.15],
	['half way to the internal stop', {gain: -0.005}, 0.125],
	['beyond it', {gain: -0.05}, 0.25],
	['in profit', {gain: 0.05}, 0],
	['without a state of the market', {market: undefined, age_ms: 9_000, gain: -1}, 0.4],
])('%s: %d', (_, changes, expected) => {
	expect(killScoreOf(urgencyOf({...quiet, ...changes}))).toBe(expected)
})

test('the weights add up to 1, so that the score lies inside 0 and 1 whatever happens; no part closes alone', () => {
	expect(Object.values(URGENCY_WEIGHTS).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
	expect(Math.max(...Object.values(URGENCY_WEIGHTS))).toBeLessThan(0.65)
	const any = fc.double({min: -1e6, max: 1e6, noNaN: true})
	fc.assert(
		fc.property(any, any, any, any, (volatility_ratio, trend_strength, age_ms, gain) => {
			const score = killScoreOf(urgencyOf({...quiet, ...market({volatility_ratio, trend_strength}), age_ms, gain}))
			expect(score).toBeGreaterThanOrEqual(0)
			expect(score).toBeLessThanOrEqual(1)
		}),
	)
})
