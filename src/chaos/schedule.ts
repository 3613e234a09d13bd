import {placementsOf} from '../daemon/running/composition.js'
import {Random} from '../paper-exchange/markets/random.js'
import type {Aim, Fault, FaultKind, Group} from './fault.js'
import {faultKinds} from './fault-kinds.js'

/** Mean pause between two faults, machine time. */
const PAUSE_MS = 1_900

/** Shares of the blows: what sends and what keeps books gets most. */
const SHARES: Readonly<Record<string, number>> = {'host-exec': 6, 'host-state': 4}
const SHARE = 2
const hosts = placementsOf([]).map(({process}) => process)
const PROCESSES = Object.fromEntries(
	['daemon', 'redis', 'paper-exchange', ...hosts].map(name => [name, SHARES[name] ?? SHARE]),
)
const AIMS: Readonly<Record<Aim, number>> = {time: 2, verdict: 2, request: 3, answer: 3}

const drawn = <Name extends string>(chance: Random, shares: Readonly<Record<Name, number>>): Name => {
	const rows = Object.entries<number>(shares) as [Name, number][]
	let left = chance.uniform() * rows.reduce((sum, [, share]) => sum + share, 0)
	for (const [name, share] of rows) {
		left -= share
		if (left < 0) return name
	}
	throw new Error('nothing to draw from')
}

const between = (chance: Random, [low, high]: readonly [number, number]): number =>
	Math.round(low + chance.uniform() * (high - low))

const draw = (chance: Random, at_ms: number, kind: string, {process, ms, times}: FaultKind): Fault => ({
	at_ms: Math.round(at_ms),
	kind,
	process: process ? drawn(chance, PROCESSES) : '',
	aim: process ? drawn(chance, AIMS) : 'time',
	ms: ms ? between(chance, ms) : 0,
	times: times ? between(chance, times) : 1,
})

/** The faults of a run, in their order. The same arguments give the same faults. */
export const scheduleOf = (seed: number, minutes: number, groups: readonly Group[]): readonly Fault[] => {
	const chance = new Random(seed, 'chaos')
	const kinds = Object.entries(faultKinds).filter(([, {group}]) => groups.includes(group))
	const weights = Object.fromEntries(kinds.map(([name, {weight}]) => [name, weight]))
	const faults: Fault[] = []
	const end_ms = minutes * 60_000
	for (let at_ms = PAUSE_MS * chance.exponential(); at_ms < end_ms; at_ms += PAUSE_MS * chance.exponential()) {
		const name = drawn(chance, weights)
		const kind = faultKinds[name]
		if (kind) faults.push(draw(chance, at_ms, name, kind))
	}
	return faults
}
