import {MemoryStore} from '../../engine/bus/memory-store.js'
import {applyPlan} from '../../engine/contracts/streams/trade.js'
import type {AnyUnit} from '../../engine/contracts/unit.js'
import {readersOf, streamNames} from '../../engine/registry.js'
import {admission} from '../../engine/scripts/admission.js'
import {gates} from '../../engine/scripts/gates/all.js'
import type {Gate} from '../../engine/scripts/gates/gate.js'

/** What follows when a reader of a stream is behind, derived from what is declared. */
export type Downstream = Readonly<{
	unit: string
	target: string
	/** Streams that it writes: what is in them is as old as what it reads. */
	writes: readonly string[]
	/** Units that read those, and so work on old data too. */
	next: readonly string[]
	/** All units that can be reached over any number of streams, and their stages. */
	reached: number
	stages: readonly string[]
	/** Gates of the governor that refuse entries because of it. */
	refuses: ReadonlyArray<Readonly<{code: string; meaning: string; policy: string | null}>>
}>

const nextOf = (unit: AnyUnit): readonly AnyUnit[] => [
	...new Set(streamNames(unit.writes).flatMap(name => readersOf(name).filter(reader => reader !== unit))),
]

const reachedFrom = (unit: AnyUnit): ReadonlySet<AnyUnit> => {
	const found = new Set<AnyUnit>()
	const queue = [...nextOf(unit)]
	for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
		if (found.has(next) || next === unit) continue
		found.add(next)
		queue.push(...nextOf(next))
	}
	return found
}

/** Units that own the keys which a gate asks for: seen by letting it look at a store in which there is nothing. */
const ownersOf = ({look}: Gate): readonly string[] => {
	const asked = new Set<string>()
	const key = (name: string): string => {
		asked.add(name)
		return name
	}
	look({store: new MemoryStore(), key, arg: () => '', num: () => 0})
	return [...asked].flatMap(name => admission.keys[name]?.owner ?? [])
}

/** Gates on how long ago something was said, by the unit that has to say it. */
const freshness = gates
	.filter(({of, unit}) => of === 'ENTRY' && unit === 'ms')
	.map(gate => ({gate, owners: ownersOf(gate)}))

const refusalsOf = (unit: AnyUnit, stream: string): Downstream['refuses'] => {
	const silent = freshness.filter(({owners}) => owners.some(owner => owner === unit.name))
	// What waits before the one decision grows old there: plans carry the time at which they were made.
	const aged =
		stream === applyPlan.name && unit.name === admission.keys.permit?.owner
			? freshness.filter(({gate, owners}) => owners.length === 0 && gate.policy === 'plan_age_max_ms')
			: []
	const all = [...silent, ...aged].map(({gate: {code, meaning, policy}}) => ({code, meaning, policy: policy ?? null}))
	return all.filter(({code}, index) => all.findIndex(other => other.code === code) === index)
}

/** What a lag of each reader of a stream means for the rest. */
export const downstreamOf = (stream: string): readonly Downstream[] =>
	readersOf(stream).map(unit => {
		const reached = reachedFrom(unit)
		return {
			unit: unit.name,
			target: unit.target,
			writes: streamNames(unit.writes),
			next: nextOf(unit).map(({name}) => name),
			reached: reached.size,
			stages: [...new Set([...reached].map(({target}) => target))],
			refuses: refusalsOf(unit, stream),
		}
	})
