import {type Policy, policyFields} from '../contracts/policy.js'
import {checkPolicy, type PolicyValues, problemText, withValue} from './policy-check.js'
import {diffPolicies, notTightening, type PolicyChange} from './policy-versions.js'

/** What a unit wants the policy to say: new values by path, such as `ess.drawdown_warning`. */
export type Proposal = Readonly<{proposal_id: string; source: string; reason: string; changes: PolicyValues}>

export type JudgedProposal =
	| Readonly<{outcome: 'TIGHTENS'; policy: Policy; changes: readonly PolicyChange[]}>
	| Readonly<{outcome: 'REFUSED' | 'UNCHANGED'; detail: string}>

const refused = (detail: string): JudgedProposal => ({outcome: 'REFUSED', detail})

/** Units may only tighten: every change must, and the policy that it makes must be one. */
export const judgeProposal = (inForce: Policy, changes: PolicyValues): JudgedProposal => {
	const unknown = Object.keys(changes).filter(name => !policyFields.some(({path}) => path.join('.') === name))
	if (unknown.length > 0) return refused(`no such field: ${unknown.join(', ')}`)
	const wanted = Object.entries(changes).reduce<PolicyValues>(
		(policy, [path, value]) => withValue(policy, path.split('.'), value),
		inForce,
	)
	const checked = checkPolicy(wanted)
	if (!checked.ok) return refused(checked.problems.map(problemText).join('; '))
	const found = diffPolicies(inForce, checked.policy)
	if (found.length === 0) return {outcome: 'UNCHANGED', detail: 'the policy says so already'}
	const loose = notTightening(found)
	if (loose.length > 0)
		return refused(`only an operator may: ${loose.map(({path, direction}) => `${path} is ${direction}`).join(', ')}`)
	return {outcome: 'TIGHTENS', policy: checked.policy, changes: found}
}

/** New values by path. */
export const valuesOf = (changes: readonly PolicyChange[]): Record<string, unknown> =>
	Object.fromEntries(changes.map(({path, after}) => [path, after]))
