import type {Core} from './core.js'
import {text} from './decimal.js'
import {percentPrice, type SymbolRules} from './symbol-rules.js'

const symbolInfo = (core: Core, {spec, tick, max_price}: SymbolRules) => ({
	symbol: spec.symbol,
	pair: spec.symbol,
	contractType: 'PERPETUAL',
	deliveryDate: 4_133_404_800_000,
	onboardDate: 1_569_398_400_000,
	status: 'TRADING',
	maintMarginPercent: '2.5000',
	requiredMarginPercent: '5.0000',
	baseAsset: spec.base_asset,
	quoteAsset: 'USDT',
	marginAsset: 'USDT',
	pricePrecision: spec.price_precision,
	quantityPrecision: spec.quantity_precision,
	baseAssetPrecision: 8,
	quotePrecision: 8,
	underlyingType: 'COIN',
	underlyingSubType: [],
	triggerProtect: '0.0500',
	liquidationFee: text(core.fees.liquidation),
	marketTakeBound: '0.05',
	maxMoveOrderLimit: 10_000,
	filters: [
		{filterType: 'PRICE_FILTER', minPrice: text(tick), maxPrice: text(max_price), tickSize: spec.tick_size},
		{filterType: 'LOT_SIZE', minQty: spec.min_quantity, maxQty: spec.max_quantity, stepSize: spec.step_size},
		{
			filterType: 'MARKET_LOT_SIZE',
			minQty: spec.min_quantity,
			maxQty: spec.max_market_quantity,
			stepSize: spec.step_size,
		},
		{filterType: 'MAX_NUM_ORDERS', limit: 200},
		{filterType: 'MAX_NUM_ALGO_ORDERS', limit: 200},
		{filterType: 'MIN_NOTIONAL', notional: spec.min_notional},
		{
			filterType: 'PERCENT_PRICE',
			multiplierUp: percentPrice.up.toFixed(4),
			multiplierDown: percentPrice.down.toFixed(4),
			multiplierDecimal: '4',
		},
	],
	orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
	timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
})

/** The answer of `GET /fapi/v1/exchangeInfo`; `serverTime` is machine time. */
export const exchangeInfo = (core: Core, machine_ms: number) => {
	const {limits} = core.config
	return {
		timezone: 'UTC',
		serverTime: machine_ms,
		futuresType: 'U_MARGINED',
		rateLimits: [
			{rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: limits.weight_per_minute},
			{rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: limits.orders_per_minute},
			{rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: limits.orders_per_10s},
		],
		exchangeFilters: [],
		assets: [{asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000'}],
		symbols: [...core.rules.values()].map(rules => symbolInfo(core, rules)),
	}
}
