import {surveyStreams} from '../../engine/adapters/redis/stream-survey.js'
import {idTime} from '../../engine/bus/stream-id.js'
import type {Fields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {applyResult, governorEvents, tradeClosed} from '../../engine/contracts/streams/trade.js'
import {add, exact, isZero} from '../../engine/logic/exact.js'
import {type ForeignMark, markOf} from '../../engine/logic/foreign.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {State} from './state.js'
import {streamPages} from './stream-pages.js'

export type WatchedPosition = Readonly<{
	symbol: string
	amount: string
	entry_price: string
	/** Mid of bid and ask; empty without a quote. */
	mid_price: string
	stop_resting: boolean
	stop_price: string
	unrealised_pnl: string
	/** Others opened it; null for one of ours. */
	foreign: ForeignMark | null
}>
export type WatchedTrade = Readonly<{
	symbol: string
	side: string
	net_pnl: string
	exit_reason: string
	closed_ms: number
}>

/** Counts since the streams began, as far as they are kept. */
export type Tally = Readonly<{
	allowed: number
	refused: number
	reasons: Readonly<Record<string, number>>
	executed: number
	failed: number
}>

const TRADES_SHOWN = 5
const SCAN_COUNT = 500

/** Counts verdicts and results: all that is kept at first, then what has come since. */
export class Tallies {
	#cursors = new Map<StreamContract, string>()
	#allowed = 0
	#refused = 0
	#executed = 0
	#failed = 0
	readonly #reasons = new Map<string, number>()

	async update(state: State): Promise<Tally> {
		await this.#read(state, governorEvents, ({verdict, reason = ''}) => {
			if (verdict === 'ALLOW') this.#allowed += 1
			if (verdict !== 'REFUSE') return
			this.#refused += 1
			this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
		})
		await this.#read(state, applyResult, ({decision}) => {
			if (decision === 'EXECUTED') this.#executed += 1
			if (decision === 'FAILED' || decision === 'SKIP') this.#failed += 1
		})
		const reasons = Object.fromEntries([...this.#reasons].sort(([, left], [, right]) => right - left))
		return {allowed: this.#allowed, refused: this.#refused, reasons, executed: this.#executed, failed: this.#failed}
	}

	async #read(state: State, stream: StreamContract, count: (fields: Fields) => void): Promise<void> {
		const cursor = this.#cursors.get(stream)
		const span = {max: CLIENT_LIMITS.trace_entries_max, ...(cursor !== undefined && {from: `(${cursor}`})}
		for await (const page of streamPages(state, stream, span))
			for (const {id, fields} of page) {
				count(fields)
				this.#cursors.set(stream, id)
			}
	}
}

