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
	/** Gross over equity, 0.45 = 45 %; left out when there is no equity to divide by. */
	exposure_ratio: field.decimal().optional(),
	open_positions: field.integer(),
	/** Venue time of the oldest price in these figures, ms; 0 without positions. */
	price_ms: field.integer(),
} as const

export const portfolioState = defineStream({
	name: 'portfolio.state',
	summary: 'Equity, gross and net exposure, open positions, unrealised PnL; at most one entry per machine second.',
	criticality: 'telemetry',
	pending: {reader: 'capital-allocation'},
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
	/** Venue time of the price, ms. */
	price_ms: field.integer(),
})
export type HeldPosition = z.output<typeof heldPosition>

export const portfolioSnapshotUpdated = defineStream({
	name: 'portfolio.snapshot_updated',
	summary: 'The whole portfolio, position by position, with each entry of portfolio.state.',
	criticality: 'telemetry',
	pending: {reader: 'dashboard-api'},
	payload: z.object({snapshot: field.json(z.object({...figures, positions: z.array(heldPosition)}))}),
})
