import {readFile} from 'node:fs/promises'
import {z} from 'zod'
import {keys} from '../engine/contracts/keys.js'
import type {OwnSystem} from './own-system.js'

const SEEN_WITHIN_MS = 10_000

const armFile = z.looseObject({armed: z.boolean()})

/** When each of the two places said that all is killed, from the start of the shell's command, ms. */
export type KillSeen = Readonly<{file_ms: number; redis_ms: number}>

/**
 * Looks at both places as somebody else sees them: the gateway's own file, which stops all sending by itself, and Redis.
 * @param begun of `performance.now()`, when the command was given
 */
export const seeKill = async (system: OwnSystem, begun: number): Promise<KillSeen> => {
	const key = system.naming.key(keys.kill, {})
	const since = (killed: boolean) => (killed ? performance.now() - begun : undefined)
	const [file_ms, redis_ms] = await Promise.all([
		system.find('the kill in the file', SEEN_WITHIN_MS, async () => {
			const {armed} = armFile.parse(JSON.parse(await readFile(system.home.arm, 'utf8')))
			return since(!armed)
		}),
		system.find('the kill in Redis', SEEN_WITHIN_MS, async () => since((await system.redis.get(key)) === '1')),
	])
	return {file_ms, redis_ms}
}
