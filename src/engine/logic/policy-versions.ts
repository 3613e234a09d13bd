import {createHash} from 'node:crypto'
import {z} from 'zod'
import type {Looser} from '../contracts/policy/field.js'
import {type Policy, policyFields} from '../contracts/policy.js'
import {valueAt} from './policy-check.js'

export const ORIGINS = ['default', 'file', 'rollback', 'environment', 'unit'] as const
export type Origin = (typeof ORIGINS)[number]

/** One version of the policy as it is kept. `hash` covers everything else, `previous` is the hash before it. */
export const policyVersionSchema = z.strictObject({
	version: z.int().positive(),
	/** Machine time, ms. */
	time_ms: z.int(),
	author: z.string(),
	reason: z.string(),
	origin: z.enum(ORIGINS),
	/** The file, the version that was gone back to, the names that were read, or the proposal of a unit. */
	source: z.string(),
	policy: z.record(z.string(), z.unknown()),
	previous: z.string(),
	hash: z.string(),
})
export type PolicyVersion = z.output<typeof policyVersionSchema>
export type NewVersion = Pick<PolicyVersion, 'time_ms' | 'author' | 'reason' | 'origin' | 'source'> &
	Readonly<{policy: Policy}>

/** What a first version follows. */
const NOTHING = ''

const hashOf = ({version, time_ms, author, reason, origin, source, policy, previous}: Omit<PolicyVersion, 'hash'>) =>
	createHash('sha256')
		.update(JSON.stringify([version, time_ms, author, reason, origin, source, policy, previous]))
		.digest('hex')

/** The version that follows; its policy carries its number. */
export const nextVersion = (head: PolicyVersion | undefined, {policy, ...said}: NewVersion): PolicyVersion => {
	const version = (head?.version ?? 0) + 1
	const unsealed = {version, ...said, policy: {...policy, version}, previous: head?.hash ?? NOTHING}
	return {...unsealed, hash: hashOf(unsealed)}
}

/** Where the chain is broken, for people; undefined when every version follows the one before, untouched. */
export const brokenLink = (versions: readonly PolicyVersion[]): string | undefined => {
	let before: PolicyVersion | undefined
	for (const version of versions) {
		const number = (before?.version ?? 0) + 1
		if (version.version !== number) return `version ${version.version} stands where version ${number} belongs`
		if (version.previous !== (before?.hash ?? NOTHING))
			return `version ${version.version} does not follow the version before it`
		if (version.hash !== hashOf(version)) return `version ${version.version} was changed after it was written`
		before = version
	}
	return undefined
}

export type Direction = 'tightened' | 'loosened' | 'changed'
export type PolicyChange = Readonly<{path: string; before: unknown; after: unknown; direction: Direction}>

const amountOf = (value: unknown): number => (typeof value === 'boolean' ? Number(value) : (value as number))

const listDirection = (before: readonly unknown[], after: readonly unknown[], looser: Looser): Direction => {
	const added = after.some(item => !before.includes(item))
	const removed = before.some(item => !after.includes(item))
	if (added) return looser === 'more' ? 'loosened' : 'changed'
	return removed && looser === 'more' ? 'tightened' : 'changed'
}

const directionOf = (before: unknown, after: unknown, looser: Looser): Direction => {
	if (looser === 'unclear') return 'changed'
	if (Array.isArray(before) && Array.isArray(after)) return listDirection(before, after, looser)
	return amountOf(after) > amountOf(before) === (looser === 'more') ? 'loosened' : 'tightened'
}

const namesOf = (value: unknown): readonly string[] | undefined =>
	Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined

/** One text for one value, whatever the order of names in it. */
const canonical = (value: unknown): string =>
	JSON.stringify(value, (_, inner: unknown) =>
		typeof inner === 'object' && inner !== null && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
			: inner,
	)

/** Names in a list stand in no order; numbers do. */
const same = (left: unknown, right: unknown): boolean => {
	const [old, fresh] = [namesOf(left), namesOf(right)]
	return old && fresh
		? old.length === fresh.length && old.every(name => fresh.includes(name))
		: canonical(left) === canonical(right)
}

/** What differs, field by field in the order of the schema. The version is no field; the order of names in a list says nothing. */
export const diffPolicies = (before: Policy, after: Policy): readonly PolicyChange[] =>
	policyFields.flatMap(({path, looser}) => {
		const [old, fresh] = [valueAt(before, path), valueAt(after, path)]
		if (same(old, fresh)) return []
		return [{path: path.join('.'), before: old, after: fresh, direction: directionOf(old, fresh, looser)}]
	})

/** Changes that a person must mean: they loosen, or cannot be told. */
export const notTightening = (changes: readonly PolicyChange[]): readonly PolicyChange[] =>
	changes.filter(({direction}) => direction !== 'tightened')

/** The version that gave a field the value it has in the last of `versions`; undefined for a default that stands. */
export const setterOf = (
	versions: readonly PolicyVersion[],
	path: readonly string[],
	standard: unknown,
): PolicyVersion | undefined => {
	const valueIn = (version: PolicyVersion | undefined) => JSON.stringify(valueAt(version?.policy, path) ?? standard)
	return versions.findLast((version, index) => valueIn(version) !== valueIn(versions[index - 1]))
}
