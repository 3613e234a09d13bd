import {isDeepStrictEqual} from 'node:util'
import type {ClosedCandle} from './candle.js'
import {dec, text} from './decimal.js'
import type {LiveState} from './delta.js'
import type {Recovered, StateLine} from './journal.js'
import type {KlineSnapshot} from './klines.js'
import type {Level} from './market.js'
import type {Side} from './records.js'
import {Unusable} from './unusable.js'
import type {Venue} from './venue.js'

type SavedSymbol = Readonly<{
	symbol: string
	bids: readonly Level[]
	asks: readonly Level[]
	update_id: number
	book_ms: number
	mark: string
	index: string
	last: string
	funding_rate: string
	next_funding_ms: number
	mark_ms: number
}>

/** What a snapshot holds besides the history and candle files. */
type Body = Readonly<{
	market_config: unknown
	market: unknown
	market_seq: number
	now_ms: number
	lease: number
	live: LiveState
	symbols: readonly SavedSymbol[]
	tape: ReturnType<Venue['tape']['snapshot']>
	klines: KlineSnapshot
}>

/** Update ids jump by this much when what happened meanwhile cannot be replayed. */
const idGap = 1_000_000

export const snapshotBody = (venue: Venue): Body => ({
	market_config: venue.config.market,
	market: venue.market.snapshot() ?? null,
	market_seq: venue.core.market_seq,
	now_ms: venue.core.now_ms,
	lease: Math.max(venue.leased_ms, venue.core.now_ms),
	live: venue.core.state.liveState(),
	symbols: [...venue.core.books].map(([symbol, book]) => {
		const prices = venue.core.pricesOf(symbol)
		return {
			symbol,
			bids: book.bids,
			asks: book.asks,
			update_id: book.update_id,
			book_ms: book.time_ms,
			mark: text(prices.mark),
			index: text(prices.index),
			last: text(prices.last),
			funding_rate: prices.funding_rate,
			next_funding_ms: prices.next_funding_ms,
			mark_ms: prices.mark_ms,
		}
	}),
	tape: venue.tape.snapshot(),
	klines: venue.klines.snapshot(),
})

/**
 * Restores a venue from its files, or opens the account when there are none.
 * The account comes from the snapshot and the state log; the market is brought to where it was by its own snapshot and
 * by taking its events again, with the takings of the account in their places.
 * @throws Unusable when the directory belongs to another market
 */
export const recover = (venue: Venue, recovered: Recovered): void => {
	const {snapshot, lines} = recovered
	if (snapshot === undefined && lines.length === 0) {
		venue.open()
		return
	}
	const body = snapshot?.body as Body | undefined
	if (body !== undefined) checkMarket(venue, body.market_config as Settings)
	if (body !== undefined) venue.core.state.applyDelta(body.live)
	venue.core.state.unarchived = []
	const until = Math.max(body?.now_ms ?? 0, ...lines.map(line => line.v))
	const goesOn = venue.market.start_ms <= until
	if (goesOn) {
		for (const candle of recovered.candles) venue.klines.keep(candle as ClosedCandle)
		if (body !== undefined) restoreOutside(venue, body)
		replay(venue, body, lines)
	} else {
		for (const line of lines) applyLine(venue, line)
		if (body !== undefined) skipIds(venue, body)
	}
	resumeTime(venue, body, lines)
}

type Settings = Readonly<Record<string, unknown>>

/** An account goes on in the market it was opened in: prices of another one would be a jump that nobody traded. */
const checkMarket = ({config}: Venue, held: Settings): void => {
	const asked = JSON.parse(JSON.stringify(config.market)) as Settings
	const names = [...new Set([...Object.keys(held), ...Object.keys(asked)])]
	const differing = names.filter(name => !isDeepStrictEqual(held[name], asked[name]))
	if (differing.length === 0) return
	throw new Unusable(
		`The data directory ${config.data_dir} holds the account of another market: it was begun with ${JSON.stringify(held)}, but ${JSON.stringify(asked)} is asked for (different: ${differing.join(', ')}). Start with the settings it was begun with, or give this market a "data_dir" of its own (with qt: another QT_HOME).`,
	)
}

const applyLine = (venue: Venue, line: StateLine): void => {
	if (line.d !== undefined) venue.core.state.applyDelta(line.d as Record<string, unknown>)
}

const restoreOutside = (venue: Venue, body: Body): void => {
	const {core} = venue
	for (const saved of body.symbols) {
		const book = core.bookOf(saved.symbol)
		book.replace(saved.bids, saved.asks, saved.book_ms)
		book.update_id = saved.update_id
		Object.assign(core.pricesOf(saved.symbol), {
			mark: dec(saved.mark),
			index: dec(saved.index),
			last: dec(saved.last),
			funding_rate: saved.funding_rate,
			next_funding_ms: saved.next_funding_ms,
			mark_ms: saved.mark_ms,
		})
	}
	venue.tape.restore(body.tape)
	venue.klines.restore(body.klines)
	core.now_ms = body.now_ms
}

/** Events that a market without a snapshot of its own has to be run through again. */
const skip = (venue: Venue, count: number): void => {
	for (let skipped = 0; skipped < count; skipped += 1) {
		if (venue.market.next(Number.MAX_SAFE_INTEGER) === undefined) return
	}
}

const replay = (venue: Venue, body: Body | undefined, lines: readonly StateLine[]): void => {
	const {core, market} = venue
	if (body !== undefined) {
		if (body.market === null) skip(venue, body.market_seq)
		else market.restore(body.market)
		core.market_seq = body.market_seq
	}
	for (const line of lines) {
		while (core.market_seq < line.m) {
			const event = market.next(Number.MAX_SAFE_INTEGER)
			if (event === undefined) break
			venue.closeCandles(event.time_ms, false)
			venue.observe(event)
		}
		venue.closeCandles(line.v, false)
		core.now_ms = Math.max(core.now_ms, line.v)
		applyLine(venue, line)
		const taken = (line.d as {taken?: ReadonlyArray<readonly [string, Side, string, string]>} | undefined)?.taken
		for (const [symbol, side, price, quantity] of taken ?? []) {
			core.bookOf(symbol).take(side, dec(price), dec(quantity), line.v)
			market.taken(symbol, side, quantity)
		}
	}
}

const skipIds = (venue: Venue, body: Body): void => {
	for (const saved of body.symbols) venue.core.bookOf(saved.symbol).update_id = saved.update_id + idGap
	const ids = Object.fromEntries(Object.entries(body.tape.ids).map(([symbol, id]) => [symbol, id + idGap]))
	venue.tape.restore({ids, fundings: body.tape.fundings})
}

/** Venue time goes on where it had been promised to be at most; what lies between is processed at once. */
const resumeTime = (venue: Venue, body: Body | undefined, lines: readonly StateLine[]): void => {
	const leases = lines.map(line => line.lease ?? 0)
	venue.resume_ms = Math.max(venue.core.now_ms, body?.lease ?? 0, ...leases.slice(-1000))
}
