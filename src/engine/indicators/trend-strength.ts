import {meanOf, type Window} from './window.js'

/**
 * Strength of a trend from -1 (straight down) to 1 (straight up): Pearson's correlation of the log closes with time.
 * It is the t-value of the slope of their regression line, squashed: r = t / sqrt(t^2 + n - 2) (Draper and Smith,
 * Applied Regression Analysis, 3rd edition, 1998, section 1.6). 0 where nothing moves.
 * @param closes oldest first, above 0, at least two
 */
export const trendStrength = (closes: Window): number => {
	const logs = closes.map(Math.log)
	const [middle, mean] = [(logs.length - 1) / 2, meanOf(logs)]
	let [both, times, prices] = [0, 0, 0]
	for (const [index, log] of logs.entries()) {
		both += (index - middle) * (log - mean)
		times += (index - middle) ** 2
		prices += (log - mean) ** 2
	}
	const size = Math.sqrt(times * prices)
	return size === 0 ? 0 : Math.min(1, Math.max(-1, both / size))
}
