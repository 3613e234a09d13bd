import type {NormalizedEvent} from '../../../src/engine/units/core/exchange-stream-bridge.js'

type Of<Kind extends NormalizedEvent['kind']> = Extract<NormalizedEvent, {kind: Kind}>

/** Account events with defaults that a test overrides where it matters. */
export const fill = (changes: Partial<Of<'fill'>> = {}): Of<'fill'> => ({
	kind: 'fill',
	symbol: 'BTCUSDT',
	trade_id: '1',
	order_id: '10',
	client_order_id: 'qt-plan-1',
	side: 'BUY',
	price: '50000',
	quantity: '0.1',
	fee: '2.5',
	fee_asset: 'USDT',
	realised_pnl: '0',
	maker: false,
	origin: 'websocket',
	...changes,
})

export const income = (changes: Partial<Of<'income'>> = {}): Of<'income'> => ({
	kind: 'income',
	income_type: 'FUNDING_FEE',
	asset: 'USDT',
	amount: '-0.5',
	symbol: 'BTCUSDT',
	transaction_id: '900',
	...changes,
})

export const algo = (changes: Partial<Of<'algo'>> = {}): Of<'algo'> => ({
	kind: 'algo',
	symbol: 'BTCUSDT',
	algo_id: '500',
	client_algo_id: 'qt-stop-1',
	order_type: 'STOP_MARKET',
	side: 'SELL',
	status: 'NEW',
	trigger_price: '48500',
	quantity: '0',
	close_position: true,
	...changes,
})

export const position = (changes: Partial<Of<'position'>> = {}): Of<'position'> => ({
	kind: 'position',
	symbol: 'BTCUSDT',
	amount: '0.1',
	entry_price: '50000',
	unrealised_pnl: '0',
	reason: 'ORDER',
	...changes,
})

export const balance = (changes: Partial<Of<'balance'>> = {}): Of<'balance'> => ({
	kind: 'balance',
	asset: 'USDT',
	wallet_balance: '1000',
	change: '0',
	reason: 'INITIAL',
	...changes,
})

export const connection = (status: Of<'connection'>['status']): Of<'connection'> => ({
	kind: 'connection',
	status,
	detail: 'user stream',
})

/** An execution result for a fill. */
export const resultOf = (of: Of<'fill'>, changes: Readonly<Record<string, unknown>> = {}) => ({
	plan_id: 'plan-1',
	symbol: of.symbol,
	trade_id: of.trade_id,
	order_id: of.order_id,
	side: of.side,
	price: of.price,
	quantity: of.quantity,
	notional_usdt: '5000',
	fee: of.fee,
	fee_asset: of.fee_asset,
	realised_pnl: of.realised_pnl,
	liquidity: of.maker ? 'MAKER' : 'TAKER',
	effect: 'OPEN',
	position_amount: '0.1',
	...changes,
})
