import * as fc from 'fast-check'
import type {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {QuietLook, type Unrest} from '../../src/engine/adapters/redis/redis-quiet.js'
import type {Bus, Write} from '../../src/engine/bus/bus.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {Naming} from '../../src/engine/contracts/naming.js'
import type {AnyUnit} from '../../src/engine/contracts/unit.js'
import {units} from '../../src/engine/registry.js'

/** States of streams, effects, leases and positions, and what is unquiet about them. */

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', '币安人生USDT']
/** Some share a stream; some have effects, and some have none. */
const LOOKED_AT = ['apply-layer', 'execution', 'intent-bridge', 'trade-logger', 'reconcile-engine']
const all = units.filter(({name}) => LOOKED_AT.includes(name))
const actingOf = (of: readonly AnyUnit[]) => of.filter(({effects}) => effects !== undefined)
const acting = actingOf(all)

const readers = all.flatMap(({name, reads}) => Object.values(reads).map(({name: stream}) => ({unit: name, stream})))
const streams = [...new Set(readers.map(({stream}) => stream))]

const mostly = <T>(usual: T, ...others: T[]) =>
	fc.oneof({weight: 3, arbitrary: fc.constant(usual)}, {weight: 2, arbitrary: fc.constantFrom(...others)})

export const quietState = fc.record({
	/** Who is looked at: all of them, or one that acts; and how many symbols. */
	alone: mostly(false, true),
	symbols: fc.nat({max: SYMBOLS.length}),
	/** Entries on each stream. */
	lengths: fc.array(mostly(0, 1, 2, 12), {minLength: streams.length, maxLength: streams.length}),
	/** Per group: how many entries it was given, how many of them it acknowledged, or that it is missing. */
	groups: fc.array(
		fc.record({
			missing: fc.integer({min: 0, max: 19}).map(n => n === 0),
			rest: mostly(0, 1, 2),
			open: mostly(0, 1),
			emptied: mostly(false, true),
		}),
		{minLength: readers.length, maxLength: readers.length},
	),
	/** What happens to a stream between two looks. */
	later: fc.array(
		fc.record({stream: fc.nat({max: streams.length - 1}), what: fc.constantFrom('append' as const, 'remove' as const)}),
		{maxLength: 2},
	),
	effects: fc.array(mostly(0, 1, 2), {minLength: acting.length, maxLength: acting.length}),
	effects_at: fc.array(mostly('', '0', '1', '7'), {minLength: acting.length, maxLength: acting.length}),
	positions: fc.array(
		fc.record({
			amount: mostly('0', '', '1', '-0.5', 'x'),
			stop: mostly('true', 'false', ''),
			foreign: mostly('', 'ignored', 'adopted'),
		}),
		{
			minLength: SYMBOLS.length,
			maxLength: SYMBOLS.length,
		},
	),
})
export type QuietState = typeof quietState extends fc.Arbitrary<infer T> ? T : never

const hash = (key: string, fields: Readonly<Record<string, string>>): Write[] =>
	Object.keys(fields).length === 0 ? [] : [{op: 'put-hash', key, fields}]

const build = async (bus: Bus, naming: Naming, state: QuietState): Promise<void> => {
	const writes = streams.flatMap((stream, index) =>
		Array.from(
			{length: state.lengths[index] ?? 0},
			(): Write => ({op: 'append', stream: naming.stream(stream), fields: {n: 'x'}}),
		),
	)
	acting.forEach(({name: unit}, index) => {
		const recorded = Array.from({length: state.effects[index] ?? 0}, (_, n) => [`e${n}`, '{}'])
		writes.push(...hash(naming.key(keys.unitEffects, {unit}), Object.fromEntries(recorded)))
		const effects_at = state.effects_at[index] ?? ''
		writes.push(...hash(naming.key(keys.unitLease, {unit}), {generation: '1', ...(effects_at && {effects_at})}))
	})
	SYMBOLS.forEach((symbol, index) => {
		const {amount = '', stop = '', foreign = ''} = state.positions[index] ?? {}
		const fields = {...(amount && {amount}), ...(stop && {stop_resting: stop}), ...(foreign && {foreign})}
		writes.push(...hash(naming.key(keys.positionSnapshot, {symbol}), fields))
	})
	await bus.commit({acknowledge: [], writes})
	for (const [index, {unit, stream: name}] of readers.entries()) {
		const {missing, rest, open, emptied} = state.groups[index] ?? {missing: true, rest: 0, open: 0, emptied: false}
		if (missing) continue
		const [stream, group] = [naming.stream(name), naming.group(unit, name)]
		await bus.ensureGroup(stream, group)
		const count = (state.lengths[streams.indexOf(name)] ?? 0) - rest
		const given = count > 0 ? await bus.read({stream, group, consumer: 'c', count}) : []
		await bus.acknowledge(
			stream,
			group,
			given.slice(open).map(({id}) => id),
		)
		if (emptied) await bus.trim(stream, 0)
	}
}

const goOn = async (bus: Bus, naming: Naming, {later}: QuietState): Promise<void> => {
	for (const {stream, what} of later) {
		const name = naming.stream(streams[stream] ?? '')
		const write: Write = what === 'append' ? {op: 'append', stream: name, fields: {n: 'y'}} : {op: 'remove', key: name}
		await bus.commit({acknowledge: [], writes: [write]})
	}
}

const lookedAt = ({alone}: QuietState): readonly AnyUnit[] => (alone ? acting.slice(0, 1) : all)

/** Where streams wait and the first thing is enough, nothing else is said. */
const briefly = ({waiting, ...rest}: Unrest, streams_wait: boolean): Unrest =>
	streams_wait ? {waiting: waiting.slice(0, 1), unprotected: [], effect_steps: null} : {waiting, ...rest}

type Looks = Readonly<{full: Unrest; brief: Unrest}>

/** The same said plainly, over the bus. */
const expected = async (bus: Bus, naming: Naming, state: QuietState): Promise<Looks> => {
	const names = lookedAt(state).map(({name}) => name)
	const waiting: string[] = []
	const removed = state.later.filter(({what}) => what === 'remove').map(({stream}) => streams[stream])
	const missing = new Set(
		readers.filter(({stream}, index) => removed.includes(stream) || (state.groups[index]?.missing ?? true)),
	)
	const asked = readers.filter(({unit}) => names.includes(unit))
	for (const stream of new Set(asked.map(reader => reader.stream)))
		for (const reader of asked.filter(one => one.stream === stream)) {
			const group = naming.group(reader.unit, stream)
			if (missing.has(reader)) waiting.push(`${group} does not exist yet`)
			else {
				const {pending, undelivered = 0} = await bus.backlog(naming.stream(stream), group)
				if (pending > 0 || undelivered > 0) waiting.push(group)
			}
		}
	const streams_wait = waiting.length > 0
	let effect_steps = 0
	acting.forEach(({name: unit}, index) => {
		if (!names.includes(unit)) return
		if ((state.effects[index] ?? 0) > 0) waiting.push(naming.key(keys.unitEffects, {unit}))
		effect_steps += Number(state.effects_at[index] ?? 0)
	})
	const bare = SYMBOLS.slice(0, state.symbols).filter((_, index) => {
		const {amount = '', stop = '', foreign = ''} = state.positions[index] ?? {}
		return ['1', '-0.5'].includes(amount) && stop !== 'true' && foreign !== 'ignored'
	})
	const unprotected = bare.map(symbol => naming.key(keys.positionSnapshot, {symbol}))
	const full = {waiting, unprotected, effect_steps}
	return {full, brief: briefly(full, streams_wait)}
}

export const lookOnRedis = async (bus: RedisBus, prefix: string, state: QuietState): Promise<Looks> => {
	const naming = new Naming(prefix)
	await build(bus, naming, state)
	const looker = new QuietLook(bus.redis, lookedAt(state), SYMBOLS.slice(0, state.symbols), naming)
	// What it remembers of this look may not change what it says of the next.
	await looker.look()
	await goOn(bus, naming, state)
	return {brief: await looker.look(true), full: await looker.look()}
}
export const lookPlainly = async (bus: Bus, prefix: string, state: QuietState): Promise<Looks> => {
	const naming = new Naming(prefix)
	await build(bus, naming, state)
	await goOn(bus, naming, state)
	return expected(bus, naming, state)
}
