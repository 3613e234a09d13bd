import {existsSync, readFileSync} from 'node:fs'
import {DEFAULT_PREFIX} from '../../engine/contracts/naming.js'
import {socketPath} from '../supervision/socket-path.js'
import {type Home, homeAt, homePath} from '../system/home.js'

export type {Home} from '../system/home.js'
export {homeAt} from '../system/home.js'

/** The home that the environment names; nothing is created. */
export const homeFrom = (env: NodeJS.ProcessEnv): Home => homeAt(homePath(env))

/** A socket of the home, or undefined before the system ran there for the first time. Creates nothing. */
export const socketOf = (home: Home, name: string): string | undefined =>
	existsSync(home.run) ? socketPath(home.run, name) : undefined

export type StoredSystem = Readonly<{mode: string; prefix: string; redis_url: string | undefined}>

/**
 * What readers need of the stored settings. Only `qt up` checks them in full: a reader must show
 * the state of a system whose settings somebody broke.
 */
export const storedSystem = (home: Home): StoredSystem => {
	let stored: Record<string, unknown> = {}
	try {
		stored = JSON.parse(readFileSync(home.settings, 'utf8')) as Record<string, unknown>
	} catch {
		// Before the first start there are none.
	}
	const text = (name: string): string | undefined => (typeof stored[name] === 'string' ? stored[name] : undefined)
	return {mode: text('mode') ?? 'PAPER', prefix: text('prefix') ?? DEFAULT_PREFIX, redis_url: text('redis_url')}
}
