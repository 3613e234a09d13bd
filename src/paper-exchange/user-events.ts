import type {Core, UserEvent} from './core.js'
import {type Dec, dec, moneyText, text, zero} from './decimal.js'
import {positionRisk} from './margin.js'
import type {AlgoOrder, Asset, Order, Position, Trade} from './records.js'

/** Average price of what has been filled, as Binance prints it. */
export const averagePrice = (order: Order): string =>
	order.filled.isZero() ? '0.00' : text(order.quote.div(order.filled).toDecimalPlaces(16))

export type Execution = 'NEW' | 'TRADE' | 'CANCELED' | 'EXPIRED' | 'AMENDMENT' | 'CALCULATED'

export const orderEvent = (core: Core, order: Order, execution: Execution, trade?: Trade): UserEvent => ({
	e: 'ORDER_TRADE_UPDATE',
	T: core.now_ms,
	E: core.now_ms,
	o: {
		s: order.symbol,
		c: order.client_id,
		S: order.side,
		o: order.type,
		f: order.time_in_force,
		q: text(order.quantity),
		p: text(order.price),
		ap: averagePrice(order),
		sp: text(order.stop_price),
		x: execution,
		X: order.status,
		i: order.id,
		l: trade?.quantity ?? '0',
		z: text(order.filled),
		L: trade?.price ?? '0',
		...(trade === undefined ? {} : {N: trade.fee_asset ?? 'USDT', n: moneyText(dec(trade.fee))}),
		T: core.now_ms,
		t: trade?.id ?? 0,
		b: '0',
		a: '0',
		m: trade?.maker ?? false,
		R: order.reduce_only,
		wt: order.working_type,
		ot: order.original_type,
		ps: order.position_side,
		cp: order.close_position,
		rp: moneyText(dec(trade?.realised ?? 0)),
		pP: order.price_protect,
		si: order.algo_id,
		ss: 0,
		V: 'EXPIRE_MAKER',
		pm: 'NONE',
		gtd: order.good_till_ms,
	},
})

export type AccountReason =
	| 'ORDER'
	| 'FUNDING_FEE'
	| 'DEPOSIT'
	| 'WITHDRAW'
	| 'MARGIN_TRANSFER'
	| 'MARGIN_TYPE_CHANGE'
	| 'INSURANCE_CLEAR'
	| 'ADJUSTMENT'

const balanceRow = ({state}: Core, asset: Asset, change: Dec) => ({
	a: asset,
	wb: moneyText(state.walletBalance(asset)),
	cw: moneyText(asset === 'BNB' ? state.account.bnb_wallet : state.account.cross_wallet),
	bc: moneyText(change),
})

/** `change` is what moved the balances of `assets` other than PnL and commission. */
export const accountEvent = (
	core: Core,
	reason: AccountReason,
	positions: readonly Position[],
	change: Dec = zero,
	assets: readonly Asset[] = ['USDT'],
): UserEvent => ({
	e: 'ACCOUNT_UPDATE',
	T: core.now_ms,
	E: core.now_ms,
	a: {
		m: reason,
		B: assets.map(asset => balanceRow(core, asset, change)),
		P: positions.map(position => ({
			s: position.symbol,
			pa: text(position.amount),
			ep: text(position.entry),
			bep: text(breakEven(core, position)),
			cr: moneyText(position.realised),
			up: moneyText(positionRisk(core, position).unrealised),
			mt: position.isolated ? 'isolated' : 'cross',
			iw: moneyText(position.isolated_wallet),
			ps: position.side,
			ma: 'USDT',
		})),
	},
})

/** Entry price moved by the taker fee of closing and of opening. */
export const breakEven = (core: Core, position: Position): Dec => {
	if (position.amount.isZero()) return zero
	const {taker} = core.fees
	const sign = position.amount.gt(zero) ? 1 : -1
	return position.entry.mul(taker.mul(sign).add(1)).div(taker.mul(-sign).add(1)).toDecimalPlaces(16)
}

export const algoEvent = (core: Core, algo: AlgoOrder): UserEvent => {
	const child = core.state.orders.get(algo.actual_order_id)
	return {
		e: 'ALGO_UPDATE',
		T: core.now_ms,
		E: core.now_ms,
		o: {
			caid: algo.client_id,
			aid: algo.id,
			at: 'CONDITIONAL',
			o: algo.type,
			s: algo.symbol,
			S: algo.side,
			ps: algo.position_side,
			f: algo.time_in_force,
			q: text(algo.quantity),
			X: algo.status,
			ai: child === undefined ? '' : String(child.id),
			...(child === undefined ? {} : {ap: averagePrice(child), aq: text(child.filled), act: child.type}),
			tp: text(algo.trigger_price),
			p: text(algo.price),
			V: 'EXPIRE_MAKER',
			wt: algo.working_type,
			pm: 'NONE',
			cp: algo.close_position,
			pP: algo.price_protect,
			R: algo.reduce_only,
			tt: algo.triggered_ms,
			gtd: algo.good_till_ms,
			...(algo.reason === '' ? {} : {rm: algo.reason}),
		},
	}
}
