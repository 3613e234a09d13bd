import {keys} from '../../contracts/keys.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {marketTick} from '../../contracts/streams/market.js'
import {events} from '../../contracts/streams/ops.js'
import {applyResult, classOf, tradeClosed} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {
	EXIT_QUALITY,
	type Excursion,
	type ExitQuality,
	excursionOf,
	qualityOf,
	rollingOf,
	withPrice,
} from '../../logic/excursion.js'

type Excursions = Readonly<Record<string, Excursion>>
type State = Readonly<{
	open: Excursions
	/** Of positions that are gone and whose trade was not told yet, one per symbol. */
	ended: Excursions
	/** The newest closed trades, oldest first. */
	trades: readonly ExitQuality[]
}>

const initial: State = {open: {}, ended: {}, trades: []}
/** The rolling figures are over all symbols, so all of them are one partition. */
const WHOLE = ''
const TRADES_MAX = 100

const without = (excursions: Excursions, symbol: string): Excursions =>
	Object.fromEntries(Object.entries(excursions).filter(([name]) => name !== symbol))

/** Measures only: it tells nobody to exit. */
export const exitIntelligence = defineUnit({
	name: 'exit-intelligence',
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	summary: 'Quality of exits: adverse and favourable excursion, give-back and cost of waiting of each closed trade.',
	reads: {position: positionSnapshot, tick: marketTick, result: applyResult, closed: tradeClosed},
	writes: {event: events},
	keys: {quality: keys.exitQuality},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		position: (state, snapshot, {entry, policy}) => {
			if (entry.authority !== 'live') return stay
			const {symbol, opened_ms} = snapshot
			const before = state.open[symbol]
			const excursion = excursionOf(snapshot, before, policy.harvest)
			const ends = before && (before.opened_ms !== opened_ms || before.direction !== excursion?.direction)
			const ended = ends ? {...state.ended, [symbol]: before} : state.ended
			if (!excursion) return before ? {state: {...state, ended, open: without(state.open, symbol)}} : stay
			// The trade may have been told before the last snapshots of its position.
			if (state.trades.some(trade => trade.symbol === symbol && trade.opened_ms === opened_ms)) return stay
			return {state: {...state, ended, open: {...state.open, [symbol]: excursion}}}
		},
		tick: (state, {symbol, bid, ask}, {entry, policy}) => {
			const before = state.open[symbol]
			if (!before || entry.authority !== 'live' || entry.ts < before.opened_ms) return stay
			const after = withPrice(before, Number(before.direction > 0 ? bid : ask), entry.ts, policy.harvest)
			return after === before ? stay : {state: {...state, open: {...state.open, [symbol]: after}}}
		},
		result: (state, {symbol, action, executed, average_price}, {entry}) => {
			const price = Number(average_price ?? 0)
			if (entry.authority !== 'live' || !executed || classOf(action) !== 'EXIT' || !(price > 0)) return stay
			const place = state.open[symbol] ? 'open' : 'ended'
			const excursion = state[place][symbol]
			if (!excursion || excursion.first_exit !== undefined || entry.ts < excursion.opened_ms) return stay
			return {state: {...state, [place]: {...state[place], [symbol]: {...excursion, first_exit: price}}}}
		},
		closed: (state, trade, {entry, emit, key, now_ms}) => {
			if (entry.authority !== 'live') return stay
			const {symbol, opened_ms} = trade
			const place = state.open[symbol]?.opened_ms === opened_ms ? 'open' : 'ended'
			const excursion = state[place][symbol]
			// A trade whose path was not seen has no quality that could be told.
			if (excursion?.opened_ms !== opened_ms) return stay
			const quality = qualityOf(excursion, trade)
			const trades = [...state.trades, quality].slice(-TRADES_MAX)
			const figures = {...rollingOf(trades), venue_ms: now_ms, newest: JSON.stringify(trades)}
			return {
				state: {...state, [place]: without(state[place], symbol), trades},
				wishes: [
					emit.event({event: EXIT_QUALITY, subject: symbol, detail: JSON.stringify(quality)}),
					key.quality.put({}, figures, {replace: true}),
				],
			}
		},
	},
})
