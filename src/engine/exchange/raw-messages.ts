import {z} from 'zod'
import {decimal, id, side, time} from './raw-fields.js'

/** Raw messages and rows of the account, by the venue's own one-letter names, as far as we read them. */

export const eventHead = z.object({e: z.string(), E: time})

export const orderTradeUpdate = z.object({
	E: time,
	o: z.object({
		s: z.string(),
		/** Client order id. */
		c: z.string(),
		S: side,
		/** Type, and the original one of a triggered conditional order. */
		o: z.string(),
		ot: z.string().optional(),
		/** Execution: NEW, TRADE, CANCELED, EXPIRED, AMENDMENT, CALCULATED. */
		x: z.string(),
		/** Order status. */
		X: z.string(),
		i: id,
		q: decimal,
		ap: decimal,
		/** Filled in all, and in this execution at price L. */
		z: decimal,
		l: decimal,
		L: decimal,
		/** Commission and its asset; absent when there is none. */
		n: decimal.optional(),
		N: z.string().optional(),
		/** Trade id, 0 without one. */
		t: id,
		m: z.boolean(),
		R: z.boolean(),
		/** Realised PnL of this execution. */
		rp: decimal.default('0'),
		ps: z.string(),
	}),
})

export const accountUpdate = z.object({
	E: time,
	a: z.object({
		/** Reason. */
		m: z.string(),
		B: z
			.array(
				z.object({
					a: z.string(),
					/** Wallet. */ wb: decimal,
					/** Change but for PnL and commission. */ bc: decimal.default('0'),
				}),
			)
			.default([]),
		P: z
			.array(
				z.object({
					s: z.string(),
					/** Signed amount. */
					pa: decimal,
					/** Entry price. */
					ep: decimal,
					/** Unrealised PnL. */
					up: decimal.default('0'),
					ps: z.string(),
				}),
			)
			.default([]),
	}),
})

export const algoUpdate = z.object({
	E: time,
	o: z.object({
		s: z.string(),
		/** Client id and id of the conditional order. */
		caid: z.string(),
		aid: id,
		o: z.string(),
		S: side,
		X: z.string(),
		/** Trigger price. */
		tp: decimal.default('0'),
		q: decimal.default('0'),
		/** Close-position. */
		cp: z.boolean().default(false),
	}),
})

export const userTradeRow = z.object({
	symbol: z.string(),
	id,
	orderId: id,
	side,
	price: decimal,
	qty: decimal,
	realizedPnl: decimal,
	commission: decimal,
	commissionAsset: z.string(),
	time,
	maker: z.boolean(),
})
export type UserTradeRow = z.output<typeof userTradeRow>

export const incomeRow = z.object({
	symbol: z.string().default(''),
	incomeType: z.string(),
	income: decimal,
	asset: z.string(),
	time,
	tranId: id,
	tradeId: id.optional(),
	info: z.string().default(''),
})
export type IncomeRow = z.output<typeof incomeRow>

export const orderRow = z.object({
	symbol: z.string(),
	orderId: id,
	clientOrderId: z.string(),
	status: z.string(),
	side,
	type: z.string(),
	origType: z.string().optional(),
	reduceOnly: z.boolean(),
	closePosition: z.boolean().default(false),
	origQty: decimal,
	executedQty: decimal,
	avgPrice: decimal,
})
export type OrderRow = z.output<typeof orderRow>

export const algoRow = z.object({
	symbol: z.string(),
	algoId: id,
	clientAlgoId: z.string(),
	algoStatus: z.string(),
	orderType: z.string(),
	side,
	quantity: decimal.nullish().transform(value => value ?? '0'),
	triggerPrice: decimal.nullish().transform(value => value ?? '0'),
	closePosition: z.boolean(),
	reduceOnly: z.boolean().default(false),
	actualOrderId: id.nullish().transform(value => value ?? ''),
})
export type AlgoRow = z.output<typeof algoRow>

export const positionRow = z.object({
	symbol: z.string(),
	positionSide: z.string(),
	positionAmt: decimal,
	entryPrice: decimal,
	markPrice: decimal,
	unRealizedProfit: decimal,
	liquidationPrice: decimal,
	maintMargin: decimal.optional(),
	updateTime: z.coerce.number().int().nonnegative(),
})
export type PositionRow = z.output<typeof positionRow>

export const accountRow = z.object({
	totalMaintMargin: decimal,
	totalMarginBalance: decimal,
	totalPositionInitialMargin: decimal,
})

/** GET /fapi/v1/positionSide/dual: true is hedge mode. */
export const positionModeRow = z.object({
	dualSidePosition: z.preprocess(value => value === true || value === 'true', z.boolean()),
})

export const balanceRow = z.object({asset: z.string(), balance: decimal})

export const symbolConfigRow = z.object({symbol: z.string(), marginType: z.string(), leverage: z.coerce.number().int()})
