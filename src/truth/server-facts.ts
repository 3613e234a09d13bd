import {statfsSync} from 'node:fs'
import {cpus, freemem, hostname, loadavg, release, totalmem, type} from 'node:os'
import type {Home} from '../daemon/client/home.js'
import type {State} from '../daemon/client/state.js'
import {infoFields} from '../engine/logic/redis-info.js'

/** Facts by name. */
export type ServerFacts = Readonly<Record<string, string>>

const FACTS = [
	...['redis_version', 'redis_mode', 'process_id', 'tcp_port', 'uptime_in_seconds', 'connected_clients'],
	...['blocked_clients', 'used_memory_human', 'maxmemory_policy', 'aof_enabled', 'aof_last_write_status'],
	...['rdb_last_bgsave_status', 'total_commands_processed', 'evicted_keys', 'expired_keys'],
] as const

/** What the server says of itself, by its own names; what it does not say is left out. */
export const readServer = async ({bus}: State): Promise<ServerFacts> => {
	const [info, keys] = await Promise.all([bus.redis.info(), bus.redis.dbsize()])
	const said = infoFields(info)
	const facts = FACTS.flatMap(name => {
		const value = said.get(name)
		return value === undefined ? [] : [[name, value] as const]
	})
	return Object.fromEntries([...facts, ['keys', String(keys)]])
}

/** The machine that the command runs on, which is that of a system with a home. */
export const machineFacts = ({root}: Home): ServerFacts => {
	const {bsize, blocks, bavail} = statfsSync(root)
	return {
		host: hostname(),
		system: `${type()} ${release()}`,
		processors: `${cpus().length} ${cpus()[0]?.model ?? ''}`.trim(),
		load_1m_5m_15m: loadavg()
			.map(load => load.toFixed(2))
			.join(' '),
		memory_bytes: String(totalmem()),
		memory_free_bytes: String(freemem()),
		disk_of_home_bytes: String(blocks * bsize),
		disk_of_home_free_bytes: String(bavail * bsize),
		node: process.version,
	}
}
