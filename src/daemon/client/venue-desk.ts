import type {Held} from '../../engine/logic/flatness.js'
import type {DatedIncome} from '../../engine/logic/income-days.js'

/** What the client asks of the venue; the order sender has no part in it. Amounts are exact decimals as text. */

export type RestingOrder = Readonly<{
	symbol: string
	/** Conditional orders have their own ids and their own list at the venue. */
	kind: 'regular' | 'algo'
	order_id: string
	client_order_id: string
	side: 'BUY' | 'SELL'
	order_type: string
	status: string
	price: string
	/** `0` for orders without a condition. */
	trigger_price: string
	/** `0` where the order closes the whole position. */
	quantity: string
	filled_quantity: string
	reduce_only: boolean
	close_position: boolean
}>

export type VenuePosition = Readonly<{
	symbol: string
	/** Signed: above 0 long, below 0 short. */
	amount: string
	entry_price: string
	mark_price: string
	unrealised_pnl: string
	/** 0 when there is none. */
	liquidation_price: string
	/** Of the wallet, what the venue needs to keep it open, USDT; left out where it does not say. */
	maintenance_margin?: string
}>

export type WalletBalance = Readonly<{asset: string; wallet_balance: string}>

export type VenueIncome = DatedIncome

export interface VenueDesk {
	/**
	 * Cancels every resting order, or those of one symbol, that could open or increase a position; protective ones stay.
	 * Returns what it cancelled.
	 */
	cancelEntryOrders(symbol?: string): Promise<readonly Pick<RestingOrder, 'symbol' | 'client_order_id'>[]>
	/** Regular and conditional orders that rest, on every symbol known to us or to the venue. */
	openOrders(): Promise<readonly RestingOrder[]>
	/** Cancels one order; one that has gone by itself counts as cancelled. */
	cancel(order: Pick<RestingOrder, 'symbol' | 'kind' | 'order_id'>): Promise<void>
	/** Positions that are not flat. */
	positions(): Promise<readonly VenuePosition[]>
	/** A row for every symbol of the venue, flat ones too: what proves that nothing is held. */
	everyPosition(): Promise<readonly Held[]>
	wallet(): Promise<readonly WalletBalance[]>
	/** The whole income history, oldest first. */
	income(): Promise<readonly VenueIncome[]>
	close(): Promise<void>
}

/** Orders that can open or increase a position: what a kill removes. */
export const isEntryOrder = ({reduce_only, close_position}: RestingOrder): boolean => !reduce_only && !close_position

/** A stop that closes: what protects a position. */
export const isProtectiveStop = ({kind, order_type, reduce_only, close_position}: RestingOrder): boolean =>
	kind === 'algo' && order_type === 'STOP_MARKET' && (reduce_only || close_position)
