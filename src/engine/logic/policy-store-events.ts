import {defaultPolicy, type Policy} from '../contracts/policy.js'
import {valuesOf} from './policy-proposal.js'
import {diffPolicies} from './policy-versions.js'

/** A version as the store of policies says it, with the policy of the version before it; or that it cannot be read. */
export type StoredPolicy =
	| Readonly<{
			kind: 'version'
			version: number
			hash: string
			author: string
			reason: string
			/** Machine time, ms. */
			time_ms: number
			policy: Policy
			before: Policy | null
	  }>
	| Readonly<{kind: 'broken'; detail: string}>

/** What became of a proposal that was to be a version. */
export type Appended = Readonly<{outcome: 'APPLIED' | 'REFUSED' | 'UNCHANGED'; detail: string; version?: number}>

/** What a version changed; the first is compared with the defaults. */
export const updatedBy = ({
	version,
	author,
	reason,
	hash,
	policy,
	before,
}: Extract<StoredPolicy, {kind: 'version'}>) => ({
	version,
	author,
	reason,
	hash,
	changes: valuesOf(diffPolicies(before ?? defaultPolicy, policy)),
})
