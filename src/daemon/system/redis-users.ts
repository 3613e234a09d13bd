import {createHash, randomBytes} from 'node:crypto'
import {chmodSync, existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Naming} from '../../engine/contracts/naming.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import type {Home} from './home.js'
import {passwordFile, REDIS_USERS, type RedisUser} from './redis-login.js'
import {defaultRules, redisRules} from './redis-rules.js'

const PASSWORD = /^[0-9a-f]{64}$/

/** Drawn once; a file that does not hold one whole is drawn anew. Nobody else may read it, also if that was so before. */
const passwordOf = (home: Home, user: RedisUser): string => {
	const path = passwordFile(home, user)
	const found = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
	if (PASSWORD.test(found)) {
		chmodSync(path, 0o600)
		return found
	}
	const drawn = randomBytes(32).toString('hex')
	// What a crash of the machine tears is drawn anew at the next start: waiting for the disk would gain nothing.
	writeFileAtomically(path, `${drawn}\n`, {durable: false})
	return drawn
}

export type RedisUsers = Readonly<{
	acl_file: string
	/** Arguments of `ACL SETUSER default`, for a server that has loaded its data. */
	default_rules: readonly string[]
	fingerprint: string
}>

/**
 * Draws the passwords that are missing and writes the rules for the server. Removing the files while the system is down
 * changes the passwords: the fingerprint differs then, and what still runs with the old ones is replaced.
 */
export const ensureRedisUsers = (home: Home, naming: Naming): RedisUsers => {
	const hashes = Object.fromEntries(
		REDIS_USERS.map(user => [user, createHash('sha256').update(passwordOf(home, user)).digest('hex')]),
	) as Record<RedisUser, string>
	const rules = redisRules(naming, hashes)
	const acl_file = join(home.access, 'redis.acl')
	writeFileAtomically(acl_file, rules, {durable: false})
	const default_rules = defaultRules(naming)
	const fingerprint = createHash('sha256').update(rules).update(default_rules.join(' ')).digest('hex')
	return {acl_file, default_rules, fingerprint}
}
