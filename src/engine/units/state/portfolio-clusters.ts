import {keys} from '../../contracts/keys.js'
import {intervalMs, marketKlines} from '../../contracts/streams/market.js'
import {portfolioClusterState} from '../../contracts/streams/portfolio.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {isStale} from '../../logic/allowance.js'
import {clustersOf} from '../../logic/clusters.js'
import {correlationsOf} from '../../logic/correlation.js'
import {commonBars, nextReturns, type ReturnBook} from '../../logic/return-series.js'

/** Of all symbols together: a correlation concerns two. `published` once there is a record to confirm. */
type State = Readonly<{book?: ReturnBook; published?: boolean}>

const initial: State = {}
const WHOLE = ''

/**
 * Of candles of 15 minutes; where the system has none, of 1 minute. One entry when a candle has closed for every symbol.
 * Candles of the past, which come at the start, are only remembered.
 */
export const portfolioClusters = defineUnit({
	name: 'portfolio-clusters',
	target: 'state',
	kind: 'stream',
	summary: 'Correlation clusters of the universe from rolling returns (hierarchical clustering).',
	reads: {candle: marketKlines},
	writes: {clusters: portfolioClusterState},
	keys: {clusters: keys.portfolioClusters},
	timers: {confirm: {every_ms: 5_000, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		candle: (state, candle, context) => {
			const {emit, key, machine_ms, now_ms, entry} = context
			if (entry.authority !== 'live') return stay
			const book = nextReturns(state.book, candle)
			if (!book) return stay
			const bar_ms = intervalMs(book.interval)
			const common = isStale(candle.open_ms + bar_ms, bar_ms, context) ? undefined : commonBars(book)
			if (!common) return {state: {...state, book}}
			const {open_ms, symbols, bars, rows} = common
			const correlations = correlationsOf(rows)
			const clusters = Object.fromEntries(
				Object.entries(clustersOf(symbols, correlations)).map(([name, members]) => [name, [...members]]),
			)
			const told = {bars, open_ms, clusters, correlations}
			const record = {
				...told,
				clusters: JSON.stringify(clusters),
				correlations: JSON.stringify(correlations),
				venue_ms: now_ms,
				machine_ms,
			}
			return {
				state: {book, published: true},
				wishes: [emit.clusters(told), key.clusters.put({}, record, {replace: true})],
			}
		},
	},
	onTimer: {
		/** Between two candles, so that a reader can tell a calm quarter of an hour from a unit that is gone. */
		confirm: ({published}, {key, machine_ms}) => (published ? {wishes: [key.clusters.put({}, {machine_ms})]} : stay),
	},
})
