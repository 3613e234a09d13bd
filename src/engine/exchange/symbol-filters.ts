import {z} from 'zod'

/** What the venue demands of orders in a symbol. Decimals as text. */
export type SymbolFilters = Readonly<{
	symbol: string
	tick_size: string
	step_size: string
	min_quantity: string
	max_market_quantity: string
	min_notional_usdt: string
	/** The symbol trades now, as a perpetual. */
	tradable: boolean
}>

const decimal = z.string().regex(/^\d+(\.\d+)?$/)
const symbolInfo = z.object({
	symbol: z.string(),
	status: z.string(),
	contractType: z.string().optional(),
	filters: z.array(
		z.object({
			filterType: z.string(),
			tickSize: decimal.optional(),
			stepSize: decimal.optional(),
			minQty: decimal.optional(),
			maxQty: decimal.optional(),
			notional: decimal.optional(),
		}),
	),
})
const exchangeInfo = z.object({symbols: z.array(z.unknown())})

type Row = z.output<typeof symbolInfo>

const positive = (value: string | undefined): value is string => value !== undefined && Number(value) > 0
const coarser = (one: string, other: string | undefined): string =>
	positive(other) && Number(other) > Number(one) ? other : one

const filtersOf = ({symbol, status, contractType, filters}: Row): SymbolFilters | undefined => {
	const named = (name: string) => filters.find(({filterType}) => filterType === name)
	const [price, lot, market, notional] = ['PRICE_FILTER', 'LOT_SIZE', 'MARKET_LOT_SIZE', 'MIN_NOTIONAL'].map(named)
	if (!positive(price?.tickSize) || !positive(lot?.stepSize)) return undefined
	return {
		symbol,
		tick_size: price.tickSize,
		// Some symbols give a step of 0 for market orders: then the step of the lot holds.
		step_size: coarser(lot.stepSize, market?.stepSize),
		min_quantity: coarser(lot.minQty ?? lot.stepSize, market?.minQty),
		max_market_quantity: positive(market?.maxQty) ? market.maxQty : (lot.maxQty ?? '0'),
		min_notional_usdt: notional?.notional ?? '0',
		tradable: status === 'TRADING' && (contractType === undefined || contractType === 'PERPETUAL'),
	}
}

/**
 * Filters of every symbol that the venue lists, from its exchangeInfo. A symbol without usable filters is there with
 * `tradable: false`.
 * @throws ZodError when the answer is not an exchangeInfo
 */
export const readFilters = (body: unknown): ReadonlyMap<string, SymbolFilters> => {
	const found = new Map<string, SymbolFilters>()
	for (const raw of exchangeInfo.parse(body).symbols) {
		const row = symbolInfo.safeParse(raw)
		if (row.success) found.set(row.data.symbol, filtersOf(row.data) ?? unlisted(row.data.symbol))
	}
	return found
}

/** What holds for a symbol that the venue does not list. */
export const unlisted = (symbol: string): SymbolFilters => ({
	symbol,
	tick_size: '0',
	step_size: '0',
	min_quantity: '0',
	max_market_quantity: '0',
	min_notional_usdt: '0',
	tradable: false,
})
