import type {Write} from '../../src/engine/bus/bus.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {Naming} from '../../src/engine/contracts/naming.js'
import type {AnyUnit} from '../../src/engine/contracts/unit.js'
import {units} from '../../src/engine/registry.js'
import type {JournalLine} from '../../src/engine/runtime/journal.js'
import {type ReplayedStep, replay} from '../../src/engine/runtime/replay.js'
import type {Recording} from './recording.js'

/** One thing that came of a step, as the text that was written; what was left at the end has no step. */
export type Output = Readonly<{step?: number; text: string}>
/** By `unit > stream`, `unit > key`, `unit asks` (of the world) and `unit state` (at the end), and `problems`. */
export type Outputs = ReadonlyMap<string, readonly Output[]>
/** What is held of each output: its texts. */
export type Held = ReadonlyMap<string, readonly string[]>

export const unitsIn = (lines: readonly JournalLine[]): ReadonlySet<string> =>
	new Set(lines.flatMap(line => (line.kind === 'gap' ? [] : [line.unit])))

/** Where a write belongs, and its text; nothing for what is seen elsewhere: the state, settled requests, and when there were some. */
const placeOf = (unit: string, write: Write, naming: Naming): readonly (readonly [name: string, text: string])[] => {
	const short = (name: string): string => name.slice(naming.prefix.length)
	if (write.op === 'append') return [[`${unit} > ${short(write.stream)}`, JSON.stringify(write.fields)]]
	const {key, ...what} = write
	if (key === naming.key(keys.unitState, {unit}) || key === naming.key(keys.unitLease, {unit})) return []
	if (key !== naming.key(keys.unitEffects, {unit})) return [[`${unit} > ${short(key)}`, JSON.stringify(what)]]
	return write.op === 'put-hash' ? Object.values(write.fields).map(text => [`${unit} asks`, text] as const) : []
}

/** Runs a recording through units as they are now. */
export const outputsOf = async ({prefix, lines}: Recording, registry: readonly AnyUnit[] = units): Promise<Outputs> => {
	const naming = new Naming(prefix)
	const names = unitsIn(lines)
	const outputs = new Map<string, Output[]>()
	const keep = (name: string, output: Output): void => {
		const known = outputs.get(name)
		if (known) known.push(output)
		else outputs.set(name, [output])
	}
	const onStep = ({unit, commits, writes}: ReplayedStep): void => {
		for (const write of writes)
			for (const [name, text] of placeOf(unit, write, naming)) keep(name, {step: commits, text})
	}
	const run = registry.filter(({name}) => names.has(name))
	const {states, problems} = await replay({units: run, lines, naming, onStep})
	for (const [unit, partitions] of states)
		for (const [partition, text] of Object.entries(partitions).sort(([one], [other]) => (one < other ? -1 : 1)))
			keep(`${unit} state`, {text: `${partition} ${text}`})
	for (const text of problems) keep('problems', {text})
	return outputs
}

export const heldOf = (outputs: Outputs): Held =>
	new Map([...outputs].map(([name, entries]) => [name, entries.map(({text}) => text)]))

const AROUND_CHARS = 80
/** Two texts from a little before the place where they part. */
const textsApart = (one: string, other: string): readonly string[] => {
	let place = 0
	while (place < one.length && one[place] === other[place]) place += 1
	const from = Math.max(0, place - AROUND_CHARS)
	return [one, other].map(text => `${from > 0 ? '…' : ''}${text.slice(from, place + AROUND_CHARS)}`)
}

/** Of two entries the fields that differ; of other texts where they part. */
const apart = (one: string, other: string): readonly string[] => {
	if (!one.startsWith('{') || !other.startsWith('{')) return textsApart(one, other)
	const entries = [one, other].map(text => new Map(Object.entries(JSON.parse(text) as Record<string, unknown>)))
	const texts = entries.map(fields => new Map([...fields].map(([name, value]) => [name, JSON.stringify(value)])))
	const names = new Set(texts.flatMap(fields => [...fields.keys()]))
	const differing = [...names].filter(name => new Set(texts.map(fields => fields.get(name))).size > 1)
	// The same fields in another order are other bytes.
	if (differing.length === 0) return textsApart(one, other)
	return texts.map(fields => differing.map(name => `${name}: ${fields.get(name) ?? 'none'}`).join(', '))
}

/** What differs, output by output: how much there is of it, and the first that came out otherwise, of which step. */
export const differences = (held: Held, outputs: Outputs): readonly string[] =>
	[...new Set([...held.keys(), ...outputs.keys()])].sort().flatMap(name => {
		const [was, is] = [held.get(name) ?? [], outputs.get(name) ?? []]
		const longer = Math.max(was.length, is.length)
		const place = Array.from({length: longer}, (_, index) => index).findIndex(index => was[index] !== is[index]?.text)
		if (place < 0) return []
		const {step, text: now = 'nothing'} = is[place] ?? {}
		const [before, after] = apart(was[place] ?? 'nothing', now)
		const where = step === undefined ? '' : `, of step ${step}`
		return [
			`${name}: ${was.length} held, ${is.length} now; the first that differs is #${place}${where}`,
			`  held ${before}`,
			`  now  ${after}`,
		]
	})
