import {z} from 'zod'
import type {KeyContract} from '../engine/contracts/key.js'
import type {StreamContract} from '../engine/contracts/stream.js'
import type {AnyUnit} from '../engine/contracts/unit.js'
import {hostKeys, keyReadersOf, units} from '../engine/registry.js'

/** What follows from the declarations, as several documents say it. */

export const hostOf = ({process, target}: Pick<AnyUnit, 'process' | 'target'>): string => `host-${process ?? target}`

const dates = [
	[86_400_000, 'd'],
	[3_600_000, 'h'],
	[60_000, 'min'],
	[1_000, 's'],
] as const

/** A whole number of the largest unit of time that divides it. */
export const spanOf = (ms: number): string => {
	const [size, name] = dates.find(([of]) => ms >= of && ms % of === 0) ?? [1, 'ms']
	return `${ms / size} ${name}`
}

export const keptFor = (ttl_ms: number | undefined): string => (ttl_ms === undefined ? 'for good' : spanOf(ttl_ms))

/** Fields of an entry beside those of the envelope; `?` marks what may be left out. */
export const fieldsOf = ({payload}: StreamContract): readonly string[] => {
	const shapes: readonly object[] =
		'shape' in payload
			? [payload.shape]
			: payload.options.flatMap(option => ('shape' in option ? [option.shape as object] : []))
	const found = new Map<string, {times: number; optional: boolean}>()
	for (const shape of shapes)
		for (const [name, schema] of Object.entries(shape)) {
			const {times = 0, optional = false} = found.get(name) ?? {}
			found.set(name, {times: times + 1, optional: optional || mayBeLeftOut(schema)})
		}
	return [...found].map(([name, {times, optional}]) => (optional || times < shapes.length ? `${name}?` : name))
}

const mayBeLeftOut = (schema: unknown): boolean => schema instanceof z.ZodType && schema.safeParse(undefined).success

export const NOT_DECLARED = 'not declared'

/** Who declares that it looks at a key of another; every host looks at some of them. */
export const readersOfKey = (key: KeyContract): readonly string[] => [
	...(hostKeys.some(({pattern}) => pattern === key.pattern) ? ['every host'] : []),
	...keyReadersOf(key).map(({name}) => name),
]

/** Keys that a unit owns, those that its hosts keep for it apart. */
export const ownedBy = (unit: string, all: readonly KeyContract[]): readonly string[] =>
	all.filter(({owner}) => owner === unit).map(({pattern}) => pattern)

/** Hosts and the units that run in each, in the order of the registry. */
export const hosts = (): ReadonlyMap<string, readonly AnyUnit[]> => {
	const found = new Map<string, readonly AnyUnit[]>()
	for (const unit of units) found.set(hostOf(unit), [...(found.get(hostOf(unit)) ?? []), unit])
	return found
}
