import type {Fields} from '../contracts/field.js'
import {add} from './exact.js'
import type {Metric} from './prometheus.js'

const HELP: Readonly<Record<string, string>> = {
	sharpe: 'Sharpe ratio of the daily returns of the wallet over a year at most, annualised over 365 days',
	sortino: 'Sortino ratio of the same returns',
	calmar: 'Calmar ratio of the same returns',
	annual_return: 'Compound growth per year of the same returns',
	max_drawdown: 'Deepest fall of the wallet from its highest, transfers left out: -0.1 is 10 %',
	total_return: 'What the wallet has grown by, transfers left out: 0.1 is 10 %',
	day_return: 'The same since the UTC day began',
	hit_rate: 'Share of closed trades that won',
	expectancy: 'Mean net of a closed trade, USDT',
	profit_factor: 'What closed trades gained over what they lost',
	trades: 'Closed trades',
}

/** From the fields of the key; a figure that is not known is not in it. */
export const performanceMetrics = (summary: Fields): readonly Metric[] =>
	Object.entries(HELP).map(([name, help]): Metric => {
		const value = summary[name]
		return {
			name: `qt_performance_${name}`,
			help,
			type: 'gauge',
			samples: value === undefined || !Number.isFinite(Number(value)) ? [] : [{value: Number(value)}],
		}
	})

/** Sums of the parts of the PnL, and how many trades are in them. */
export const attributionMetrics = (parts: Readonly<Record<string, string>>, trades: number): readonly Metric[] => [
	{
		name: 'qt_pnl_part_usdt',
		type: 'gauge',
		help: 'Sum of this part of the PnL of closed trades',
		samples: Object.entries(parts).map(([part, sum]) => ({labels: {part}, value: Number(sum)})),
	},
	{
		name: 'qt_pnl_attributed_usdt',
		type: 'gauge',
		help: 'PnL of the same trades: what the parts add up to',
		samples: trades === 0 ? [] : [{value: Number(add(...Object.values(parts)))}],
	},
	{
		name: 'qt_pnl_attributed_trades_total',
		type: 'counter',
		help: 'Closed trades whose PnL was split',
		samples: [{value: trades}],
	},
]
