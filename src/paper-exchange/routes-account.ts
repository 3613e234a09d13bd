import {
	changeFeeBurn,
	changeLeverage,
	changeMarginType,
	changePositionMargin,
	changePositionMode,
} from './account-settings.js'
import {
	accountConfig,
	accountPosition,
	accountPositionV2,
	accountTotals,
	allPositions,
	balance,
	positionsInUse,
} from './account-views.js'
import {text} from './decimal.js'
import {maxNotional} from './margin.js'
import type {Params} from './params.js'
import {type RouteContext, type Routes, signedRoute} from './route.js'
import {badParameter} from './venue-error.js'
import {incomeView, positionRiskView, positionRiskViewV2} from './views.js'

const optionalSymbol = ({core}: RouteContext, params: Params): string | undefined => {
	const symbol = params.text('symbol')
	if (symbol !== undefined) core.rulesOf(symbol)
	return symbol
}

const requiredSymbol = ({core}: RouteContext, params: Params): string => {
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	return symbol
}

const income = (context: RouteContext, params: Params): unknown => {
	const symbol = optionalSymbol(context, params)
	const type = params.text('incomeType')
	const [from, to, page] = [params.integer('startTime'), params.integer('endTime'), params.integer('page')]
	if (page !== undefined && page < 1) throw badParameter('page')
	const limit = params.limit(100, 1000)
	const latest = from === undefined && page === undefined
	const skip = ((page ?? 1) - 1) * limit
	return context.core.history.income({symbol, from_ms: from, to_ms: to, latest, skip, limit}, type).map(incomeView)
}

const leverageBracket = (context: RouteContext, params: Params): unknown => {
	const symbol = optionalSymbol(context, params)
	const symbols = symbol === undefined ? [...context.core.rules.keys()] : [symbol]
	return symbols.map(name => ({
		symbol: name,
		notionalCoef: 1,
		brackets: context.core.rulesOf(name).brackets.map(bracket => ({
			bracket: bracket.number,
			initialLeverage: bracket.leverage,
			notionalCap: bracket.cap.toNumber(),
			notionalFloor: bracket.floor.toNumber(),
			maintMarginRatio: bracket.ratio.toNumber(),
			cum: bracket.cum.toNumber(),
		})),
	}))
}

const symbolConfig = (context: RouteContext, params: Params): unknown => {
	const symbol = optionalSymbol(context, params)
	const symbols = symbol === undefined ? [...context.core.rules.keys()] : [symbol]
	return symbols.map(name => {
		const {leverage, isolated} = context.core.settingsOf(name)
		return {
			symbol: name,
			marginType: isolated ? 'ISOLATED' : 'CROSSED',
			isAutoAddMargin: false,
			leverage,
			maxNotionalValue: text(maxNotional(context.core.rulesOf(name).brackets, leverage)),
		}
	})
}

const success = {code: 200, msg: 'success'}

/** Account, positions, income and settings. */
export const accountRoutes: Routes = {
	'GET /fapi/v2/account': signedRoute(5, ({core}) => ({
		...accountConfig(core),
		feeBurn: core.state.account.fee_burn,
		...accountTotals(core),
		positions: allPositions(core, undefined).map(position => accountPositionV2(core, position)),
	})),
	'GET /fapi/v3/account': signedRoute(5, ({core}) => ({
		...accountTotals(core),
		positions: positionsInUse(core, undefined).map(position => accountPosition(core, position)),
	})),
	'GET /fapi/v2/balance': signedRoute(5, ({core}) => balance(core)),
	'GET /fapi/v3/balance': signedRoute(5, ({core}) => balance(core)),
	'GET /fapi/v2/positionRisk': signedRoute(5, (context, params) =>
		allPositions(context.core, optionalSymbol(context, params)).map(position =>
			positionRiskViewV2(context.core, position),
		),
	),
	'GET /fapi/v3/positionRisk': signedRoute(5, (context, params) =>
		positionsInUse(context.core, optionalSymbol(context, params)).map(position =>
			positionRiskView(context.core, position),
		),
	),
	'GET /fapi/v1/income': signedRoute(30, income),
	'GET /fapi/v1/leverageBracket': signedRoute(1, leverageBracket),
	'GET /fapi/v1/symbolConfig': signedRoute(5, symbolConfig),
	'GET /fapi/v1/accountConfig': signedRoute(5, ({core}) => accountConfig(core)),
	'GET /fapi/v1/commissionRate': signedRoute(20, (context, params) => ({
		symbol: requiredSymbol(context, params),
		makerCommissionRate: text(context.core.fees.maker),
		takerCommissionRate: text(context.core.fees.taker),
		rpiCommissionRate: '0',
	})),
	'GET /fapi/v1/multiAssetsMargin': signedRoute(30, () => ({multiAssetsMargin: false})),
	'GET /fapi/v1/feeBurn': signedRoute(30, ({core}) => ({feeBurn: core.state.account.fee_burn})),
	'POST /fapi/v1/feeBurn': signedRoute(1, ({core}, params) => {
		params.required('feeBurn')
		changeFeeBurn(core, params.flag('feeBurn'))
		return success
	}),
	'GET /fapi/v1/positionSide/dual': signedRoute(30, ({core}) => ({
		dualSidePosition: core.state.account.hedge_mode,
	})),
	'POST /fapi/v1/positionSide/dual': signedRoute(1, ({core}, params) => {
		params.required('dualSidePosition')
		changePositionMode(core, params.flag('dualSidePosition'))
		return success
	}),
	'POST /fapi/v1/leverage': signedRoute(1, (context, params) => {
		const symbol = requiredSymbol(context, params)
		const leverage = params.requiredInteger('leverage')
		changeLeverage(context.core, symbol, leverage)
		const {brackets} = context.core.rulesOf(symbol)
		return {symbol, leverage, maxNotionalValue: text(maxNotional(brackets, leverage))}
	}),
	'POST /fapi/v1/marginType': signedRoute(1, (context, params) => {
		const type = params.required('marginType')
		if (type !== 'ISOLATED' && type !== 'CROSSED') throw badParameter('marginType')
		changeMarginType(context.core, requiredSymbol(context, params), type === 'ISOLATED')
		return success
	}),
	'POST /fapi/v1/positionMargin': signedRoute(1, (context, params) => {
		const symbol = requiredSymbol(context, params)
		const amount = params.requiredDecimal('amount')
		const type = params.requiredInteger('type')
		if (type !== 1 && type !== 2) throw badParameter('type')
		changePositionMargin(
			context.core,
			symbol,
			params.text('positionSide') ?? 'BOTH',
			type === 1 ? amount : amount.neg(),
		)
		return {amount: amount.toNumber(), code: 200, msg: 'Successfully modify position margin.', type}
	}),
}
