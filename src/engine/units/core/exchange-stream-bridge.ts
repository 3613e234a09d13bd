import {keys} from '../../contracts/keys.js'
import type {PayloadOf} from '../../contracts/stream.js'
import {exchangeNormalized} from '../../contracts/streams/account.js'
import {exchangeRaw} from '../../contracts/streams/market.js'
import {defineFeed, defineUnit, stay} from '../../contracts/unit.js'
import {fillId, incomeId} from '../../logic/account-ids.js'
import {emptyWindow, hasSeen, remember, type SeenWindow, see} from '../../logic/seen-window.js'

/** One account event of the venue, as it goes into the stream. */
export type NormalizedEvent = PayloadOf<typeof exchangeNormalized>

/** One message of the venue: as received, if it came over the socket, and what it says. */
export type AccountMessage = Readonly<{
	raw?: Readonly<{channel: string; body: string}>
	events: readonly NormalizedEvent[]
	/** Venue time of the message, ms. */
	venue_ms?: number
	/** From where the source goes on once this is committed: its own, opaque here. */
	checkpoint?: unknown
}>

/** The page of the venue's trade list: a whole back-filled page still lies in the window. */
const FILLS_PER_SYMBOL = 500
const INCOMES = 500
/** Keeps an entry under the limit of its bytes, whatever its script. */
const RAW_CHARS_MAX = 15_000
/** What the venue is called in raw entries: the name of its public API. */
const VENUE = 'binanceusdm'

type SymbolState = Readonly<{seen: SeenWindow; last_trade_id: string; last_trade_ms: number}>
type BridgeState = Readonly<{
	symbols: Readonly<Record<string, SymbolState>>
	incomes: readonly string[]
	last_income_ms: number
	checkpoint?: unknown
}>

const newSymbol: SymbolState = {seen: emptyWindow, last_trade_id: '', last_trade_ms: 0}

/** A fill that REST fetched does not say its order's client id; the stream wants one. */
const CLIENT_ID_UNKNOWN = 'unknown'
const complete = (event: NormalizedEvent): NormalizedEvent =>
	event.kind === 'fill' && event.client_order_id === '' ? {...event, client_order_id: CLIENT_ID_UNKNOWN} : event

/** The state after an event, and its id when the venue gives it one; undefined: it was there before. */
const take = (
	state: BridgeState,
	event: NormalizedEvent,
	venue_ms: number,
): {state: BridgeState; id?: string} | undefined => {
	if (event.kind === 'fill') {
		const known = state.symbols[event.symbol] ?? newSymbol
		if (hasSeen(known.seen, event.trade_id)) return undefined
		const {window} = see(known.seen, event.trade_id, FILLS_PER_SYMBOL)
		const newest = window.ids.at(-1) === event.trade_id
		const symbol = {
			seen: window,
			last_trade_id: newest ? event.trade_id : known.last_trade_id,
			last_trade_ms: newest ? venue_ms : known.last_trade_ms,
		}
		return {state: {...state, symbols: {...state.symbols, [event.symbol]: symbol}}, id: fillId(event)}
	}
	if (event.kind === 'income') {
		const id = incomeId(event)
		if (state.incomes.includes(id)) return undefined
		return {state: {...state, incomes: remember(state.incomes, id, INCOMES), last_income_ms: venue_ms}, id}
	}
	return {state}
}

/** One partition for the whole account: a message of the venue names several symbols and must stay whole. */
export const exchangeStreamBridge = defineUnit({
	name: 'exchange-stream-bridge',
	target: 'core',
	kind: 'stream',
	summary: 'Account events of the trading venue: raw as received, and normalised with each fill and income once.',
	reads: {},
	writes: {raw: exchangeRaw, normalized: exchangeNormalized},
	keys: {},
	looks: [keys.unitState],
	feeds: {account: defineFeed<AccountMessage>('User-data messages and what a resync fetched, in order of arrival.')},
	initial: (): BridgeState => ({symbols: {}, incomes: [], last_income_ms: 0}),
	partition: () => '',
	on: {},
	onFeed: {
		account: (before, {raw, events, venue_ms, checkpoint}, {emit, now_ms}) => {
			let state = checkpoint === undefined ? before : {...before, checkpoint}
			const wishes = raw ? [emit.raw({venue: VENUE, channel: raw.channel, body: raw.body.slice(0, RAW_CHARS_MAX)})] : []
			for (const event of events) {
				const taken = take(state, event, venue_ms ?? now_ms)
				if (!taken) continue
				state = taken.state
				wishes.push(emit.normalized(complete(event), taken.id === undefined ? {} : {id: taken.id}))
			}
			if (wishes.length === 0 && state === before) return stay
			return state === before ? {wishes} : {state, wishes}
		},
	},
})

/** Where the source goes on, from the committed state of the account; undefined before the first commit. */
export const resumeOf = (state: string | undefined): unknown =>
	state === undefined ? undefined : (JSON.parse(state) as BridgeState).checkpoint
