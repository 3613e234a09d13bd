import type {PolicyProblem} from './policy-check.js'
import type {PolicyChange} from './policy-versions.js'

/**
 * What a person's policy file says beside the versions. NONE: nothing, or what a version says. DRIFT: what no version
 * says, with what it would change. BROKEN: no policy.
 */
export type PolicyFileFinding =
	| Readonly<{finding: 'NONE'}>
	| Readonly<{finding: 'DRIFT'; path: string; version: number; changes: readonly PolicyChange[]}>
	| Readonly<{finding: 'BROKEN'; path: string; problems: readonly PolicyProblem[]}>
