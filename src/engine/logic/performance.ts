/**
 * Ratios over a series of simple returns of equal periods, oldest first: 0.01 = 1 %. Undefined where one cannot be
 * known (too few returns, nothing that varies, nothing lost): a ratio that is not known is not 0.
 */
export type Returns = readonly number[]

/** Days of the year on which a market trades that never closes; exchanges of shares count 252. */
export const CRYPTO_DAYS_PER_YEAR = 365

const mean = (values: Returns): number => values.reduce((sum, value) => sum + value, 0) / values.length
/** Rounding of the mean leaves equal returns this far apart: they don't vary. */
const EVEN = 1e-15
const known = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)

/**
 * Mean over standard deviation (of a sample, n - 1), times the root of the periods per year, over a risk-free return of
 * nothing. Sharpe, W. F. (1994), "The Sharpe Ratio", Journal of Portfolio Management 21(1).
 */
export const sharpeRatio = (returns: Returns, periods_per_year: number): number | undefined => {
	if (returns.length < 2) return undefined
	const middle = mean(returns)
	const variance = returns.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (returns.length - 1)
	const deviation = Math.sqrt(variance)
	return deviation <= EVEN ? undefined : known((middle / deviation) * Math.sqrt(periods_per_year))
}

/**
 * Mean over the downside deviation from a target of nothing (root of the mean of squared losses, gains counted as 0),
 * times the root of the periods per year. Sortino, F. A. and Price, L. N. (1994), "Performance Measurement in a Downside
 * Risk Framework", Journal of Investing 3(3).
 */
export const sortinoRatio = (returns: Returns, periods_per_year: number): number | undefined => {
	if (returns.length < 2) return undefined
	const downside = Math.sqrt(mean(returns.map(value => Math.min(value, 0) ** 2)))
	return downside === 0 ? undefined : known((mean(returns) / downside) * Math.sqrt(periods_per_year))
}

/** Deepest fall of the compounded value from its highest before, at most 0: -0.1 = 10 % lost. The start counts too. */
export const maxDrawdown = (returns: Returns): number => {
	let [value, peak, deepest] = [1, 1, 0]
	for (const change of returns) {
		value *= 1 + change
		peak = Math.max(peak, value)
		deepest = Math.min(deepest, value / peak - 1)
	}
	return deepest
}

/**
 * Compound growth per year. `periods` is how many the series spans, where that is more than it has returns.
 * Undefined for an empty series, and where everything was lost and more.
 */
export const annualReturn = (
	returns: Returns,
	periods_per_year: number,
	periods = returns.length,
): number | undefined => {
	const end = returns.reduce((value, change) => value * (1 + change), 1)
	return periods === 0 || end < 0 ? undefined : known(end ** (periods_per_year / periods) - 1)
}

/**
 * Growth per year over the deepest fall. Young, T. W. (1991), "Calmar Ratio: A Smoother Tool", Futures 20(1); over all
 * returns that are given, rather than over 36 months.
 */
export const calmarRatio = (
	returns: Returns,
	periods_per_year: number,
	periods = returns.length,
): number | undefined => {
	const fall = maxDrawdown(returns)
	const growth = annualReturn(returns, periods_per_year, periods)
	return fall === 0 || growth === undefined ? undefined : known(growth / -fall)
}
