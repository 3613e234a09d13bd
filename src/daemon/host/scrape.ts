import {type StreamSurvey, surveyStreams} from '../../engine/adapters/redis/stream-survey.js'
import {keys} from '../../engine/contracts/keys.js'
import {messageOf} from '../../engine/errors.js'
import {harvestCounters, resultCounters, safetyCounters} from '../../engine/logic/exporter-metrics.js'
import {attributionMetrics, performanceMetrics} from '../../engine/logic/performance-metrics.js'
import type {Metric, Sample} from '../../engine/logic/prometheus.js'
import {limitMetrics, safetyMetrics} from '../../engine/logic/safety-metrics.js'
import {streamMetrics} from '../../engine/logic/stream-metrics.js'
import {unitMetrics} from '../../engine/logic/unit-metrics.js'
import {streams} from '../../engine/registry.js'
import {type HarvestCounts, harvestMetricsExporter} from '../../engine/units/obs/harvest-metrics-exporter.js'
import {metricpackBuilder, type PackState} from '../../engine/units/obs/metricpack-builder.js'
import {type SafetyCounts, safetyTelemetry} from '../../engine/units/obs/safety-telemetry.js'
import {readLimits} from '../client/limits.js'
import {wholeState} from '../client/unit-state.js'
import {homeAt} from '../system/home.js'
import {askDaemon} from './daemon-status.js'
import type {Environment} from './environment.js'

type Needs = Pick<Environment, 'config' | 'bus' | 'naming' | 'clock' | 'log' | 'signal'>
type Read = () => Promise<readonly Metric[]>

/** Everything that can be told of a system, each part by itself: one that cannot be read does not hide the others. */
export const ALL_PARTS = ['streams', 'units', 'safety', 'limits', 'alarms', 'harvest', 'orders', 'performance'] as const
export type PartName = (typeof ALL_PARTS)[number]
type Parts = Readonly<Record<PartName, Read>>

/** A unit of one partition as it has committed its counts; undefined before it has counted anything. */
const committed = async <State>(needs: Needs, unit: string): Promise<State | undefined> => {
	const text = await wholeState(needs, unit)
	return text === undefined ? undefined : (JSON.parse(text) as State)
}

const present = (survey: StreamSurvey) => (survey.state === 'stream' ? [survey] : [])

const readSafety = async ({bus, naming, clock}: Needs): Promise<readonly Metric[]> => {
	const hash = (key: Parameters<typeof naming.key>[0]) => bus.hashAll(naming.key(key, {}))
	const [kill, execution, arm, ess, ess_watch, bsc, reconcile, blocked] = await Promise.all([
		bus.get(naming.key(keys.kill, {})),
		bus.get(naming.key(keys.execution, {})),
		...[keys.arm, keys.essState, keys.essWatch, keys.bscState, keys.reconcileLast, keys.blockedSymbols].map(hash),
	])
	return safetyMetrics({
		...{kill, execution, arm: arm ?? {}, ess: ess ?? {}, ess_watch: ess_watch ?? {}, bsc: bsc ?? {}},
		...{reconcile: reconcile ?? {}, blocked_symbols: Object.keys(blocked ?? {}).length, machine_ms: clock.machine()},
	})
}

/** The one place that collects what is scraped. */
const partsOf = (needs: Needs, query: URLSearchParams): Parts => {
	const {config, bus, naming, clock, signal} = needs
	const consumers = query.get('consumers') === 'true'
	const told = async <State>(unit: string, metricsOf: (state: State) => readonly Metric[]) => {
		const state = await committed<State>(needs, unit)
		return state === undefined ? [] : metricsOf(state)
	}
	return {
		streams: async () => {
			const found = await surveyStreams(
				bus.redis,
				streams.map(({name}) => naming.stream(name)),
			)
			return streamMetrics(found.flatMap(present), {consumers})
		},
		units: async () => {
			const {units} = await askDaemon(needs, signal)
			return unitMetrics(units.map(unit => ({...unit, ready: unit.state === 'RUNNING'})))
		},
		safety: () => readSafety(needs),
		limits: async () => {
			const state = {bus, naming, url: config.redis_url}
			const view = await readLimits(homeAt(config.home), state, () => clock.machine())
			return limitMetrics(view.limits)
		},
		performance: async () => performanceMetrics(await bus.hashAll(naming.key(keys.performanceSummary, {}))),
		alarms: () => told<SafetyCounts>(safetyTelemetry.name, safetyCounters),
		harvest: () => told<HarvestCounts>(harvestMetricsExporter.name, harvestCounters),
		orders: () =>
			told<PackState>(metricpackBuilder.name, ({results, parts, attributed}) => [
				...resultCounters(results),
				...attributionMetrics(parts, attributed),
			]),
	}
}

/** Reads these parts; `qt_scrape_ok` says which of them could be read. */
export const scrape = async (
	needs: Needs,
	names: readonly PartName[],
	query = new URLSearchParams(),
): Promise<readonly Metric[]> => {
	const parts = partsOf(needs, query)
	const read = await Promise.all(
		names.map(async name => {
			try {
				return {name, metrics: await parts[name]()}
			} catch (error) {
				needs.log.warn({part: name, error: messageOf(error)}, 'a part of the metrics cannot be read')
				return {name, metrics: undefined}
			}
		}),
	)
	const samples: readonly Sample[] = read.map(({name, metrics}) => ({
		labels: {part: name},
		value: metrics === undefined ? 0 : 1,
	}))
	return [
		{name: 'qt_scrape_ok', type: 'gauge', help: '1 where this part of the metrics could be read', samples},
		...read.flatMap(({metrics}) => metrics ?? []),
	]
}
