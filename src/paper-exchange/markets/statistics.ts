/**
 * Figures that describe how a market moves, from 1-minute candles. The same functions measure recorded and
 * synthetic data, so that the two can be put side by side.
 */

const MINUTES_PER_YEAR = 525_600
const MINUTES_PER_DAY = 1440
const MINUTES_PER_HOUR = 60
/** An hour is one point of the hourly volatility distribution; fewer hours than this give no percentiles. */
const MIN_MINUTES = 3 * MINUTES_PER_DAY

export type MinuteBars = Readonly<{
	open: Float64Array
	high: Float64Array
	low: Float64Array
	close: Float64Array
	volume: Float64Array
}>

/** One number per property; units in the names, ratios without. */
export type MarketStatistics = Readonly<{
	return_sd_bps: number
	annual_volatility_pct: number
	excess_kurtosis: number
	return_acf_1: number
	absolute_acf_1: number
	absolute_acf_10: number
	absolute_acf_60: number
	beyond_5_sd_share_ppm: number
	hourly_volatility_p5_bps: number
	hourly_volatility_p50_bps: number
	hourly_volatility_p95_bps: number
	daily_range_pct: number
	range_to_return: number
	variance_ratio_15: number
	variance_ratio_60: number
	variance_ratio_240: number
	volume_volatility_correlation: number
}>

/**
 * Measures one symbol.
 * @throws Error when there are fewer than three days of minutes.
 */
export function measureBars(bars: MinuteBars): MarketStatistics {
	if (bars.close.length < MIN_MINUTES)
		throw new Error(`statistics need at least ${MIN_MINUTES} one-minute candles, got ${bars.close.length}`)
	const returns = logReturns(bars.close, 1)
	const sd = Math.sqrt(variance(returns))
	const absolute = returns.map(Math.abs)
	const hourly = hourlyVolatility(returns).sort()
	const ranges = bars.high.map((high, at) => Math.log(high / (bars.low[at] ?? high)))
	return {
		return_sd_bps: sd * 1e4,
		annual_volatility_pct: sd * Math.sqrt(MINUTES_PER_YEAR) * 100,
		excess_kurtosis: excessKurtosis(returns),
		return_acf_1: autocorrelation(returns, 1),
		absolute_acf_1: autocorrelation(absolute, 1),
		absolute_acf_10: autocorrelation(absolute, 10),
		absolute_acf_60: autocorrelation(absolute, 60),
		beyond_5_sd_share_ppm: (absolute.filter(size => size > 5 * sd).length / absolute.length) * 1e6,
		hourly_volatility_p5_bps: percentile(hourly, 0.05) * 1e4,
		hourly_volatility_p50_bps: percentile(hourly, 0.5) * 1e4,
		hourly_volatility_p95_bps: percentile(hourly, 0.95) * 1e4,
		daily_range_pct: dailyRange(bars) * 100,
		range_to_return: mean(ranges) / mean(absolute),
		variance_ratio_15: varianceRatio(bars.close, 15),
		variance_ratio_60: varianceRatio(bars.close, 60),
		variance_ratio_240: varianceRatio(bars.close, 240),
		volume_volatility_correlation: correlation(bars.volume.slice(1), absolute),
	}
}

/** Correlation of the returns over `span` minutes of two symbols whose bars cover the same minutes. */
export function returnCorrelation(one: MinuteBars, other: MinuteBars, span: number): number {
	const length = Math.min(one.close.length, other.close.length)
	return correlation(logReturns(one.close.slice(0, length), span), logReturns(other.close.slice(0, length), span))
}

export function percentile(sorted: ArrayLike<number>, share: number): number {
	const at = Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))
	return sorted[at] ?? Number.NaN
}

export function mean(values: ArrayLike<number>): number {
	let sum = 0
	for (let at = 0; at < values.length; at++) sum += values[at] ?? 0
	return sum / values.length
}

export function correlation(one: ArrayLike<number>, other: ArrayLike<number>): number {
	const meanOne = mean(one)
	const meanOther = mean(other)
	let cross = 0
	let squareOne = 0
	let squareOther = 0
	for (let at = 0; at < one.length; at++) {
		const left = (one[at] ?? 0) - meanOne
		const right = (other[at] ?? 0) - meanOther
		cross += left * right
		squareOne += left * left
		squareOther += right * right
	}
	return cross / Math.sqrt(squareOne * squareOther)
}

function logReturns(close: Float64Array, span: number): Float64Array {
	const returns = new Float64Array(Math.floor((close.length - 1) / span))
	for (let at = 0; at < returns.length; at++)
		returns[at] = Math.log((close[(at + 1) * span] ?? 1) / (close[at * span] ?? 1))
	return returns
}

function variance(values: ArrayLike<number>): number {
	const centre = mean(values)
	let sum = 0
	for (let at = 0; at < values.length; at++) sum += ((values[at] ?? 0) - centre) ** 2
	return sum / values.length
}

function excessKurtosis(values: ArrayLike<number>): number {
	const centre = mean(values)
	let fourth = 0
	for (let at = 0; at < values.length; at++) fourth += ((values[at] ?? 0) - centre) ** 4
	return fourth / values.length / variance(values) ** 2 - 3
}

function autocorrelation(values: Float64Array, lag: number): number {
	return correlation(values.subarray(0, values.length - lag), values.subarray(lag))
}

/** Variance of returns over `span` minutes against `span` one-minute variances: above 1 moves continue, below they revert. */
function varianceRatio(close: Float64Array, span: number): number {
	const overlapping = new Float64Array(close.length - span)
	for (let at = 0; at < overlapping.length; at++) overlapping[at] = Math.log((close[at + span] ?? 1) / (close[at] ?? 1))
	return variance(overlapping) / (span * variance(logReturns(close, 1)))
}

function hourlyVolatility(returns: Float64Array): Float64Array {
	const hours = new Float64Array(Math.floor(returns.length / MINUTES_PER_HOUR))
	for (let hour = 0; hour < hours.length; hour++) {
		let sum = 0
		for (let at = hour * MINUTES_PER_HOUR; at < (hour + 1) * MINUTES_PER_HOUR; at++) sum += (returns[at] ?? 0) ** 2
		hours[hour] = Math.sqrt(sum)
	}
	return hours
}

function dailyRange(bars: MinuteBars): number {
	const days = Math.floor(bars.close.length / MINUTES_PER_DAY)
	let sum = 0
	for (let day = 0; day < days; day++) {
		const from = day * MINUTES_PER_DAY
		const to = from + MINUTES_PER_DAY
		const high = bars.high.subarray(from, to).reduce((top, value) => Math.max(top, value))
		const low = bars.low.subarray(from, to).reduce((bottom, value) => Math.min(bottom, value))
		sum += (high - low) / (bars.open[from] ?? high)
	}
	return sum / days
}
