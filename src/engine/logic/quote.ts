import type {PayloadOf} from '../contracts/stream.js'
import {marketTick} from '../contracts/streams/market.js'

export type Tick = PayloadOf<typeof marketTick>

/** What the feed brings: a book with both sides; mark price and funding where the message has them. Decimals as text. */
export type QuoteEvent = Readonly<{
	symbol: string
	bid: string
	ask: string
	bid_quantity: string
	ask_quantity: string
	mark_price?: string | undefined
	funding_rate?: string | undefined
	next_funding_ms?: number | undefined
	/** Time of the message at the venue, ms. */
	venue_ms: number
	/** Machine time at which it arrived, ms. */
	received_ms: number
}>

/** A message older than the last one by at most this came late; one further back means that the venue's clock was set. */
const LATE_MAX_MS = 60_000

export const isLate = (venue_ms: number, last_venue_ms: number): boolean =>
	venue_ms < last_venue_ms && last_venue_ms - venue_ms <= LATE_MAX_MS

/** The quote as a tick, with mark price and funding as last seen; or why nobody may trade on it. */
export const readQuote = (event: QuoteEvent, last: Tick | undefined): {tick: Tick} | {problem: string} => {
	const parsed = marketTick.payload.safeParse(event)
	if (!parsed.success)
		return {problem: parsed.error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; ')}
	if (!Number.isSafeInteger(event.venue_ms) || event.venue_ms <= 0)
		return {problem: `venue_ms: expected a time in ms above 0, got ${event.venue_ms}`}
	const {bid, ask} = parsed.data
	if (Number(bid) > Number(ask)) return {problem: `crossed book: bid ${bid} is above ask ${ask}`}
	const {mark_price, funding_rate, next_funding_ms} = {...last, ...withoutGaps(parsed.data)}
	return {
		tick: {
			...parsed.data,
			...(mark_price !== undefined && {mark_price}),
			...(funding_rate !== undefined && {funding_rate}),
			...(next_funding_ms !== undefined && {next_funding_ms}),
		},
	}
}

/** Whether anything that is traded on moved. */
export const hasMoved = (last: Tick | undefined, tick: Tick): boolean =>
	last?.bid !== tick.bid || last.ask !== tick.ask || last.mark_price !== tick.mark_price

/** Ask over bid, basis points of the bid; two decimals are enough, and most ticks then leave it as it is. */
export const spreadBps = ({bid, ask}: Pick<Tick, 'bid' | 'ask'>): number =>
	Math.round(((Number(ask) - Number(bid)) / Number(bid)) * 1_000_000) / 100

const withoutGaps = (tick: Tick): Partial<Tick> =>
	Object.fromEntries(Object.entries(tick).filter(([, value]) => value !== undefined))
