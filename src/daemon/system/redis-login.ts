import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Home} from './home.js'

/** Who speaks to the managed Redis with a password. `default`, who has none, is whoever reaches the socket. */
export const REDIS_USERS = ['host', 'operator', 'reader'] as const
/** A user of the server and the password. */
export type RedisLogin = Readonly<{username: RedisUser; password: string}>
export type RedisUser = (typeof REDIS_USERS)[number]

/** One password per file, so that a dashboard can be handed the reader's and nothing else. */
export const passwordFile = ({access}: Pick<Home, 'access'>, user: RedisUser): string => join(access, `redis-${user}`)

/** As whom to speak to the managed Redis; undefined where it has no users yet, as of an older version. */
export const redisLogin = (home: Pick<Home, 'access'>, username: RedisUser): RedisLogin | undefined => {
	try {
		return {username, password: readFileSync(passwordFile(home, username), 'utf8').trim()}
	} catch {
		return undefined
	}
}
