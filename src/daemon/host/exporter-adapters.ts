import {exposition} from '../../engine/logic/prometheus.js'
import {noAdapters, type UnitAdapters} from '../../engine/runtime/adapters.js'
import {harvestMetricsExporter} from '../../engine/units/obs/harvest-metrics-exporter.js'
import {metricpackBuilder} from '../../engine/units/obs/metricpack-builder.js'
import {safetyTelemetry} from '../../engine/units/obs/safety-telemetry.js'
import {homeAt} from '../system/home.js'
import {writeDated} from './dated-files.js'
import type {Environment} from './environment.js'
import {ALL_PARTS, scrape} from './scrape.js'

/** Of a week. */
const PACKS = {pattern: /^\d{4}-\d{2}-\d{2}T\d{2}\.prom$/, max: 168}
const HOUR_CHARS = '2026-11-21T22'.length

export const safetyTelemetryAdapters = (environment: Environment): UnitAdapters => {
	environment.unitMetrics.set(safetyTelemetry.name, query => scrape(environment, ['safety', 'limits', 'alarms'], query))
	return noAdapters
}

export const harvestMetricsAdapters = (environment: Environment): UnitAdapters => {
	environment.unitMetrics.set(harvestMetricsExporter.name, query => scrape(environment, ['harvest'], query))
	return noAdapters
}

/** Everything at /metrics of its port; and as a file of `metrics` in the home, every hour of the machine's time. */
export const metricpackAdapters = (environment: Environment): UnitAdapters => {
	environment.unitMetrics.set(metricpackBuilder.name, query => scrape(environment, ALL_PARTS, query))
	const perform = async (request: unknown) => {
		const {machine_ms} = request as Readonly<{machine_ms: number}>
		const text = exposition(await scrape(environment, ALL_PARTS))
		const hour = new Date(machine_ms).toISOString().slice(0, HOUR_CHARS)
		return {file: writeDated(homeAt(environment.config.home).metrics, `${hour}.prom`, text, PACKS)}
	}
	return {feeds: {}, effects: {pack: {perform}}}
}
