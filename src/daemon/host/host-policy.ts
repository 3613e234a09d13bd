import {keys} from '../../engine/contracts/keys.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {checkPolicy, problemText} from '../../engine/logic/policy-check.js'
import type {UnitLoop} from '../../engine/runtime/unit-loop.js'
import type {Environment} from './environment.js'

const POLL_MS = 200

type Following = Pick<Environment, 'bus' | 'naming' | 'clock' | 'log'>
type Published = Readonly<{hash: string; policy: Policy | undefined}>

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text)
	} catch {
		return text
	}
}

/** What risk-safety has published. Without a policy in it, it cannot be used, and the log says why. */
const readPublished = async ({bus, naming, log}: Following): Promise<Published> => {
	const {hash = '', version, policy: text} = await bus.hashAll(naming.key(keys.policyActive, {}))
	if (text === undefined) return {hash, policy: undefined}
	const checked = checkPolicy(parsed(text))
	if (checked.ok) return {hash, policy: checked.policy}
	log.error(
		{version, problems: checked.problems.map(problemText)},
		'the published policy is none; the one before stays',
	)
	return {hash, policy: undefined}
}

/** The policy to begin with, the newer of configuration and publication, and which publication was seen. */
export const policyAtStart = async (
	configured: Policy,
	following: Following,
): Promise<Readonly<{policy: Policy; hash: string}>> => {
	const {hash, policy} = await readPublished(following)
	return {hash, policy: policy && policy.version > configured.version ? policy : configured}
}

/**
 * Hands each policy that is published to the units, until the signal aborts. What counts is that it is another one, not
 * that its number is higher: versions begin anew where their file was moved away.
 */
export const followPolicy = async (
	following: Following,
	loops: readonly UnitLoop[],
	seen: string,
	signal: AbortSignal,
): Promise<void> => {
	const {bus, naming, clock, log} = following
	let known = seen
	while (!signal.aborted) {
		const hash = await bus.hashGet(naming.key(keys.policyActive, {}), 'hash')
		if (hash !== undefined && hash !== known) {
			const published = await readPublished(following)
			known = published.hash
			const {policy} = published
			// A unit that cannot adopt it has ended, and says so itself.
			if (policy) {
				await Promise.allSettled(loops.map(loop => loop.adopt(policy)))
				log.info({version: policy.version}, 'another policy is in force')
			}
		}
		await clock.wait(POLL_MS, signal)
	}
}
