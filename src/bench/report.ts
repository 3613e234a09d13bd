import {cpus, loadavg} from 'node:os'
import type {BenchResult, Spread} from './bench.js'

export type Report = Readonly<{
	node: string
	cpus: number
	/** Load of the machine over the last minute when the run ended: on a busy one compare ratios only. */
	load_1m: number
	benches: Readonly<Record<string, BenchResult>>
}>

export const reportOf = (results: Readonly<Record<string, BenchResult>>): Report => ({
	node: process.version,
	cpus: cpus().length,
	load_1m: loadavg()[0] ?? 0,
	benches: results,
})

const figure = (value: number): string =>
	value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 1_000) / 1_000)
const verdict = (value: number, floor: number | undefined): string =>
	floor === undefined ? '' : `  floor ${figure(floor)}  ${value >= floor ? 'ok' : 'BELOW'}`

const isKept = (spread: Spread): boolean =>
	spread.ceiling === undefined || spread[spread.bounds ?? 'p50'] <= spread.ceiling

/** Whether every floor and ceiling is kept. */
export const holds = ({benches}: Report): boolean =>
	Object.values(benches).every(
		({ratios, floors, spreads = []}) =>
			[...ratios, ...floors].every(({value, floor}) => floor === undefined || value >= floor) && spreads.every(isKept),
	)

const spreadLine = (spread: Spread): string => {
	const {name, unit, count, p50, p99, max, ceiling, bounds} = spread
	const of = bounds ? `${bounds} ` : ''
	const kept = ceiling === undefined ? '' : `  ceiling ${of}${figure(ceiling)}  ${isKept(spread) ? 'ok' : 'ABOVE'}`
	return `  ${name.padEnd(28)} p50 ${figure(p50)}  p99 ${figure(p99)}  max ${figure(max)} ${unit}  (${count})${kept}`
}

/** The report as text for people. */
export const table = ({benches, node, cpus: cores, load_1m}: Report): string => {
	const lines = [`node ${node}, ${cores} cores, load ${load_1m.toFixed(1)}`]
	for (const [name, {measurements, ratios, floors, spreads = [], notes}] of Object.entries(benches)) {
		lines.push('', name)
		for (const {name: what, value, unit, rounds, client_us, server_us, note} of measurements) {
			const cpu = `client ${client_us.toFixed(1)} µs, server ${server_us.toFixed(1)} µs`
			const each = `(${rounds.map(figure).join(', ')})`
			lines.push(
				`  ${what.padEnd(28)} ${figure(value).padStart(10)} ${unit}  ${cpu}  ${each}${note ? `  ${note}` : ''}`,
			)
		}
		for (const {name: what, value, floor} of ratios)
			lines.push(`  ${what.padEnd(28)} ${figure(value).padStart(10)} x${verdict(value, floor)}`)
		for (const {name: what, value, unit, floor} of floors)
			lines.push(`  ${what.padEnd(28)} ${figure(value).padStart(10)} ${unit}${verdict(value, floor)}`)
		lines.push(...spreads.map(spreadLine))
		for (const note of notes) lines.push(`  note: ${note}`)
	}
	return lines.join('\n')
}
