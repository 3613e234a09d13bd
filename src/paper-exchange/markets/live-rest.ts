import {setTimeout as pause} from 'node:timers/promises'
import {z} from 'zod'
import type {SymbolSpec} from '../market.js'
import {deriveSpec, type SpecOverride} from './candle-spec.js'
import {Grid} from './grid.js'
import {MINUTE_MS, MinuteCandles} from './minute-candles.js'

const REQUEST_TIMEOUT_MS = 10_000
const TRIES_MAX = 4
const FIRST_PAUSE_MS = 250
/** Candles of one request; Binance's own limit. */
const CANDLES_MAX = 1500
const FUNDING_HOURS = 8

const decimal = z.string().regex(/^\d+(?:\.\d+)?$/)
const filter = z.looseObject({filterType: z.string()})
const exchangeInfo = z.object({
	symbols: z.array(z.object({symbol: z.string(), status: z.string(), baseAsset: z.string(), filters: z.array(filter)})),
})
const klines = z.array(
	z.tuple([z.int(), decimal, decimal, decimal, decimal, decimal, z.int(), decimal, z.int()]).rest(z.unknown()),
)
const fundingInfo = z.array(z.object({symbol: z.string(), fundingIntervalHours: z.number()}))
const serverTime = z.object({serverTime: z.int()})

/** A symbol's candles as they are fetched. */
export type LiveHistory = Readonly<{symbol: string; prices: Grid; quantities: Grid; candles: MinuteCandles}>

/** Room for a symbol's candles from an instant on. */
export function emptyHistory(spec: SymbolSpec, from_ms: number, minutes: number): LiveHistory {
	const [prices, quantities] = [new Grid(spec.tick_size), new Grid(spec.step_size)]
	const candles = new MinuteCandles(from_ms, minutes, prices, quantities)
	return {symbol: spec.symbol, prices, quantities, candles}
}

/** The public REST side of a Binance-compatible venue. Requests are few, one after the other, with bounded retries. */
export class LiveRest {
	readonly #url: string

	constructor(url: string) {
		this.#url = url.replace(/\/+$/, '')
	}

	/** Milliseconds to add to the machine's clock to get the exchange's, give or take half a round trip. */
	async clockOffset(now: () => number): Promise<number> {
		const before = now()
		const time = await this.#get('/fapi/v1/time', serverTime)
		return Math.round(time.serverTime - (before + now()) / 2)
	}

	/**
	 * Filters of the symbols. Maintenance tiers are not public and come from the built-in tables.
	 * @throws Error that names symbols which the venue does not trade.
	 */
	async specs(symbols: readonly string[], overrides: Readonly<Record<string, SpecOverride>>): Promise<SymbolSpec[]> {
		const info = await this.#get('/fapi/v1/exchangeInfo', exchangeInfo)
		const hours = new Map(
			(await this.#get('/fapi/v1/fundingInfo', fundingInfo)).map(row => [row.symbol, row.fundingIntervalHours]),
		)
		const found = new Map(info.symbols.filter(row => row.status === 'TRADING').map(row => [row.symbol, row]))
		const missing = symbols.filter(symbol => !found.has(symbol))
		if (missing.length > 0)
			throw new Error(`${this.#url} does not trade ${missing.join(', ')}: choose from its ${found.size} symbols`)
		return symbols.map(symbol => {
			const of = (type: string): Record<string, unknown> =>
				found.get(symbol)?.filters.find(candidate => candidate.filterType === type) ?? {}
			const [price, lot, market] = [of('PRICE_FILTER'), of('LOT_SIZE'), of('MARKET_LOT_SIZE')]
			return deriveSpec(
				symbol,
				{price_decimals: 0, volume_decimals: 0, price: 1},
				{
					tick_size: plain(price.tickSize, `${symbol} tickSize`),
					step_size: plain(lot.stepSize, `${symbol} stepSize`),
					min_quantity: plain(lot.minQty, `${symbol} minQty`),
					max_quantity: plain(lot.maxQty, `${symbol} maxQty`),
					max_market_quantity: plain(market.maxQty ?? lot.maxQty, `${symbol} maxQty`),
					min_notional: plain(of('MIN_NOTIONAL').notional, `${symbol} notional`),
					funding_interval_hours: hours.get(symbol) ?? FUNDING_HOURS,
					...overrides[symbol],
				},
			)
		})
	}

	/** Adds closed one-minute candles up to `to_ms`, gaps filled flat (the venue leaves minutes without trades out). */
	async addHistory({symbol, prices, quantities, candles}: LiveHistory, to_ms: number): Promise<void> {
		for (let next_ms = candles.end_ms; next_ms < to_ms; next_ms += CANDLES_MAX * MINUTE_MS) {
			const end_ms = Math.min(to_ms, next_ms + CANDLES_MAX * MINUTE_MS) - 1
			const query = `symbol=${encodeURIComponent(symbol)}&interval=1m&startTime=${next_ms}&endTime=${end_ms}&limit=${CANDLES_MAX}`
			for (const row of await this.#get(`/fapi/v1/klines?${query}`, klines)) {
				const [open_ms, open, high, low, close, volume, , quote, trades] = row
				if (open_ms < candles.end_ms || open_ms >= to_ms) continue
				const count = (text: string): number => prices.count(Number(text))
				fillTo(candles, open_ms, count(open))
				const four = {open: count(open), high: count(high), low: count(low), close: count(close)}
				candles.push({...four, volume: quantities.count(Number(volume)), quote: Number(quote), trades})
			}
		}
		if (candles.length > 0) fillTo(candles, to_ms, 0)
	}

	async #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
		let reason = ''
		for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
			if (attempt > 0) await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1))
			try {
				const answer = await fetch(this.#url + path, {signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)})
				const text = await answer.text()
				if (answer.ok) return read(schema, text, this.#url + path)
				reason = `HTTP ${answer.status} ${text.slice(0, 200)}`
				// Too many requests or a ban, or a request that will never be right: asking again makes it worse.
				if (answer.status < 500) break
			} catch (error) {
				if (error instanceof UnreadableAnswer) throw error
				reason = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)
			}
		}
		throw new Error(
			`${this.#url}${path} does not answer: ${reason.trim()}. Check rest_url, the network and the venue's limits`,
		)
	}
}

class UnreadableAnswer extends Error {}

function read<T>(schema: z.ZodType<T>, text: string, url: string): T {
	try {
		return schema.parse(JSON.parse(text))
	} catch (error) {
		const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
		throw new UnreadableAnswer(`${url} answers otherwise than Binance does: ${what.slice(0, 400)}`)
	}
}

function fillTo(candles: MinuteCandles, until_ms: number, first: number): void {
	const flat = candles.at(candles.length - 1)?.close ?? first
	while (candles.end_ms < until_ms)
		candles.push({open: flat, high: flat, low: flat, close: flat, volume: 0, quote: 0, trades: 0})
}

/** Without trailing zeros, as filters come as `0.10` and `5.000`. */
function plain(value: unknown, name: string): string {
	const text = decimal.safeParse(value)
	if (!text.success)
		throw new UnreadableAnswer(`exchangeInfo gives ${name} as ${JSON.stringify(value)}, expected a decimal`)
	return text.data.includes('.') ? text.data.replace(/\.?0+$/, '') : text.data
}
