import {readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {exposition} from '../../engine/logic/prometheus.js'
import {noAdapters, type UnitAdapters} from '../../engine/runtime/adapters.js'
import {harvestMetricsExporter} from '../../engine/units/obs/harvest-metrics-exporter.js'
import {metricpackBuilder} from '../../engine/units/obs/metricpack-builder.js'
import {safetyTelemetry} from '../../engine/units/obs/safety-telemetry.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import {homeAt} from '../system/home.js'
import type {Environment} from './environment.js'
import {ALL_PARTS, scrape} from './scrape.js'

/** Packs of a week. */
const PACKS_MAX = 168
const PACK = /^\d{4}-\d{2}-\d{2}T\d{2}\.prom$/
const HOUR_CHARS = '2026-11-21T22'.length

/** Writes the pack of the hour, over one that is there already, and removes the oldest. */
const writePack = (folder: string, text: string, machine_ms: number): string => {
	const file = join(folder, `${new Date(machine_ms).toISOString().slice(0, HOUR_CHARS)}.prom`)
	writeFileAtomically(file, text)
	const packs = readdirSync(folder)
		.filter(name => PACK.test(name))
		.sort()
	for (const name of packs.slice(0, -PACKS_MAX)) rmSync(join(folder, name), {force: true})
	return file
}

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
		return {file: writePack(homeAt(environment.config.home).metrics, text, machine_ms)}
	}
	return {feeds: {}, effects: {pack: {perform}}}
}
