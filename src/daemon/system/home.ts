import {chmodSync, mkdirSync, statSync} from 'node:fs'
import {homedir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import {OperatorError} from '../../engine/errors.js'
import {blockFileBeside} from '../../engine/exchange/block-path.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

/** Where everything of one system lies. Several systems with different homes run side by side. */
export type Home = Readonly<{
	root: string
	run: string
	logs: string
	redis: string
	venue: string
	journal: string
	/** What could be scraped, an hour each. */
	metrics: string
	/** Bundles for bug reports, the newest few. */
	diagnostics: string
	/** What `qt up` decided last: mode, market, speed, symbols. */
	settings: string
	secrets: string
	/** Passwords and rules of the users of the managed Redis. */
	access: string
	policy: string
	/** Every version of the policy, a line of JSON each, oldest first. */
	policyVersions: string
	/** The gateway's own copy of the arm state: the second of the two places. */
	arm: string
	/** The gateway's own record of the orders that have left. */
	sent: string
	/** Up to when the account's fills and income have been told. */
	proven: string
	/** Who armed, stopped and changed what, and why: a line of JSON each, chained by their hashes. */
	audit: string
	/** The newest record of the audit log, kept apart: without it a log that lost its end would look whole. */
	auditHead: string
	/** Symbols that an operator has stopped: the second of the two places. */
	blocked: string
	ports: string
	controlSocketName: string
}>

/** QT_HOME, else `quantum-trader` under XDG_STATE_HOME, else under ~/.local/state. */
export const homePath = (env: NodeJS.ProcessEnv): string => {
	if (env.QT_HOME) return resolve(env.QT_HOME)
	const state =
		env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME) ? env.XDG_STATE_HOME : join(homedir(), '.local', 'state')
	return join(state, 'quantum-trader')
}

export const homeAt = (root: string): Home => ({
	root,
	run: join(root, 'run'),
	logs: join(root, 'logs'),
	redis: join(root, 'redis'),
	venue: join(root, 'venue'),
	journal: join(root, 'journal'),
	metrics: join(root, 'metrics'),
	diagnostics: join(root, 'diagnostics'),
	settings: join(root, 'system.json'),
	secrets: join(root, 'secrets.json'),
	access: join(root, 'access'),
	policy: join(root, 'policy.yaml'),
	policyVersions: join(root, 'policy-versions.jsonl'),
	arm: join(root, 'arm.json'),
	blocked: blockFileBeside(join(root, 'arm.json')),
	sent: join(root, 'sent-orders.log'),
	proven: join(root, 'account-proven.json'),
	audit: join(root, 'audit.jsonl'),
	auditHead: join(root, 'audit-head.json'),
	ports: join(root, 'run', 'ports.json'),
	controlSocketName: 'control.sock',
})

const OTHERS = 0o077
/** A directory that everybody may put files into, such as /tmp. */
const SHARED = 0o1000

/** Makes a directory that nobody else can enter, also of one that was there before. */
const makePrivate = (path: string): string[] => {
	mkdirSync(path, {recursive: true, mode: 0o700})
	const {mode} = statSync(path)
	if ((mode & SHARED) !== 0)
		throw new OperatorError(`${path} is shared by everybody on this machine: no home of a system`, {
			exit_code: EXIT_CODES.refused,
			hint: `set QT_HOME to a directory of its own, such as ${join(path, 'quantum-trader')}`,
		})
	if ((mode & OTHERS) === 0) return []
	chmodSync(path, 0o700)
	return [path]
}

/**
 * Creates the home's directories, which nobody else can enter.
 * @returns those that were open to others until now
 * @throws OperatorError (refused) for a directory that is shared with everybody
 */
export const makeHome = (home: Home): readonly string[] =>
	[home.root, home.run, home.logs, home.redis, home.venue, home.journal, home.access].flatMap(makePrivate)
