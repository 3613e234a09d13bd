import {readdirSync, statSync} from 'node:fs'
import {basename, join} from 'node:path'
import type {Home} from '../../daemon/system/home.js'
import {type FileSeen, type Part, seen, unseen} from '../observed.js'

const MODE = 0o7777
const CONFIG = /\.config\.json$/
/** Keys, passwords, and what the venue of PAPER is started with, which holds its key pair. */
const WITH_SECRETS = /^(secrets\.json|paper-exchange\.config\.json|redis-\w+|\.env.*|.*\.acl)$/

const look = (path: string): readonly FileSeen[] => {
	try {
		const found = statSync(path)
		const kind = found.isDirectory() ? 'directory' : found.isFile() ? 'file' : undefined
		if (kind === undefined) return []
		const secret = kind === 'file' && WITH_SECRETS.test(basename(path))
		return [{path, kind, mode: found.mode & MODE, uid: found.uid, secret}]
	} catch {
		// It is not there, which is in order for most of them.
		return []
	}
}

const namesIn = (directory: string): readonly string[] => {
	try {
		return readdirSync(directory)
	} catch {
		return []
	}
}

/** The home's directories, its configuration, and every file in it that holds credentials. */
export const observeFiles = (home: Home): Part<readonly FileSeen[]> => {
	const {
		root,
		run,
		logs,
		redis,
		venue,
		journal,
		metrics,
		diagnostics,
		access,
		settings,
		secrets,
		policy,
		policyVersions,
		arm,
		blocked,
		audit,
		ports,
	} = home
	const directories = [root, run, logs, redis, venue, journal, metrics, diagnostics, access]
	const named = [settings, secrets, policy, policyVersions, arm, blocked, audit, ports]
	const found = [root, run, access].flatMap(directory =>
		namesIn(directory)
			.filter(name => CONFIG.test(name) || WITH_SECRETS.test(name))
			.map(name => join(directory, name)),
	)
	const files = [...new Set([...directories, ...named, ...found])].flatMap(look)
	return files.length > 0 ? seen(files) : unseen(`there is no home ${root}`)
}
