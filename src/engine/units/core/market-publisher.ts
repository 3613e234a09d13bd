import {keys} from '../../contracts/keys.js'
import {type Interval, marketKlines} from '../../contracts/streams/market.js'
import {alerts} from '../../contracts/streams/ops.js'
import {defineFeed, defineUnit, stay} from '../../contracts/unit.js'
import {type CandleEvent, missingBetween, readCandle} from '../../logic/candle-sequence.js'

/** What the venue demands of an order in the symbol, decimals as text. */
export type FiltersEvent = Readonly<{
	symbol: string
	tick_size: string
	step_size: string
	min_quantity: string
	max_market_quantity: string
	min_notional_usdt: string
	tradable: boolean
}>

/** Of one symbol: opening time of the newest candle per interval, machine time of the last alert about a broken one. */
type State = Readonly<{open_ms: Readonly<Partial<Record<Interval, number>>>; alerted_machine_ms?: number}>

const initial: State = {open_ms: {}}
const ALERT_EVERY_MACHINE_MS = 60_000

/** Ticks polled over REST while the socket is down come through price-feed: one writer keeps them in one order. */
export const marketPublisher = defineUnit({
	name: 'market-publisher',
	target: 'core',
	kind: 'stream',
	summary: 'Closed candles of every configured interval, in order and once; the venue’s filters per symbol.',
	aliases: ['data-collector'],
	reads: {},
	writes: {candle: marketKlines, alert: alerts},
	keys: {filters: keys.marketFilters},
	feeds: {
		candles: defineFeed<CandleEvent>('Closed candles: fetched at the start and after a hole, else from the socket'),
		filters: defineFeed<FiltersEvent>('Filters of each symbol, at the start and when the venue changes them', {
			conflate: true,
		}),
	},
	initial: () => initial,
	on: {},
	onFeed: {
		candles: (state, event, {emit, machine_ms}) => {
			const {symbol, interval, open_ms} = event
			const read = readCandle(event)
			if ('problem' in read) {
				const {alerted_machine_ms = Number.NEGATIVE_INFINITY} = state
				if (machine_ms - alerted_machine_ms < ALERT_EVERY_MACHINE_MS) return stay
				const subject = symbol || 'candles'
				const message = `Candle of ${subject} dropped: ${read.problem}`
				return {
					state: {...state, alerted_machine_ms: machine_ms},
					wishes: [emit.alert({severity: 'warning', code: 'KLINE_BROKEN', subject, message})],
				}
			}
			const last_ms = state.open_ms[interval]
			const missing = last_ms === undefined ? 0 : missingBetween(last_ms, open_ms, interval)
			if (missing < 0) return stay
			const message = `${missing} candles of ${symbol} ${interval} are missing before ${new Date(open_ms).toISOString()}: features start anew`
			return {
				state: {...state, open_ms: {...state.open_ms, [interval]: open_ms}},
				wishes: [
					...(missing > 0 ? [emit.alert({severity: 'warning', code: 'KLINE_GAP', subject: symbol, message})] : []),
					emit.candle(read.candle),
				],
			}
		},
		filters: (_, {symbol, ...filters}, {key}) => ({
			wishes: [key.filters.put({symbol}, filters, {replace: true})],
		}),
	},
})
