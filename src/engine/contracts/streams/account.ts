import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'

export const side = z.enum(['BUY', 'SELL'])
export type Side = z.infer<typeof side>

const order = z.object({
	kind: z.literal('order'),
	symbol: field.symbol(),
	order_id: field.text(),
	client_order_id: field.text(),
	side,
	order_type: field.text(),
	/** Venue status: NEW, PARTIALLY_FILLED, FILLED, CANCELED, REJECTED, EXPIRED. */
	status: field.text(),
	quantity: field.decimal(),
	filled_quantity: field.decimal(),
	average_price: field.decimal(),
	reduce_only: field.flag(),
})

const fill = z.object({
	kind: z.literal('fill'),
	symbol: field.symbol(),
	/** Venue trade id: unique and ascending per symbol. */
	trade_id: field.text(),
	order_id: field.text(),
	client_order_id: field.text(),
	side,
	price: field.positive(),
	quantity: field.positive(),
	fee: field.decimal(),
	fee_asset: field.text(),
	realised_pnl: field.decimal(),
	maker: field.flag(),
	/** Pushed by the user stream, or fetched after a gap. */
	origin: z.enum(['websocket', 'rest']),
})

const algo = z.object({
	kind: z.literal('algo'),
	symbol: field.symbol(),
	algo_id: field.text(),
	client_algo_id: field.text(),
	order_type: field.text(),
	side,
	/** NEW, TRIGGERING, TRIGGERED, FINISHED, CANCELED, REJECTED, EXPIRED. */
	status: field.text(),
	trigger_price: field.decimal(),
	quantity: field.decimal(),
	close_position: field.flag(),
})

const position = z.object({
	kind: z.literal('position'),
	symbol: field.symbol(),
	/** Signed: above 0 long, below 0 short. */
	amount: field.decimal(),
	entry_price: field.decimal(),
	unrealised_pnl: field.decimal(),
	reason: field.text(),
})

const balance = z.object({
	kind: z.literal('balance'),
	asset: field.text(),
	wallet_balance: field.decimal(),
	change: field.decimal(),
	reason: field.text(),
})

/** A change of the wallet that is not a fill: funding, transfer, liquidation fee, rebate. */
const income = z.object({
	kind: z.literal('income'),
	income_type: field.text(),
	asset: field.text(),
	amount: field.decimal(),
	symbol: field.symbol().optional(),
	transaction_id: field.text(),
})

const connection = z.object({
	kind: z.literal('connection'),
	status: z.enum(['CONNECTED', 'LOST', 'RESYNCED']),
	detail: field.prose(),
})

export const exchangeNormalized = defineStream({
	name: 'exchange.normalized',
	summary: 'Account events of the trading venue, normalised: orders, fills, stops, positions, balances, income.',
	criticality: 'money',
	payload: z.discriminatedUnion('kind', [order, fill, algo, position, balance, income, connection]),
})

export const accountBalance = defineStream({
	name: 'account.balance',
	summary: 'Wallet balance per asset as the venue last reported it.',
	criticality: 'money',
	payload: z.object({
		asset: field.text(),
		wallet_balance: field.decimal(),
		change: field.decimal(),
		reason: field.text(),
		/** What of the change came into the account or left it, signed; left out where that is nothing. */
		transfer: field.decimal().optional(),
	}),
})

export const positionSnapshot = defineStream({
	name: 'position.snapshot',
	summary: 'Canonical position of a symbol after each change; amount 0 means flat.',
	criticality: 'money',
	payload: z.object({
		symbol: field.symbol(),
		/** Signed: above 0 long, below 0 short. */
		amount: field.decimal(),
		entry_price: field.decimal(),
		opened_ms: field.integer(),
		/** What changed it: fill, venue, reconcile; policy where only its mark changed. */
		source: z.enum(['fill', 'venue', 'reconcile', 'policy']),
		plan_id: field.text().optional(),
		/** Unit or person whose plan opened it; left out for what others opened. */
		opened_by: field.text().optional(),
		/** Others opened it, and no plan of ours added to it: taken over, or left to them, as the policy says. */
		foreign: z.enum(['adopted', 'ignored']).optional(),
		/** As the venue holds it; left out until it is known. */
		leverage: field.integer().optional(),
		/** A stop rests at the venue for it. */
		stop_resting: field.flag(),
		/** Trigger price of the resting stop that is nearest, and its client id. */
		stop_price: field.positive().optional(),
		stop_client_id: field.text().optional(),
		/** Trigger price of the first stop that rested for it: the distance from the entry is its initial risk (R). */
		initial_stop_price: field.positive().optional(),
	}),
})

export const reconcileEvents = defineStream({
	name: 'reconcile.events',
	summary: 'Outcome of each comparison with the venue, and the corrections that follow from it.',
	criticality: 'money',
	payload: z.object({
		run_id: field.text(),
		/** CLEAN closes a run without difference; DRIFT closes one that found some; CORRECTION is one difference. */
		outcome: z.enum(['CLEAN', 'DRIFT', 'FAILED', 'CORRECTION']),
		invariant: field.text().optional(),
		symbol: field.symbol().optional(),
		expected: field.prose().optional(),
		actual: field.prose().optional(),
		/** For corrections of a position: the venue's truth. */
		amount: field.decimal().optional(),
		entry_price: field.decimal().optional(),
		stop_resting: field.flag().optional(),
		/** A stop or target of ours rests for it: a plan of ours opened it, also where its fills are missing. */
		ours: field.flag().optional(),
		/** Venue time up to which every fill is in `amount`. */
		as_of_ms: field.integer().optional(),
		detail: field.prose().optional(),
	}),
})

export const reconcileClose = defineStream({
	name: 'reconcile.close',
	summary: 'Positions that reconciliation recommends to close.',
	criticality: 'money',
	payload: z.object({symbol: field.symbol(), amount: field.decimal(), reason: field.prose()}),
})
