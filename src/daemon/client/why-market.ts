import {keys} from '../../engine/contracts/keys.js'
import type {Policy} from '../../engine/contracts/policy.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {features, marketKlines} from '../../engine/contracts/streams/market.js'
import type {State} from './state.js'
import {streamPages} from './stream-pages.js'
import type {Market} from './why-data.js'

type Fields = Readonly<Record<string, string>>

/** Entries of one symbol are found within so many of all. */
const MARKET_ENTRIES_MAX = 20_000
const newestOf = async (
	state: State,
	stream: StreamContract,
	wanted: Readonly<{symbol: string; interval: string}>,
): Promise<Fields | undefined> => {
	for await (const page of streamPages(state, stream, {newest_first: true, max: MARKET_ENTRIES_MAX})) {
		const found = page.find(({fields}) => fields.symbol === wanted.symbol && fields.interval === wanted.interval)
		if (found) return found.fields
	}
	return undefined
}

/** What is known of the market of a symbol now. */
export const readMarket = async (state: State, symbol: string, {bar: interval}: Policy): Promise<Market> => {
	const {bus, naming} = state
	const [quote, stale, candle, vector] = await Promise.all([
		bus.hashAll(naming.key(keys.marketQuote, {symbol})),
		bus.hashAll(naming.key(keys.marketStale, {symbol})),
		newestOf(state, marketKlines, {symbol, interval}),
		newestOf(state, features, {symbol, interval}),
	])
	return {quote, stale, candle, features: vector}
}
