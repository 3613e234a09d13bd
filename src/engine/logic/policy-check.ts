import type {z} from 'zod'
import type {PolicyField, Unit} from '../contracts/policy/field.js'
import {type Policy, policyFields, policySchema} from '../contracts/policy.js'

/** What is wrong with one field: where, what was found there, and what was expected. */
export type PolicyProblem = Readonly<{path: string; found: string; expected: string}>
export type CheckedPolicy =
	| Readonly<{ok: true; policy: Policy}>
	| Readonly<{ok: false; problems: readonly PolicyProblem[]}>

const UNIT_WORDS: Readonly<Record<Unit, string>> = {
	ms: 'milliseconds, as a whole number',
	USDT: 'USDT, as a number',
	bps: 'basis points (100 = 1 %), as a number',
	share: 'a share above 0 and at most 1 (0.02 = 2 %)',
	count: 'a whole number',
	multiple: 'a number',
	none: '',
}
const SHOWN_CHARS_MAX = 80

const shown = (value: unknown): string => {
	const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value))
	return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text
}

/** The value at a path of a plain object. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
	path.reduce<unknown>(
		(at, name) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[name] : undefined),
		value,
	)

export type PolicyValues = Readonly<Record<string, unknown>>

/** The same with another value at the path of a field: a name, or a section and a name. */
export const withValue = (policy: PolicyValues, [name, inner]: readonly string[], value: unknown): PolicyValues => {
	if (name === undefined) return policy
	if (inner === undefined) return {...policy, [name]: value}
	return {...policy, [name]: {...(policy[name] as PolicyValues), [inner]: value}}
}

/** A name without its unit, to see that `cooldown_seconds` means `cooldown_ms`. */
const stem = (name: string): string =>
	name.replace(/_(ms|s|sec|secs|seconds?|minutes?|h|hours?|usdt?|dollars?|pct|percent|bps|share)(?=_|$)/g, '')

const meant = (path: readonly string[]): PolicyField | undefined =>
	policyFields.find(
		field =>
			field.path.length === path.length && field.path.every((part, index) => stem(part) === stem(path[index] ?? '')),
	)

const expectedName = (path: readonly string[]): string => {
	const field = meant(path)
	if (!field) return 'no such field'
	const words = UNIT_WORDS[field.unit]
	return `the field is ${field.path.join('.')}${words ? `: ${words}` : ''}`
}

const problemsOf = (issue: z.core.$ZodIssue, input: unknown): readonly PolicyProblem[] => {
	const path = issue.path.map(String)
	if (issue.code === 'unrecognized_keys')
		return issue.keys.map(key => ({
			// A field without a name is named all the same.
			path: [...path, key].join('.') || '""',
			found: shown(valueAt(input, [...path, key])),
			expected: expectedName([...path, key]),
		}))
	const field = policyFields.find(known => known.path.join('.') === path.join('.'))
	const said = issue.message.replace(/^(Invalid (input|option)|Too (big|small)): /, '')
	const words = issue.code === 'custom' || !field ? '' : UNIT_WORDS[field.unit]
	const expected = words ? `${words}; ${said}` : said
	return [{path: path.join('.') || 'policy', found: shown(valueAt(input, path)), expected}]
}

/** Reads a policy as it lies in a file; every problem is told, not only the first. */
export const checkPolicy = (input: unknown): CheckedPolicy => {
	const parsed = policySchema.safeParse(input ?? {})
	if (!parsed.success)
		return {ok: false, problems: parsed.error.issues.flatMap(issue => problemsOf(issue, input ?? {}))}
	const {allowlist} = parsed.data
	const twice = allowlist.filter((symbol, index) => allowlist.indexOf(symbol) !== index)
	return twice.length === 0
		? {ok: true, policy: parsed.data}
		: {ok: false, problems: [{path: 'allowlist', found: twice.join(', '), expected: 'each symbol once'}]}
}

/** One line per problem, for people. */
export const problemText = ({path, found, expected}: PolicyProblem): string => `${path}: found ${found}; ${expected}`
