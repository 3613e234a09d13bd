import {defineKey} from './key.js'

/** What those who only look have found. */
export const observeKeys = {
	exitQuality: defineKey({
		pattern: 'exit:quality',
		type: 'hash',
		owner: 'exit-intelligence',
		summary: 'Adverse and favourable excursion, give-back and cost of waiting over the newest closed trades.',
	}),
	performanceSummary: defineKey({
		pattern: 'performance:summary',
		type: 'hash',
		owner: 'performance-tracker',
		summary:
			'Sharpe, Sortino, Calmar (a year of daily returns of the wallet), drawdown, hit rate, expectancy, profit factor; what is not known is left out. venue_ms of the newest change.',
	}),
} as const
