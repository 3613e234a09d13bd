import {resolve} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {defaultPolicy, type Policy} from '../../engine/contracts/policy.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {
	diffPolicies,
	type NewVersion,
	notTightening,
	type PolicyChange,
	type PolicyVersion,
} from '../../engine/logic/policy-versions.js'
import {readPolicy, requirePolicyFile} from '../system/policy-file.js'
import {appendVersion, policyOf, readVersions} from '../system/policy-store.js'
import {recordAudit} from './audit.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {ControlClient} from './control-client.js'
import {type Home, storedSystem} from './home.js'

export {readPolicyFile} from '../system/policy-file.js'

/** A version without its policy and seal: what a history lists. */
export type VersionLine = Pick<PolicyVersion, 'version' | 'time_ms' | 'author' | 'reason' | 'origin' | 'source'>
export type PolicyShown = Readonly<{line: VersionLine | null; policy: Policy}>
export type PolicyDiff = Readonly<{from: string; to: string; changes: readonly PolicyChange[]}>
export type PolicyHistory = Readonly<{versions: readonly (VersionLine & {changes: number})[]; running: number | null}>
export type Applied = Readonly<{
	state: 'APPLIED' | 'UNCHANGED'
	version: number
	changes: readonly PolicyChange[]
	/** The version that the running system works under; null when nothing runs. */
	running: number | null
}>

const lineOf = ({version, time_ms, author, reason, origin, source}: PolicyVersion): VersionLine => ({
	version,
	time_ms,
	author,
	reason,
	origin,
	source,
})

/** The version that every host of the running system works under; null when no daemon runs. */
export const runningVersion = async (home: Home): Promise<number | null> =>
	(await new ControlClient(home).status())?.policy_version ?? null

/** Waits until a running system works under a version, within a bound; answers with what it works under then. */
const runningWith = async (home: Home, version: number): Promise<number | null> => {
	const deadline = performance.now() + CLIENT_LIMITS.policy_taken_ms
	for (;;) {
		const running = await runningVersion(home)
		if (running === null || running === version || performance.now() >= deadline) return running
		await pause(CLIENT_LIMITS.poll_ms)
	}
}

const versionOf = (home: Home, number: number): PolicyVersion => {
	const versions = readVersions(home)
	const found = versions.find(({version}) => version === number)
	if (found) return found
	throw new OperatorError(
		`there is no version ${number}: ${versions.length === 0 ? 'none' : `1 to ${versions.length}`}`,
		{
			exit_code: EXIT_CODES.usage,
			hint: 'qt policy history lists them',
		},
	)
}

/** The policy in force, or an older version. Before the first start it has no version yet. */
export const showPolicy = (home: Home, number?: number): PolicyShown => {
	const found = number === undefined ? readVersions(home).at(-1) : versionOf(home, number)
	return found ? {line: lineOf(found), policy: policyOf(home, found)} : {line: null, policy: readPolicy(home)}
}

const sideOf = (home: Home, word: string): Readonly<{name: string; policy: Policy}> =>
	/^\d+$/.test(word)
		? {name: `version ${word}`, policy: policyOf(home, versionOf(home, Number(word)))}
		: {name: word, policy: requirePolicyFile(resolve(word))}

/** From one version or file to another; with one, from the policy in force to it; with none, to the home's own file. */
export const diffPolicy = (home: Home, words: readonly string[]): PolicyDiff => {
	const inForce = () => {
		const {line, policy} = showPolicy(home)
		return {name: line ? `version ${line.version}` : 'the policy in force', policy}
	}
	const [first = home.policy, second] = words
	const from = second === undefined ? inForce() : sideOf(home, first)
	const to = sideOf(home, second ?? first)
	return {from: from.name, to: to.name, changes: diffPolicies(from.policy, to.policy)}
}

export const policyHistory = async (home: Home): Promise<PolicyHistory> => {
	const found = readVersions(home)
	const policies = found.map(version => policyOf(home, version))
	const versions = found.map((version, index) => {
		const [before, after] = [policies[index - 1] ?? defaultPolicy, policies[index] ?? defaultPolicy]
		return {...lineOf(version), changes: diffPolicies(before, after).length}
	})
	return {versions, running: await runningVersion(home)}
}

/** What must be typed in LIVE to loosen: another version meanwhile makes it another phrase. */
export const loosenPhrase = (version: number): string => `loosen LIVE to version ${version}`

const requireConfirmation = (
	mode: string,
	version: number,
	changes: readonly PolicyChange[],
	confirm: string | undefined,
): void => {
	const loose = notTightening(changes)
	const phrase = loosenPhrase(version)
	if (mode !== 'LIVE' || loose.length === 0 || confirm === phrase) return
	const named = loose.map(({path, direction}) => `${path} ${direction}`).join(', ')
	throw new OperatorError(`this does not only tighten (${named}), and the mode is LIVE`, {
		exit_code: EXIT_CODES.needs_input,
		hint: `look at it with qt policy diff, then repeat it with --confirm "${phrase}"`,
	})
}

export type ChangeOptions = Readonly<{
	home: Home
	author: string
	reason: string
	now_ms: () => number
	confirm?: string | undefined
}>
export type Wanted = Pick<NewVersion, 'policy' | 'origin' | 'source'>

/** Appends a version unless it would say what the newest says. `want` sees all versions and the policy in force. */
export const changePolicy = async (
	{home, author, reason, now_ms, confirm}: ChangeOptions,
	want: (inForce: Policy, versions: readonly PolicyVersion[]) => Wanted,
): Promise<Applied> => {
	const {mode} = storedSystem(home)
	const before = readVersions(home).at(-1)?.version ?? 0
	let changes: readonly PolicyChange[] = []
	const added = await appendVersion(home, versions => {
		const inForce = readPolicy(home)
		const wanted = want(inForce, versions)
		changes = diffPolicies(inForce, wanted.policy)
		// An import is recorded also where it changes nothing: it happens once.
		if (changes.length === 0 && versions.length > 0 && wanted.origin !== 'environment') return undefined
		requireConfirmation(mode, versions.length + 1, changes, confirm)
		return {...wanted, author, reason, time_ms: now_ms()}
	})
	const version = added?.version ?? readVersions(home).at(-1)?.version ?? 0
	if (added)
		await recordAudit(home, now_ms, {
			what: `policy ${added.origin}`,
			why: reason,
			who: author,
			before: {version: before},
			after: {version, source: added.source, changes},
		})
	return {state: added ? 'APPLIED' : 'UNCHANGED', version, changes, running: await runningWith(home, version)}
}

/** @throws OperatorError (usage) for a file with problems, (needs_input) for loosening in LIVE without the phrase */
export const applyPolicy = async (options: ChangeOptions, path: string): Promise<Applied> => {
	const source = resolve(path)
	const policy = requirePolicyFile(source)
	return changePolicy(options, () => ({policy, origin: 'file', source}))
}

/** Puts the policy of an older version in force again, as a new version. */
export const rollBackPolicy = async (options: ChangeOptions, number: number): Promise<Applied> => {
	const policy = policyOf(options.home, versionOf(options.home, number))
	return changePolicy(options, () => ({policy, origin: 'rollback', source: `version ${number}`}))
}
