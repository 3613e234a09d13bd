import type {AnyUnit} from '../../engine/contracts/unit.js'
import {noAdapters, type UnitAdapters} from '../../engine/runtime/adapters.js'
import type {Environment} from './environment.js'

type Build = (environment: Environment) => Promise<UnitAdapters>

const filterAdapters: Build = async ({venue}) => {
	const {filtersFeed} = await import('../../engine/adapters/exchange/filters-feed.js')
	return {...noAdapters, feeds: {filters: filtersFeed(venue)}}
}

/**
 * What connects each unit to the world outside the streams. Loaded only where the unit runs: ccxt and the
 * database are heavy.
 */
const builders: Readonly<Record<string, Build>> = {
	'price-feed': async ({venue, clock}) => {
		const [{quoteFeed}, {clockFeed}] = await Promise.all([
			import('../../engine/adapters/exchange/quote-feed.js'),
			import('../../engine/adapters/exchange/clock-feed.js'),
		])
		return {...noAdapters, feeds: {quotes: quoteFeed(venue, clock), clock: clockFeed(venue)}}
	},
	'market-publisher': async ({venue, config}) => {
		const [{candleFeed}, {filtersFeed}] = await Promise.all([
			import('../../engine/adapters/exchange/candle-feed.js'),
			import('../../engine/adapters/exchange/filters-feed.js'),
		])
		return {
			...noAdapters,
			feeds: {candles: candleFeed(venue, {warmup: config.warmup_candles}), filters: filtersFeed(venue)},
		}
	},
	'universe-service': async ({venue}) => {
		const {universeFeed} = await import('../../engine/adapters/exchange/universe-feed.js')
		return {...noAdapters, feeds: {listings: universeFeed(venue)}}
	},
	'cross-exchange-aggregator': async ({venue, clock, config: {references}}) => {
		const {referenceFeed, referenceSources} = await import('../../engine/adapters/exchange/reference-feed.js')
		return {
			...noAdapters,
			feeds: {sources: referenceSources(references), quotes: referenceFeed(references, venue, clock)},
		}
	},
	'exchange-stream-bridge': async environment => (await import('./account-adapters.js')).accountAdapters(environment),
	'reconcile-engine': async environment => (await import('./reconcile-adapters.js')).reconcileAdapters(environment),
	'position-monitor': async environment => (await import('./monitor-adapters.js')).monitorAdapters(environment),
	'pnl-tracker': async environment => (await import('./income-adapters.js')).incomeAdapters(environment),
	'risk-safety': async environment => (await import('./policy-adapters.js')).riskSafetyAdapters(environment),
	'ess-watch': async environment => (await import('./guard-adapters.js')).essWatchAdapters(environment),
	bsc: async environment => (await import('./guard-adapters.js')).bscAdapters(environment),
	'policy-sync': async environment => (await import('./policy-adapters.js')).policySyncAdapters(environment),
	exitbrain: filterAdapters,
	'exposure-balancer': filterAdapters,
	'ledger-sync': async environment => (await import('./fill-adapters.js')).fillAdapters(environment),
	'apply-layer': async environment => (await import('./gateway-adapters.js')).gatewayAdapters(environment),
	'trade-logger': async environment => (await import('./journal-adapters.js')).journalAdapters(environment),
	'stream-recover': async environment => (await import('./recovery-adapters.js')).recoveryAdapters(environment),
	'safety-telemetry': async environment =>
		(await import('./exporter-adapters.js')).safetyTelemetryAdapters(environment),
	'harvest-metrics-exporter': async environment =>
		(await import('./exporter-adapters.js')).harvestMetricsAdapters(environment),
	'metricpack-builder': async environment => (await import('./exporter-adapters.js')).metricpackAdapters(environment),
	'eventbus-bridge': async environment => (await import('./eventbus-adapters.js')).eventbusAdapters(environment),
	diagnostic: async environment => (await import('./diagnostic-adapters.js')).diagnosticAdapters(environment),
	'core-health': async environment => (await import('./health-adapters.js')).coreHealthAdapters(environment),
	'contract-check': async environment => (await import('./health-adapters.js')).contractCheckAdapters(environment),
	'latency-proof': async environment => (await import('./latency-adapters.js')).latencyAdapters(environment),
	'health-gate': async environment => (await import('./stage-adapters.js')).stageAdapters(environment),
}

export const adaptersFor = async (unit: AnyUnit, environment: Environment): Promise<UnitAdapters> =>
	builders[unit.name]?.(environment) ?? noAdapters