/** Values of the parameter of a one-parameter key, for every key of it that exists. */
const scan = async ({bus, naming}: State, pattern: string): Promise<readonly string[]> => {
	const prefix = naming.prefix + pattern.replace(/\{.*$/, '')
	const found = new Set<string>()
	let cursor = '0'
	do {
		const [next, names] = await bus.redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', SCAN_COUNT)
		for (const name of names) found.add(name.slice(prefix.length))
		cursor = next
	} while (cursor !== '0')
	return [...found].sort()
}

export type Quote = Readonly<{symbol: string; mid_price: string; machine_ms: number; stale: boolean}>

const readQuote = async ({bus, naming}: State, symbol: string): Promise<Quote> => {
	const [quote, stale] = await Promise.all([
		bus.hashAll(naming.key(keys.marketQuote, {symbol})),
		bus.hashGet(naming.key(keys.marketStale, {symbol}), 'since_ms'),
	])
	const {bid, ask, machine_ms} = quote
	const mid_price = bid && ask ? exact(bid).add(ask).div(2).toFixed() : ''
	return {symbol, mid_price, machine_ms: Number(machine_ms ?? 0), stale: stale !== undefined}
}

/** Every symbol that has a quote. Looks through all keys: not to be asked every second. */
export const quotedSymbols = (state: State): Promise<readonly string[]> => scan(state, keys.marketQuote.pattern)

export const readQuotes = (state: State, symbols: readonly string[]): Promise<readonly Quote[]> =>
	Promise.all(symbols.map(symbol => readQuote(state, symbol)))

/** Open positions as the state has them, valued at the middle of the newest quotes. */
export const readOpen = async (state: State, quotes: readonly Quote[]): Promise<readonly WatchedPosition[]> => {
	const {bus, naming} = state
	const symbols = quotes.map(({symbol}) => symbol)
	const held = await Promise.all(symbols.map(symbol => bus.hashAll(naming.key(keys.positionSnapshot, {symbol}))))
	return quotes.flatMap(({symbol, mid_price}, index) => {
		const {amount = '0', entry_price = '0', stop_resting, stop_price = '', foreign} = held[index] ?? {}
		if (isZero(amount)) return []
		const unrealised = mid_price === '' ? exact(0) : exact(mid_price).sub(entry_price).mul(amount)
		return [
			{
				symbol,
				amount,
				entry_price,
				mid_price,
				stop_resting: stop_resting === 'true',
				stop_price,
				unrealised_pnl: unrealised.toDecimalPlaces(8).toFixed(),
				foreign: markOf(foreign),
			},
		]
	})
}

export type Sums = Readonly<{
	realised_pnl: string
	fees: string
	funding: string
	net: string
	trades: number
	fills: number
}>

/** The books of all symbols together, in USDT. */
export const readSums = async ({bus, naming}: State, symbols: readonly string[]): Promise<Sums> => {
	const books = await Promise.all(symbols.map(symbol => bus.hashAll(naming.key(keys.ledger, {symbol}))))
	const sum = (name: string) => add('0', ...books.map(book => book[name] ?? '0'))
	const count = (name: string) => books.reduce((total, book) => total + Number(book[name] ?? 0), 0)
	return {
		realised_pnl: sum('realised_pnl'),
		fees: sum('fees'),
		funding: sum('funding'),
		net: sum('net'),
		trades: count('trades'),
		fills: count('fills'),
	}
}

export const readLastTrades = async ({bus, naming}: State): Promise<readonly WatchedTrade[]> => {
	const entries = await bus.range(naming.stream(tradeClosed.name), {count: TRADES_SHOWN, newest_first: true})
	return entries.map(({fields}) => ({
		symbol: fields.symbol ?? '',
		side: fields.side ?? '',
		net_pnl: fields.net_pnl ?? '0',
		exit_reason: fields.exit_reason ?? '',
		closed_ms: Number(fields.closed_ms ?? 0),
	}))
}

export type VenueClock = Readonly<{venue_ms: number; speed: number}>

/** Venue time now, carried on from its last reading at its speed. `now_ms` is machine time. */
export const readClock = async ({bus, naming}: State, now_ms: number): Promise<VenueClock | undefined> => {
	const {venue_ms, machine_ms, speed} = await bus.hashAll(naming.key(keys.clock, {}))
	if (!venue_ms || !machine_ms) return undefined
	const times = Number(speed ?? 1)
	return {venue_ms: Number(venue_ms) + Math.max(0, now_ms - Number(machine_ms)) * times, speed: times}
}

/** Machine age of the oldest entry that a reader has not been given, by the worst reader. */
export type Backlog = Readonly<{entries: number | null; worst: string; oldest_ms: number | null}>

export const readBacklog = async (state: State, now_ms: number): Promise<Backlog> => {
	const {streams, readersOf} = await import('../../engine/registry.js')
	const {bus, naming} = state
	const surveys = await surveyStreams(
		bus.redis,
		streams.map(({name}) => naming.stream(name)),
	)
	const known = streams.flatMap(({name}, index) => {
		const survey = surveys[index]
		return readersOf(name).flatMap(unit => {
			const group =
				survey?.state === 'stream' ? survey.groups.find(of => of.group === naming.group(unit.name, name)) : undefined
			// The unit has not run yet: it has no group to be behind in.
			if (!group) return []
			const {undelivered, pending, oldest_undelivered: oldest} = group
			const entries = undelivered === null ? undefined : undelivered + pending
			const oldest_ms = oldest === null ? 0 : Math.max(0, now_ms - idTime(oldest.id))
			return [{unit: unit.name, stream: name, entries, oldest_ms}]
		})
	})
	const worst = known.toSorted(
		(left, right) => right.oldest_ms - left.oldest_ms || (right.entries ?? 0) - (left.entries ?? 0),
	)[0]
	return {
		entries: known.some(({entries}) => entries === undefined)
			? null
			: known.reduce((sum, {entries = 0}) => sum + entries, 0),
		worst: worst ? `${worst.unit} on ${worst.stream}` : '',
		oldest_ms: worst?.oldest_ms ?? null,
	}
}
