import type {ScriptStore} from '../../bus/store.js'

/** What a gate looks at: the keys of the admission script by name, and what is known of the plan and the policy. */
export type Look = Readonly<{
	store: ScriptStore
	key: (name: string) => string
	arg: (name: string) => string
	num: (name: string) => number
}>

/** What a gate found: the value that counts and the limit that it is held against, both for people. */
export type Seen = Readonly<{passed: boolean; used: string | number; limit: string | number}>

/**
 * One condition on a plan. admission.lua holds the same gates in the same order; a property test makes the two agree.
 * Gates may share a code where the same thing is wrong for different reasons.
 */
export type Gate = Readonly<{
	code: string
	/** Which plans it applies to. */
	of: 'ALL' | 'ENTRY' | 'EXIT'
	/** What is refused. */
	meaning: string
	/** What value and limit count, where they are numbers. */
	unit?: 'ms' | 'bps' | 'micro-USDT'
	/** Path of the limit in the policy; left out where the limit is no number of ours. */
	policy?: string
	/** What to do about it. */
	remedy: string
	look: (look: Look) => Seen
}>

/** As Lua reads text: what is no number counts as 0. */
export const toNumber = (text: string | undefined): number => {
	const value = Number(text)
	return text === undefined || text === '' || Number.isNaN(value) ? 0 : value
}

export const seen = (passed: boolean, used: string | number = '', limit: string | number = ''): Seen => ({
	passed,
	used,
	limit,
})

/** Machine time since a key said `machine_ms`; one that is not there has been silent forever. */
export const silence = ({store, key, num}: Look, name: string): number =>
	num('machine_ms') - toNumber(store.hashGet(key(name), 'machine_ms'))

/** Silence of a key against its limit. */
export const heard = (look: Look, name: string, limit: string): Seen => {
	const silent_ms = silence(look, name)
	return seen(silent_ms <= look.num(limit), String(silent_ms), look.arg(limit))
}
