import type {Metric, Sample} from './prometheus.js'

/** A unit as its host or the daemon tells of it; null is unknown. */
export type UnitReading = Readonly<{
	name: string
	ready: boolean
	handled: number | null
	dead_lettered: number | null
	last_turn_age_ms: number | null
	/** Left out where only the host knows. */
	effects_in_flight?: number
}>

export const unitMetrics = (units: readonly UnitReading[]): readonly Metric[] => {
	const metric = (
		name: string,
		type: Metric['type'],
		help: string,
		of: (unit: UnitReading) => number | null,
	): Metric => ({
		...{name, type, help},
		samples: units.flatMap((unit): readonly Sample[] => {
			const value = of(unit)
			return value === null ? [] : [{labels: {unit: unit.name}, value}]
		}),
	})
	return [
		metric('qt_unit_ready', 'gauge', '1 while the unit handles its inputs', ({ready}) => (ready ? 1 : 0)),
		metric('qt_unit_handled_total', 'counter', 'Inputs handled since the process started', ({handled}) => handled),
		metric(
			'qt_unit_dead_lettered_total',
			'counter',
			'Entries given up since the process started',
			({dead_lettered}) => dead_lettered,
		),
		metric(
			'qt_unit_effects_in_flight',
			'gauge',
			'Effects whose result is awaited',
			({effects_in_flight}) => effects_in_flight ?? null,
		),
		metric('qt_unit_last_turn_age_seconds', 'gauge', 'Time since the consume loop came round', ({last_turn_age_ms}) =>
			last_turn_age_ms === null ? null : last_turn_age_ms / 1_000,
		),
	]
}
