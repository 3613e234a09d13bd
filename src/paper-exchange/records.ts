import {type Dec, dec} from './decimal.js'

export type Side = 'BUY' | 'SELL'
/** What the account holds: USDT is its margin, BNB pays fees. */
export type Asset = 'USDT' | 'BNB'
export type PositionSide = 'BOTH' | 'LONG' | 'SHORT'
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX' | 'GTD'
export type OrderStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED'
export type WorkingType = 'MARK_PRICE' | 'CONTRACT_PRICE'
export type AlgoType = 'STOP' | 'STOP_MARKET' | 'TAKE_PROFIT' | 'TAKE_PROFIT_MARKET' | 'TRAILING_STOP_MARKET'
export type AlgoStatus = 'NEW' | 'TRIGGERING' | 'TRIGGERED' | 'FINISHED' | 'CANCELED' | 'REJECTED' | 'EXPIRED'

/** An order of the account in the matching engine. Times are venue milliseconds. */
export type Order = {
	id: number
	client_id: string
	symbol: string
	side: Side
	position_side: PositionSide
	type: 'LIMIT' | 'MARKET'
	/** The conditional type when a triggered conditional order placed it. */
	original_type: string
	time_in_force: TimeInForce
	quantity: Dec
	/** Zero for market orders. */
	price: Dec
	stop_price: Dec
	filled: Dec
	quote: Dec
	status: OrderStatus
	reduce_only: boolean
	close_position: boolean
	working_type: WorkingType
	price_protect: boolean
	/** Zero unless a conditional order placed this one. */
	algo_id: number
	good_till_ms: number
	created_ms: number
	updated_ms: number
}

/** A conditional order of the algo service. */
export type AlgoOrder = {
	id: number
	client_id: string
	symbol: string
	side: Side
	position_side: PositionSide
	type: AlgoType
	time_in_force: TimeInForce
	/** Zero with `close_position`. */
	quantity: Dec
	price: Dec
	/** Zero for trailing stops. */
	trigger_price: Dec
	working_type: WorkingType
	close_position: boolean
	reduce_only: boolean
	price_protect: boolean
	/** Per cent; zero unless trailing. */
	callback_rate: Dec
	/** Zero: active from the start. */
	activate_price: Dec
	active: boolean
	/** Best price since activation; zero before. */
	extreme: Dec
	status: AlgoStatus
	reason: string
	actual_order_id: number
	good_till_ms: number
	created_ms: number
	updated_ms: number
	triggered_ms: number
}

/** One position. `amount` is signed; `entry` is rounded once per increase and then used as it is shown. */
export type Position = {
	symbol: string
	side: PositionSide
	amount: Dec
	entry: Dec
	isolated: boolean
	isolated_wallet: Dec
	realised: Dec
	updated_ms: number
}

export type SymbolSettings = {symbol: string; leverage: number; isolated: boolean}

/** A fill. Amounts are texts: there are many of these, and nothing is computed from them. */
export type Trade = Readonly<{
	id: number
	order_id: number
	client_id: string
	symbol: string
	side: Side
	position_side: PositionSide
	price: string
	quantity: string
	quote: string
	fee: string
	/** Left out for USDT. */
	fee_asset?: 'BNB'
	realised: string
	maker: boolean
	time_ms: number
}>

/** What comes back of fees, by Binance's names. */
export const rebateTypes = ['COMMISSION_REBATE', 'API_REBATE', 'REFERRAL_KICKBACK'] as const
export type RebateType = (typeof rebateTypes)[number]
export type IncomeType = 'TRANSFER' | 'REALIZED_PNL' | 'COMMISSION' | 'FUNDING_FEE' | 'INSURANCE_CLEAR' | RebateType

/** An amount that was booked. */
export type Income = Readonly<{
	tran_id: number
	symbol: string
	type: IncomeType
	/** Left out for USDT. */
	asset?: 'BNB'
	amount: string
	info: string
	/** Empty unless the row belongs to a fill. */
	trade_id: string
	time_ms: number
}>

export type Account = {
	/** Cross wallet; isolated positions hold theirs apart. */
	cross_wallet: Dec
	/** No margin: it only pays fees. */
	bnb_wallet: Dec
	/** Fees are paid in BNB, as far as there is any. */
	fee_burn: boolean
	hedge_mode: boolean
	next_order_id: number
	next_algo_id: number
	next_trade_id: number
	next_tran_id: number
	listen_key: string
	/** Machine milliseconds. */
	listen_key_until_ms: number
	/** Machine time at which a symbol's ordinary orders are cancelled. */
	countdowns: Readonly<Record<string, number>>
	updated_ms: number
}

export const isOpen = (order: Order): boolean => order.status === 'NEW' || order.status === 'PARTIALLY_FILLED'

export const remaining = (order: Order): Dec => order.quantity.sub(order.filled)

export const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY')

/** Turns the named fields of a record read from JSON back into decimals. */
const reviver =
	<T>(keys: ReadonlyArray<keyof T & string>) =>
	(raw: Record<string, unknown>): T => {
		const copy = {...raw}
		for (const key of keys) copy[key] = dec(String(raw[key]))
		return copy as T
	}

export const reviveOrder = reviver<Order>(['quantity', 'price', 'stop_price', 'filled', 'quote'])
export const reviveAlgo = reviver<AlgoOrder>([
	'quantity',
	'price',
	'trigger_price',
	'callback_rate',
	'activate_price',
	'extreme',
])
export const revivePosition = reviver<Position>(['amount', 'entry', 'isolated_wallet', 'realised'])
const reviveWallets = reviver<Account>(['cross_wallet', 'bnb_wallet'])
/** An account that was kept before there were fees in BNB has none. */
export const reviveAccount = (raw: Record<string, unknown>): Account =>
	reviveWallets({bnb_wallet: '0', fee_burn: false, ...raw})
