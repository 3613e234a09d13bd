import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'

const figures = {
	/** Wallet and unrealised PnL. */
	equity_usdt: field.decimal(),
	wallet_usdt: field.decimal(),
	unrealised_pnl: field.decimal(),
	/** Sum of the sizes of all positions at their prices. */
	gross_usdt: field.decimal(),
	/** The same with shorts below zero. */
	net_usdt: field.decimal(),
	/** Of the gross, positions that the policy leaves to others; left out while there are none. */
	ignored_usdt: field.decimal().optional(),
	/** Gross over equity, 0.45 = 45 %; left out when there is no equity to divide by. */
	exposure_ratio: field.decimal().optional(),
	open_positions: field.integer(),
	/** Deposits less withdrawals that `wallet_usdt` has, since the record began; left out while there were none. */
	transfers_usdt: field.decimal().optional(),
	/** What one of each other asset in the wallet is worth in USDT, by its newest mark price; left out where none is known. */
	asset_prices: field.dictionary(field.positive()).optional(),
	/** Venue time of the oldest price in these figures, ms; 0 without positions. */
	price_ms: field.integer(),
} as const

export const portfolioState = defineStream({
	name: 'portfolio.state',
	summary: 'Equity, gross and net exposure, open positions, unrealised PnL; at most one entry per machine second.',
	criticality: 'telemetry',
	payload: z.object(figures),
})

export const heldPosition = z.object({
	symbol: field.symbol(),
	/** Signed: above 0 long, below 0 short. */
	amount: field.decimal(),
	entry_price: field.decimal(),
	price: field.decimal(),
	/** Signed as the amount. */
	notional_usdt: field.decimal(),
	unrealised_pnl: field.decimal(),
	/** As in the snapshot of the position. */
	foreign: z.enum(['adopted', 'ignored']).optional(),
	/** Venue time of the price, ms. */
	price_ms: field.integer(),
})
export type HeldPosition = z.output<typeof heldPosition>

export const portfolioSnapshotUpdated = defineStream({
	name: 'portfolio.snapshot_updated',
	summary: 'The whole portfolio, position by position, with each entry of portfolio.state.',
	criticality: 'telemetry',
	payload: z.object({snapshot: field.json(z.object({...figures, positions: z.array(heldPosition)}))}),
})

export const portfolioClusterState = defineStream({
	name: 'portfolio.cluster_state',
	summary: 'Clusters of symbols that move together, and the correlation of each pair, from rolling returns.',
	criticality: 'telemetry',
	payload: z.object({
		/** Candles that the correlations are taken over. */
		bars: field.integer(),
		open_ms: field.integer(),
		/** Symbols by name of the cluster. */
		clusters: field.dictionary(z.array(field.symbol())),
		/** Correlation from -1 to 1 by `A|B`, A before B. */
		correlations: field.dictionary(z.number()),
	}),
})

export const budgetViolation = defineStream({
	name: 'budget.violation',
	summary: 'A budget of a day, a strategy or a cluster that broke, or holds again.',
	criticality: 'money',
	payload: z.object({
		/** `day`, `strategy.<name>` or `cluster.<name>`. */
		scope: field.text(),
		budget: z.enum(['LOSS', 'TURNOVER']),
		broken: field.flag(),
		used_usdt: field.decimal(),
		limit_usdt: field.decimal(),
		/** UTC day of venue time, `2026-11-20`. */
		day: field.text(),
		/** Symbols that it blocks; empty for all. */
		symbols: field.json(z.array(field.symbol())).optional(),
	}),
})

export const exposureUpdated = defineStream({
	name: 'portfolio.exposure_updated',
	summary: 'Exposure over equity: gross, net and per cluster; at most one entry per machine second.',
	criticality: 'telemetry',
	payload: z.object({
		gross_share: field.real(),
		net_share: field.real(),
		/** Net exposure over equity by cluster. */
		clusters: field.dictionary(z.number()),
		/** Venue time of the oldest price in it, ms; 0 without positions. */
		price_ms: field.integer(),
	}),
})

export const exposureAlerts = defineStream({
	name: 'exposure.alerts',
	summary: 'A cap of the exposure balancer that was passed, or holds again.',
	criticality: 'telemetry',
	payload: z.object({
		/** `gross`, `net` or `cluster.<name>`. */
		scope: field.text(),
		broken: field.flag(),
		used_share: field.real(),
		limit_share: field.real(),
	}),
})

export const executorCommands = defineStream({
	name: 'executor.commands',
	summary: 'Reductions that the exposure balancer asks for.',
	criticality: 'money',
	payload: z.object({
		command_id: field.text(),
		symbol: field.symbol(),
		/** Size to close, base units. */
		quantity: field.positive(),
		reason: field.prose(),
	}),
})
