import type {Inspection} from '../../../src/engine/logic/reconcile.js'

type Of<Key extends 'orders' | 'stops'> = Inspection[Key][number]

export const stop = (changes: Partial<Of<'stops'>> = {}): Of<'stops'> => ({
	symbol: 'BTCUSDT',
	algo_id: '500',
	client_algo_id: 's-plan1234',
	order_type: 'STOP_MARKET',
	side: 'SELL',
	trigger_price: '48500',
	close_position: true,
	quantity: '0',
	...changes,
})

export const order = (changes: Partial<Of<'orders'>> = {}): Of<'orders'> => ({
	symbol: 'BTCUSDT',
	order_id: '77',
	client_order_id: 'web_abc',
	side: 'BUY',
	type: 'LIMIT',
	reduce_only: false,
	quantity: '1',
	filled_quantity: '0',
	...changes,
})

/** What the venue says: flat with 1,000 USDT unless changed. */
export const inspection = (changes: Partial<Inspection> = {}): Inspection => ({
	positions: [],
	orders: [],
	stops: [],
	balances: [{asset: 'USDT', wallet_balance: '1000.00'}],
	hedge_mode: false,
	position_margin: '0',
	venue_ms: 1_750_000_000_000,
	machine_ms: 1_750_000_000_000,
	...changes,
})

/** A position in BTCUSDT at the venue, protected unless other stops are given. */
export const venueHolds = (
	amount: string,
	entry_price: string,
	stops: Inspection['stops'] = [stop({side: amount.startsWith('-') ? 'BUY' : 'SELL'})],
	changes: Partial<Inspection> = {},
): Inspection =>
	inspection({
		positions: [
			{
				symbol: 'BTCUSDT',
				amount,
				entry_price,
				mark_price: entry_price,
				unrealised_pnl: '0',
				leverage: '5',
				updated_ms: 0,
				liquidation_price: '0',
			},
		],
		stops,
		...changes,
	})
