import {existsSync, readFileSync} from 'node:fs'
import type {Policy} from '../../engine/contracts/policy.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {checkPolicy, problemText} from '../../engine/logic/policy-check.js'
import {
	brokenLink,
	type NewVersion,
	nextVersion,
	type PolicyVersion,
	policyVersionSchema,
} from '../../engine/logic/policy-versions.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import {withFileLock} from './file-lock.js'
import type {Home} from './home.js'

const LOCK = {within_ms: 5_000, stale_ms: 10_000} as const

const broken = (path: string, detail: string): OperatorError =>
	new OperatorError(`${path}: ${detail}`, {
		exit_code: EXIT_CODES.drift,
		hint: 'nothing was changed; put the file back from a copy, or move it away and apply the policy anew: qt policy apply',
	})

/** All versions, oldest first; none before the first start. @throws OperatorError (drift) when the chain is broken */
export const readVersions = (home: Home): readonly PolicyVersion[] => {
	const path = home.policyVersions
	if (!existsSync(path)) return []
	const lines = readFileSync(path, 'utf8')
		.split('\n')
		.filter(line => line !== '')
	const versions = lines.map((line, index) => {
		try {
			return policyVersionSchema.parse(JSON.parse(line))
		} catch {
			throw broken(path, `line ${index + 1} holds no version of a policy`)
		}
	})
	const link = brokenLink(versions)
	if (link !== undefined) throw broken(path, link)
	return versions
}

/** The policy of a version, as the schema of today reads it. @throws OperatorError naming each field that it refuses */
export const policyOf = (home: Home, {version, policy}: PolicyVersion): Policy => {
	const checked = checkPolicy(policy)
	if (checked.ok) return checked.policy
	throw broken(home.policyVersions, `version ${version}: ${checked.problems.map(problemText).join('; ')}`)
}

/**
 * Appends what `decide` wants to follow the newest version, alone among all writers; undefined appends nothing.
 * A crash leaves the old file or the new one.
 */
export const appendVersion = (
	home: Home,
	decide: (versions: readonly PolicyVersion[]) => NewVersion | undefined,
): Promise<PolicyVersion | undefined> =>
	withFileLock(home.policyVersions, LOCK, () => {
		const versions = readVersions(home)
		const wanted = decide(versions)
		if (wanted === undefined) return undefined
		const added = nextVersion(versions.at(-1), wanted)
		writeFileAtomically(
			home.policyVersions,
			[...versions, added].map(version => `${JSON.stringify(version)}\n`).join(''),
		)
		return added
	})
