import {statSync} from 'node:fs'
import {keys} from '../../engine/contracts/keys.js'
import {messageOf} from '../../engine/errors.js'
import type {PolicyFileFinding} from '../../engine/logic/policy-drift.js'
import {judgeProposal, type Proposal} from '../../engine/logic/policy-proposal.js'
import type {Appended, StoredPolicy} from '../../engine/logic/policy-store-events.js'
import type {PolicyVersion} from '../../engine/logic/policy-versions.js'
import type {EffectAdapter, FeedAdapter, UnitAdapters} from '../../engine/runtime/adapters.js'
import {type Home, homeAt} from '../system/home.js'
import {examineFile, readPolicy} from '../system/policy-file.js'
import {appendVersion, policyOf, readVersions} from '../system/policy-store.js'
import type {Environment} from './environment.js'

const LOOK_EVERY_MS = 500

type Needs = Pick<Environment, 'bus' | 'naming' | 'clock' | 'unitRoutes'> & Readonly<{config: Readonly<{home: string}>}>

/** Changes whenever the file is written or replaced; empty while there is none. */
export const stampOf = (path: string): string => {
	const found = statSync(path, {throwIfNoEntry: false})
	return found ? `${found.ino}/${found.size}/${found.mtimeMs}` : ''
}

/** The versions that follow the one that is published; only the newest where that is none of the chain. */
export const unpublished = (
	versions: readonly PolicyVersion[],
	published: Readonly<{version?: string; hash?: string}>,
): readonly PolicyVersion[] => {
	const at = versions.findIndex(({hash}) => hash === published.hash)
	return at === -1 ? versions.slice(-1) : versions.slice(at + 1)
}

const storedPolicy = (home: Home, versions: readonly PolicyVersion[], version: PolicyVersion): StoredPolicy => {
	const {version: number, hash, author, reason, time_ms} = version
	const before = versions[number - 2]
	return {
		kind: 'version',
		version: number,
		hash,
		author,
		reason,
		time_ms,
		policy: policyOf(home, version),
		before: before ? policyOf(home, before) : null,
	}
}

/** Pushes each version as it is appended; at the start those that were appended while nobody looked. */
const versionsFeed = ({config, bus, naming, clock}: Needs): FeedAdapter => ({
	run: async (push, signal) => {
		const home = homeAt(config.home)
		let published: Readonly<{hash?: string}> = await bus.hashAll(naming.key(keys.policyActive, {}))
		let seen = ''
		while (!signal.aborted) {
			const stamp = stampOf(home.policyVersions)
			if (stamp !== seen) {
				seen = stamp
				try {
					const versions = readVersions(home)
					for (const version of unpublished(versions, published)) {
						await push(storedPolicy(home, versions, version))
						published = version
					}
				} catch (error) {
					await push({kind: 'broken', detail: messageOf(error)} satisfies StoredPolicy)
				}
			}
			await clock.wait(LOOK_EVERY_MS, signal)
		}
	},
})

/** One version per proposal, also when the process dies after it was written and before that is known. */
const appending = ({config, clock}: Needs): EffectAdapter => ({
	perform: async request => {
		const home = homeAt(config.home)
		const {proposal_id, source: author, reason, changes} = request as Proposal
		const source = `proposal ${proposal_id}`
		let answer: Appended = {outcome: 'UNCHANGED', detail: 'the policy says so already'}
		const added = await appendVersion(home, versions => {
			const earlier = versions.find(version => version.origin === 'unit' && version.source === source)
			if (earlier) {
				answer = {outcome: 'APPLIED', detail: 'applied before', version: earlier.version}
				return undefined
			}
			const judged = judgeProposal(readPolicy(home), changes)
			if (judged.outcome === 'TIGHTENS')
				return {policy: judged.policy, origin: 'unit', source, author, reason, time_ms: clock.machine()}
			answer = {outcome: judged.outcome, detail: judged.detail}
			return undefined
		})
		return added
			? ({outcome: 'APPLIED', detail: `version ${added.version}`, version: added.version} satisfies Appended)
			: answer
	},
})

type Fields = Readonly<Record<string, string>>
const withJson = (fields: Fields, name: string): Readonly<Record<string, unknown>> =>
	fields[name] === undefined ? fields : {...fields, [name]: JSON.parse(fields[name])}

/** GET /policy and GET /ess answer with the keys of the same names, as one JSON object each. */
export const riskSafetyAdapters = (environment: Needs): UnitAdapters => {
	const {bus, naming, unitRoutes} = environment
	unitRoutes.set(
		keys.essState.owner,
		new Map([
			['/policy', async () => withJson(await bus.hashAll(naming.key(keys.policyActive, {})), 'policy')],
			['/ess', async () => withJson(await bus.hashAll(naming.key(keys.essState, {})), 'rules')],
		]),
	)
	return {feeds: {policy: versionsFeed(environment)}, effects: {append: appending(environment)}}
}

/** Says what the home's policy file says, at the start and whenever it or the versions have changed. */
export const policySyncAdapters = ({config, clock}: Pick<Needs, 'config' | 'clock'>): UnitAdapters => ({
	effects: {},
	feeds: {
		file: {
			run: async (push, signal) => {
				const home = homeAt(config.home)
				let seen: string | undefined
				while (!signal.aborted) {
					const stamp = `${stampOf(home.policy)} ${stampOf(home.policyVersions)}`
					if (stamp !== seen) {
						seen = stamp
						const found = examined(home)
						if (found) await push(found)
					}
					await clock.wait(LOOK_EVERY_MS, signal)
				}
			},
		},
	},
})

/** Undefined where the versions cannot be read: the store itself says so. */
const examined = (home: Home): PolicyFileFinding | undefined => {
	try {
		return examineFile(home)
	} catch {
		return undefined
	}
}
