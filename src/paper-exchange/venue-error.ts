/** What Binance answers to a refused request: `{code, msg}` with an HTTP status. */
export class VenueError extends Error {
	constructor(
		readonly code: number,
		message: string,
		readonly http = 400,
		readonly headers: Readonly<Record<string, string>> = {},
	) {
		super(message)
		this.name = 'VenueError'
	}
}

const table = {
	unknown: [-1000, 'An unknown error occurred while processing the request.'],
	badKeyFormat: [-2014, 'API-key format invalid.', 401],
	badKey: [-2015, 'Invalid API-key, IP, or permissions for action.', 401],
	badSignature: [-1022, 'Signature for this request is not valid.'],
	outsideWindow: [-1021, 'Timestamp for this request is outside of the recvWindow.'],
	aheadOfServer: [-1021, "Timestamp for this request was 1000ms ahead of the server's time."],
	badTimeInForce: [-1115, 'Invalid timeInForce.'],
	badOrderType: [-1116, 'Invalid orderType.'],
	badSide: [-1117, 'Invalid side.'],
	badSymbol: [-1121, 'Invalid symbol.'],
	badInterval: [-1120, 'Invalid interval.'],
	noListenKey: [-1125, 'This listenKey does not exist.'],
	badCombination: [-1128, 'Combination of optional parameters invalid.'],
	precision: [-1111, 'Precision is over the maximum defined for this asset.'],
	unknownOrder: [-2011, 'Unknown order sent.'],
	noSuchOrder: [-2013, 'Order does not exist.'],
	balance: [-2018, 'Balance is insufficient.'],
	margin: [-2019, 'Margin is insufficient.'],
	wouldTrigger: [-2021, 'Order would immediately trigger.'],
	reduceOnly: [-2022, 'ReduceOnly Order is rejected.'],
	tooManyOrders: [-2025, 'Reach max open order limit.'],
	positionLimit: [-2027, 'Exceeded the maximum allowable position at current leverage.'],
	leverageMargin: [-2028, 'Leverage is smaller than permitted: insufficient margin balance.'],
	priceNotPositive: [-4001, 'Price less than 0.'],
	priceTooHigh: [-4002, 'Price greater than max price.'],
	quantityNotPositive: [-4003, 'Quantity less than or equal to zero.'],
	quantityTooLow: [-4004, 'Quantity less than min quantity.'],
	quantityTooHigh: [-4005, 'Quantity greater than max quantity.'],
	stopNotPositive: [-4006, 'Stop price less than zero.'],
	priceTooLow: [-4013, 'Price less than min price.'],
	priceOffTick: [-4014, 'Price not increased by tick size.'],
	badClientId: [-4015, 'Client order id is not valid.'],
	quantityOffStep: [-4023, 'Quantity not increased by step size.'],
	badLeverage: [-4028, 'Leverage is not valid'],
	tooManyStops: [-4045, 'Reach max stop order limit.'],
	sameMarginType: [-4046, 'No need to change margin type.'],
	marginTypeOrders: [-4047, 'Margin type cannot be changed if there exists open orders.'],
	marginTypePosition: [-4048, 'Margin type cannot be changed if there exists position.'],
	crossBalance: [-4050, 'Cross balance insufficient.'],
	isolatedBalance: [-4051, 'Isolated balance insufficient.'],
	amountNotPositive: [-4055, 'Amount must be positive.'],
	samePositionSide: [-4059, 'No need to change position side.'],
	positionSide: [-4061, "Order's position side does not match user's setting."],
	reduceOnlyCombination: [-4062, 'Invalid or improper reduceOnly value.'],
	positionSideOrders: [-4067, 'Position side cannot be changed if there exists open orders.'],
	positionSidePositions: [-4068, 'Position side cannot be changed if there exists position.'],
	batchSize: [-4082, 'Invalid number of batch place orders.'],
	duplicateClientId: [-4116, 'ClientOrderId is duplicated.'],
	useAlgo: [-4120, 'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.'],
	closePositionExists: [
		-4130,
		'An open stop or take profit order with GTE and closePosition in the direction is existing.',
	],
	percentPriceMarket: [-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."],
	badActivation: [-4135, 'Invalid activation price'],
	quantityWithClose: [-4137, 'Quantity must be zero with closePosition equals true'],
	reduceOnlyWithClose: [-4138, 'Reduce only must be true'],
	isolatedLeverage: [-4161, 'Leverage reduction is not supported in Isolated Margin Mode with open positions.'],
	noPositionForClose: [-4509, 'Time in Force (TIF) GTE can only be used with open positions or open orders.'],
	badCallbackRate: [-2007, 'Invalid callBack rate'],
	killedFok: [
		-5021,
		'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history.',
	],
	notMaker: [
		-5022,
		'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.',
	],
	sameOrder: [-5027, 'No need to modify the order.'],
	modifyLimitOnly: [-5025, 'Only limit order is supported.'],
	isolatedOnly: [-4054, 'Cannot add position margin: position is 0.'],
	marginTypeForAdjust: [-4046, 'Add margin only support for isolated position.'],
} satisfies Record<string, readonly [code: number, message: string, http?: number]>

export type ErrorName = keyof typeof table

/** The error of that name; `detail` replaces the usual message where Binance's names a value. */
export const venueError = (name: ErrorName, detail?: string): VenueError => {
	const [code, message, http] = table[name] as readonly [number, string, number?]
	return new VenueError(code, detail ?? message, http ?? 400)
}

export const missingParameter = (name: string): VenueError =>
	new VenueError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)

export const badParameter = (name: string): VenueError =>
	new VenueError(-1130, `Data sent for parameter '${name}' is not valid.`)
