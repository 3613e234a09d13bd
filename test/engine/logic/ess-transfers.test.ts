import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {readRules} from '../../../src/engine/logic/ess.js'
import {type EssWatch, nothingSeen, withEquity} from '../../../src/engine/logic/ess-watch.js'

const NOW = Date.UTC(2026, 10, 21, 12)
const at = {ess: defaultPolicy.ess, machine_ms: 1_000_000, now_ms: NOW}
const rich = withEquity(nothingSeen, '1000', NOW)
const worth = (equity: string) => withEquity(rich, equity, NOW)

describe('a transfer is neither gain nor loss', () => {
	const of = (watch: EssWatch, rule: string) => readRules(watch, at).find(reading => reading.rule === rule)?.used
	test.each<[string, string, string, string, string]>([
		['a withdrawal', '1000', '500', '-500', '0'],
		['a withdrawal of all', '1000', '0', '-1000', '0'],
		['a deposit', '1000', '2500', '1500', '0'],
		['a deposit hides no loss', '900', '1900', '1000', '0.1'],
		['a withdrawal makes none larger', '900', '450', '-450', '0.1'],
		['a loss beside a withdrawal', '1000', '400', '-500', '0.1'],
		['into nothing', '0', '500', '500', '0.666667'],
	])('%s', (_, before, after, moved, lost) => {
		const watch = withEquity(worth(before), after, NOW, moved)
		expect([of(watch, 'DAILY_LOSS'), of(watch, 'DRAWDOWN')]).toEqual([lost, lost])
		expect(withEquity(watch, after, NOW, moved)).toEqual(watch)
	})

	test('transfers anywhere in a history leave loss of the day and drawdown as if they had not happened', () => {
		const step = fc.record({
			/** Gain of the equity; what then comes into the account, or leaves it, as a share of it; and how long it lasts. */
			gain: fc.double({min: -0.2, max: 0.2, noNaN: true}),
			transfer: fc.option(fc.double({min: -0.95, max: 10, noNaN: true}), {nil: 0}),
			hours: fc.integer({min: 0, max: 30}),
		})
		fc.assert(
			fc.property(fc.array(step, {minLength: 1, maxLength: 20}), steps => {
				let [plain, moved] = [rich, rich]
				let [alone, held, transfers, ms] = [1000, 1000, 0, NOW]
				for (const {gain, transfer, hours} of steps) {
					ms += hours * 3_600_000
					alone *= 1 + gain
					const came = held * (1 + gain) * transfer
					held = held * (1 + gain) + came
					transfers += came
					plain = withEquity(plain, alone.toFixed(12), ms)
					moved = withEquity(moved, held.toFixed(12), ms, transfers.toFixed(12))
					for (const rule of ['DAILY_LOSS', 'DRAWDOWN'])
						expect(Number(of(moved, rule))).toBeCloseTo(Number(of(plain, rule)), 4)
				}
			}),
		)
	})
})
