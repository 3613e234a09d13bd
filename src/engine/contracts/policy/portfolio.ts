import {z} from 'zod'
import {noted} from './field.js'
import {bps, count, multiple, share, symbol, usdt} from './shapes.js'

/** Limits over positions that move together. */
export const portfolio = z.strictObject({
	sector_positions_max: noted(
		count.default(4),
		'more',
		'count',
		'Open positions of one sector, entries under way included.',
	),
	cluster_positions_max: noted(
		count.default(4),
		'more',
		'count',
		'Open positions of one cluster of correlated symbols, on one side, entries under way included.',
	),
	correlation_max: noted(
		share.default(0.95),
		'more',
		'share',
		'Highest correlation of an entry with a position on the same side.',
	),
	exposure_share_max: noted(
		z.number().positive().max(100).default(0.8),
		'more',
		'multiple',
		'Gross exposure over equity from which nothing opens (0.8 = 80 % of equity).',
	),
	heat_share_max: noted(
		share.default(0.06),
		'more',
		'share',
		'Loss of all positions at their stops, over equity, from which nothing opens.',
	),
	plans_per_hour_hot: noted(
		count.default(30),
		'more',
		'count',
		'Entry plans of one symbol within an hour at which it counts as fully hot.',
	),
})

/** What the exposure balancer keeps to, over equity. It only reduces. */
export const balance = z.strictObject({
	gross_share_max: noted(multiple.default(1), 'more', 'multiple', 'Gross exposure over equity.'),
	net_share_max: noted(multiple.default(0.8), 'more', 'multiple', 'Net exposure over equity, on either side.'),
	cluster_share_max: noted(multiple.default(0.6), 'more', 'multiple', 'Net exposure of one cluster over equity.'),
	reduce_to: noted(share.default(0.9), 'more', 'share', 'A cap that is passed is reduced to this part of it.'),
})

/** What may be lost, turned over and held in a day (UTC, venue time) before entries of it stop. */
export const budgets = z.strictObject({
	day_loss_usdt: noted(usdt.default(300), 'more', 'USDT', 'Net loss of closed trades of all strategies in a day.'),
	day_turnover_usdt: noted(usdt.default(50_000), 'more', 'USDT', 'Notional opened and closed in a day.'),
	strategy_loss_usdt: noted(usdt.default(200), 'more', 'USDT', 'Net loss of closed trades of one strategy in a day.'),
	cluster_loss_usdt: noted(usdt.default(200), 'more', 'USDT', 'Net loss of closed trades of one cluster in a day.'),
})

const SECTORS: Readonly<Record<string, readonly string[]>> = {
	'store of value': ['BTCUSDT', 'LTCUSDT', 'BCHUSDT'],
	'smart contracts': ['ETHUSDT', 'SOLUSDT', 'AVAXUSDT', 'ADAUSDT', 'DOTUSDT', 'NEARUSDT'],
	exchange: ['BNBUSDT'],
	payments: ['XRPUSDT', 'TRXUSDT', 'XLMUSDT'],
	oracles: ['LINKUSDT'],
	memes: ['DOGEUSDT', '币安人生USDT'],
}
export const sectors = z
	.record(z.string().min(1).max(40), z.array(symbol))
	.default({...SECTORS} as Record<string, string[]>)

/** Which symbols are traded, of those that the allowlist names. */
export const universe = z.strictObject({
	mode: noted(
		z.enum(['ALLOWLIST', 'TOP10']).default('ALLOWLIST'),
		'unclear',
		'none',
		'TOP10: only the ten of the allowlist with the highest quote volume.',
	),
	quote_volume_min_usdt: noted(
		z.number().nonnegative().default(0),
		'less',
		'USDT',
		'Quote volume of the last 24 hours below which a symbol is exits only.',
	),
	divergence_bps_max: noted(
		bps.default(100),
		'more',
		'bps',
		'Farthest that our venue may be from the median of the other exchanges before entries of a symbol stop.',
	),
})
