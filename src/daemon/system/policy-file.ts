import {existsSync, readFileSync} from 'node:fs'
import {parseDocument} from 'yaml'
import {defaultPolicy, type Policy} from '../../engine/contracts/policy.js'
import {messageOf, OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {checkPolicy, type PolicyProblem, problemText} from '../../engine/logic/policy-check.js'
import type {PolicyFileFinding} from '../../engine/logic/policy-drift.js'
import {diffPolicies, type PolicyVersion} from '../../engine/logic/policy-versions.js'
import type {Home} from './home.js'
import {appendVersion, policyOf, readVersions} from './policy-store.js'

export type FoundPolicy =
	| Readonly<{ok: true; policy: Policy}>
	| Readonly<{ok: false; problems: readonly PolicyProblem[]}>

const oneLine = (error: unknown): string => messageOf(error).replaceAll(/\s+/g, ' ').trim()

/** Reads a YAML file as a policy. @throws OperatorError (usage) when there is no such file */
export const readPolicyFile = (path: string): FoundPolicy => {
	let text: string
	try {
		text = readFileSync(path, 'utf8')
	} catch (error) {
		throw new OperatorError(`${path} cannot be read: ${oneLine(error)}`, {
			exit_code: EXIT_CODES.usage,
			hint: 'name a YAML file; qt policy show > policy.yaml writes one to begin with',
		})
	}
	try {
		const document = parseDocument(text)
		// What YAML only warns of, such as an unknown tag, would be read as something else than was meant.
		const [wrong] = [...document.errors, ...document.warnings]
		if (wrong) throw wrong
		return checkPolicy(document.toJS())
	} catch (error) {
		return {ok: false, problems: [{path: 'file', found: 'no YAML', expected: oneLine(error)}]}
	}
}

/** @throws OperatorError (usage) naming path, value and expectation of each problem */
export const requirePolicyFile = (path: string): Policy => {
	const found = readPolicyFile(path)
	if (found.ok) return found.policy
	throw new OperatorError(`${path}: ${found.problems.map(problemText).join('; ')}`, {
		exit_code: EXIT_CODES.usage,
		hint: 'correct the file; the policy that is in force stays',
	})
}

/** The policy in force of a home: its newest version; before there is one, its `policy.yaml`, else the defaults. */
export const readPolicy = (home: Home): Policy => {
	const newest = readVersions(home).at(-1)
	if (newest) return policyOf(home, newest)
	return existsSync(home.policy) ? requirePolicyFile(home.policy) : defaultPolicy
}

/** Makes the first version out of what a home has, where there is none. @throws OperatorError as `readPolicy` */
export const ensureVersion = (
	home: Home,
	{author, time_ms}: Readonly<{author: string; time_ms: number}>,
): Promise<PolicyVersion | undefined> =>
	appendVersion(home, versions => {
		if (versions.length > 0) return undefined
		const common = {time_ms, author, reason: 'first start', policy: readPolicy(home)}
		return existsSync(home.policy)
			? {...common, origin: 'file', source: home.policy}
			: {...common, origin: 'default', source: 'the defaults'}
	})

/** What the home's `policy.yaml` says beside its versions. @throws OperatorError (drift) when the chain is broken */
export const examineFile = (home: Home): PolicyFileFinding => {
	const path = home.policy
	if (!existsSync(path)) return {finding: 'NONE'}
	const found = readPolicyFile(path)
	if (!found.ok) return {finding: 'BROKEN', path, problems: found.problems}
	const versions = readVersions(home)
	if (versions.some(version => diffPolicies(policyOf(home, version), found.policy).length === 0))
		return {finding: 'NONE'}
	const changes = diffPolicies(readPolicy(home), found.policy)
	return {finding: 'DRIFT', path, version: versions.at(-1)?.version ?? 0, changes}
}

/** That the home's `policy.yaml` says what no version ever said, or cannot be read: it has no effect before it is applied. */
export const unappliedFile = (home: Home): string | undefined => {
	const {finding} = examineFile(home)
	if (finding === 'NONE') return undefined
	return finding === 'BROKEN'
		? `${home.policy} is not in force, and has problems: see qt policy check ${home.policy}`
		: `${home.policy} is not in force: see qt policy diff, then qt policy apply ${home.policy}`
}
