import type {PayloadOf} from '../contracts/stream.js'
import type {HeldPosition, portfolioState} from '../contracts/streams/portfolio.js'
import {add, averagePrice, type Exact, exact, isZero, textOf, zero} from './exact.js'
import type {AssetPrices} from './fee-value.js'
import type {ForeignMark} from './foreign.js'
import type {Tick} from './quote.js'

type Price = Readonly<{price: string; price_ms: number}>
type Held = Price & Readonly<{amount: string; entry_price: string; foreign?: ForeignMark | undefined}>

/** Positions that are not flat by symbol, each at its newest price, and the wallet by asset. */
export type Holdings = Readonly<{
	positions: Readonly<Record<string, Held>>
	wallet: Readonly<Record<string, string>>
	/** Deposits less withdrawals that the wallet has, in the asset of the equity; left out while there were none. */
	transfers?: string
	/** What one of each other asset in the wallet is worth, USDT. */
	prices?: AssetPrices
}>
export type Figures = PayloadOf<typeof portfolioState>
export type PortfolioSnapshot = Figures & Readonly<{positions: readonly HeldPosition[]}>

export const emptyHoldings: Holdings = {positions: {}, wallet: {}}
const EQUITY_ASSET = 'USDT'
const RATIO_PLACES = 6
/** As the venue rounds its own valuations; an entry holds no more than 18. */
const USDT_PLACES = 8
const usdt = (value: Exact): string => textOf(value.toDecimalPlaces(USDT_PLACES))

type Snapshot = Readonly<{symbol: string; amount: string; entry_price: string; foreign?: ForeignMark | undefined}>

/** Until a price comes the position is worth what it cost. */
export const withPosition = (holdings: Holdings, of: Snapshot, ts_ms: number): Holdings => {
	const {symbol, amount, entry_price, foreign} = of
	const {[symbol]: before, ...others} = holdings.positions
	if (isZero(amount)) return before ? {...holdings, positions: others} : holdings
	const {price, price_ms} = before ?? {price: entry_price, price_ms: ts_ms}
	const held = {amount, entry_price, price, price_ms, ...(foreign && {foreign})}
	return {...holdings, positions: {...others, [symbol]: held}}
}

export const withBalance = (holdings: Holdings, asset: string, wallet_balance: string, transfer = '0'): Holdings => ({
	...holdings,
	wallet: {...holdings.wallet, [asset]: wallet_balance},
	...(asset === EQUITY_ASSET && !isZero(transfer) && {transfers: add(holdings.transfers ?? '0', transfer)}),
})

/** The mark price, which is what the venue values by; without one the middle of the book. */
export const valuationOf = ({mark_price, bid, ask}: Pick<Tick, 'mark_price' | 'bid' | 'ask'>): string =>
	mark_price ?? textOf(averagePrice(exact(bid).add(ask).div(2)))

/** The asset of the wallet that a tick prices, where it does so anew: a step that nobody would see is none. */
const pricedAnew = ({wallet, prices = {}}: Holdings, {symbol, ...tick}: Tick): string | undefined => {
	if (!symbol.endsWith(EQUITY_ASSET)) return undefined
	const asset = symbol.slice(0, -EQUITY_ASSET.length)
	const known = prices[asset]
	if (wallet[asset] === undefined) return undefined
	if (known !== undefined && exact(valuationOf(tick)).sub(known).abs().lt(exact(known).mul(PRICE_STEP)))
		return undefined
	return asset
}
const PRICE_STEP = 0.001

/** The holdings with the worth of an asset of the wallet; the same ones when the tick says nothing new of any. */
export const withAssetPrice = (holdings: Holdings, tick: Tick): Holdings => {
	const asset = pricedAnew(holdings, tick)
	return asset === undefined ? holdings : {...holdings, prices: {...holdings.prices, [asset]: valuationOf(tick)}}
}

/** The same holdings when the tick is of no open position, or older than what is known. */
export const withTick = (holdings: Holdings, tick: Tick, ts_ms: number): Holdings => {
	const held = holdings.positions[tick.symbol]
	if (!held || ts_ms < held.price_ms) return holdings
	const positions = {...holdings.positions, [tick.symbol]: {...held, price: valuationOf(tick), price_ms: ts_ms}}
	return {...holdings, positions}
}

const heldOf = (symbol: string, {amount, entry_price, price, price_ms, foreign}: Held): HeldPosition => ({
	symbol,
	amount,
	entry_price,
	price,
	notional_usdt: usdt(exact(amount).mul(price)),
	unrealised_pnl: usdt(exact(price).sub(entry_price).mul(amount)),
	...(foreign && {foreign}),
	price_ms,
})

/** What the holdings are worth, each position to the eighth decimal; undefined while the wallet is not known: unknown is not nothing. */
export const snapshotOf = ({positions: open, wallet, transfers, prices}: Holdings): PortfolioSnapshot | undefined => {
	const wallet_usdt = wallet[EQUITY_ASSET]
	if (wallet_usdt === undefined) return undefined
	const positions = Object.keys(open)
		.sort()
		.flatMap(symbol => (open[symbol] ? [heldOf(symbol, open[symbol])] : []))
	const sums = positions.map(
		({notional_usdt, unrealised_pnl}) => [exact(notional_usdt), exact(unrealised_pnl)] as const,
	)
	const [gross, net, unrealised] = sums.reduce(
		([gross, net, total], [notional, pnl]) => [gross.add(notional.abs()), net.add(notional), total.add(pnl)],
		[zero, zero, zero],
	)
	const theirs = positions.filter(({foreign}) => foreign === 'ignored')
	const ignored = theirs.reduce((sum, {notional_usdt}) => sum.add(exact(notional_usdt).abs()), zero)
	const equity = exact(wallet_usdt).add(unrealised)
	return {
		equity_usdt: textOf(equity),
		wallet_usdt: textOf(exact(wallet_usdt)),
		unrealised_pnl: textOf(unrealised),
		gross_usdt: textOf(gross),
		net_usdt: textOf(net),
		...(theirs.length > 0 && {ignored_usdt: textOf(ignored)}),
		...(equity.gt(0) && {exposure_ratio: textOf(gross.div(equity).toDecimalPlaces(RATIO_PLACES))}),
		open_positions: positions.length,
		...(transfers !== undefined && {transfers_usdt: transfers}),
		...(prices !== undefined && {asset_prices: prices}),
		price_ms: positions.length === 0 ? 0 : Math.min(...positions.map(({price_ms}) => price_ms)),
		positions,
	}
}
