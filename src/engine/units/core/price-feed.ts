import {keys} from '../../contracts/keys.js'
import {marketTick} from '../../contracts/streams/market.js'
import {alerts} from '../../contracts/streams/ops.js'
import {type Context, defineFeed, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {allowanceMs, silenceMs} from '../../logic/allowance.js'
import {hasMoved, isLate, type QuoteEvent, readQuote, type Tick} from '../../logic/quote.js'

/** How the venue's time runs: `venue_ms` at `machine_ms`, from there `speed` times as fast; 0 in lock-step. */
export type ClockEvent = Readonly<{venue_ms: number; machine_ms: number; speed: number}>

/** Of one symbol; empty before its first good quote. Times: last good quote, last tick, begin of the silence, last alert. */
type State = Readonly<{
	tick?: Tick
	venue_ms?: number
	machine_ms?: number
	ticked_ms?: number
	silent_since_ms?: number
	alerted_machine_ms?: number
}>

const initial: State = {}
/** No symbol is empty: symbols have two characters at least. */
const CLOCK_PARTITION = ''
/** Alerts about unusable quotes are for people: one per symbol and machine minute. */
const ALERT_EVERY_MACHINE_MS = 60_000

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

const writes = {tick: marketTick, alert: alerts}
const ports = {quote: keys.marketQuote, stale: keys.marketStale, clock: keys.clock}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>

/**
 * Silent: more than `data_stale_ms`, or `machine_grace_ms` at the speed of the venue's clock where that is more, has
 * passed since the last good quote. A symbol without any quote has no quote key either: readers refuse it for that.
 */
const silent = (state: State, {emit, key, policy, partition: symbol, ...now}: Ctx): Step<State> => {
	const {venue_ms, machine_ms} = state
	if (venue_ms === undefined || machine_ms === undefined || state.silent_since_ms !== undefined) return stay
	const silence_ms = silenceMs({venue_ms, machine_ms}, now)
	const limit_ms = allowanceMs(policy.data_stale_ms, policy, now.speed)
	if (silence_ms <= limit_ms) return stay
	const message = `No quote of ${symbol} for ${seconds(silence_ms)} of venue time, limit ${seconds(limit_ms)}: no position opens in it until it is back`
	return {
		state: {...state, silent_since_ms: venue_ms},
		wishes: [
			key.stale.put({symbol}, {since_ms: venue_ms}),
			emit.alert({severity: 'warning', code: 'FEED_SILENT', subject: symbol, message}),
		],
	}
}

export const priceFeed = defineUnit({
	name: 'price-feed',
	target: 'core',
	kind: 'stream',
	summary:
		'Real-time best bid and ask, mark price and funding; conflates per symbol; marks a symbol stale when its feed is silent.',
	reads: {},
	writes,
	keys: ports,
	feeds: {
		quotes: defineFeed<QuoteEvent>('Book tops with mark price and funding, from the socket, else polled', {
			conflate: true,
		}),
		clock: defineFeed<ClockEvent>('How the venue’s time runs', {conflate: true}),
	},
	timers: {silence: {every_ms: 1_000, clock: 'machine'}, standstill: {every_ms: 5_000, clock: 'venue'}},
	initial: () => initial,
	partition: event => (event as Partial<QuoteEvent>).symbol ?? CLOCK_PARTITION,
	on: {},
	onFeed: {
		/** A tick when something moved, and before the last one looks stale to those who read only ticks. */
		quotes: (state, event, {emit, key, policy, machine_ms}) => {
			const {symbol, venue_ms} = event
			const read = readQuote(event, state.tick)
			if ('problem' in read) {
				const {alerted_machine_ms = Number.NEGATIVE_INFINITY} = state
				if (machine_ms - alerted_machine_ms < ALERT_EVERY_MACHINE_MS) return stay
				const subject = symbol || 'quotes'
				const message = `Quote of ${subject} dropped: ${read.problem}`
				return {
					state: {...state, alerted_machine_ms: machine_ms},
					wishes: [emit.alert({severity: 'warning', code: 'QUOTE_BROKEN', subject, message})],
				}
			}
			if (state.venue_ms !== undefined && isLate(venue_ms, state.venue_ms)) return stay
			const {tick} = read
			const {silent_since_ms, ...awake} = state
			const due = venue_ms - (state.ticked_ms ?? 0) >= policy.data_stale_ms / 2
			const ticks = due || hasMoved(state.tick, tick)
			const {bid, ask, bid_quantity, ask_quantity, received_ms} = tick
			const book = {symbol, bid, ask, bid_quantity, ask_quantity, venue_ms, machine_ms: received_ms}
			const message = `Quotes of ${symbol} are back after ${seconds(venue_ms - (silent_since_ms ?? venue_ms))} of venue time`
			return {
				state: {...awake, tick, venue_ms, machine_ms: received_ms, ...(ticks && {ticked_ms: venue_ms})},
				wishes: [
					key.quote.put({symbol}, book),
					...(ticks ? [emit.tick(tick)] : []),
					...(silent_since_ms === undefined
						? []
						: [
								key.stale.remove({symbol}),
								emit.alert({severity: 'info', code: 'FEED_BACK', subject: symbol, message}),
							]),
				],
			}
		},
		clock: (_, {venue_ms, machine_ms, speed}, {key}) => ({
			wishes: [key.clock.put({}, {venue_ms, machine_ms, speed, lockstep: speed === 0})],
		}),
	},
	onTimer: {
		/** While time runs, what has passed on the machine counts. */
		silence: (state, context) => (context.speed > 0 ? silent(state, context) : stay),
		/** In lock-step only what the market has moved on by, once all quotes of that time are handled. */
		standstill: (state, context) => (context.speed > 0 ? stay : silent(state, context)),
	},
})
