import type {Redis} from 'ioredis'
import {keys} from '../../contracts/keys.js'
import {limits} from '../../contracts/limits.js'
import type {Naming} from '../../contracts/naming.js'
import type {StreamContract} from '../../contracts/stream.js'
import type {AbandonedEntries, GroupRecovery, SweepReport} from '../../logic/stream-recovery.js'
import {groupOf} from './redis-backlog.js'
import {record} from './reply.js'
import {reapScript, runScript} from './scripts.js'

export type SweepOptions = Readonly<{
	redis: Redis
	naming: Naming
	streams: readonly StreamContract[]
	/** Units that read a stream, by its name. */
	readersOf: (stream: string) => readonly string[]
	/** Machine time, ms. */
	now_ms: number
	/** A consumer is dead once it was idle for this long, ms. */
	idle_ms: number
	/** Only look. */
	dry_run: boolean
}>

type Consumer = Readonly<{name: string; pending: number; idle_ms: number}>
type Owner = Readonly<{unit: string | null; consumer: string | undefined; alive: boolean}>

const consumersOf = async (redis: Redis, stream: string, group: string): Promise<readonly Consumer[]> => {
	const rows = (await redis.call('XINFO', 'CONSUMERS', stream, group)) as readonly unknown[]
	return rows.map(row => {
		const {name, pending, idle} = record(row)
		return {name: String(name), pending: Number(pending), idle_ms: Number(idle)}
	})
}

/** Who may handle the entries of a group: the holder of its unit's lease, under a name that stays over restarts. */
const ownerOf = async ({redis, naming, now_ms}: SweepOptions, unit: string | undefined): Promise<Owner> => {
	if (unit === undefined) return {unit: null, consumer: undefined, alive: false}
	const [host, beat_ms] = await redis.hmget(naming.key(keys.unitLease, {unit}), 'host', 'heartbeat_ms')
	const alive = now_ms - Number(beat_ms ?? 0) <= limits.heartbeat_stale_ms
	return {unit, consumer: host ? naming.consumer(host, unit, 0) : undefined, alive}
}

/** @returns whether it is gone; in a dry run, whether it would be */
const reap = async (options: SweepOptions, stream: string, group: string, consumer: Consumer): Promise<boolean> => {
	const {redis, idle_ms, dry_run} = options
	if (consumer.pending > 0 || consumer.idle_ms < idle_ms) return false
	if (dry_run) return true
	const [outcome] = (await runScript(redis, reapScript, [stream], [group, consumer.name, String(idle_ms)])) as [string]
	return outcome === 'reaped'
}

const sweepGroup = async (options: SweepOptions, name: string, group: string): Promise<GroupRecovery> => {
	const {redis, naming} = options
	const stream = naming.stream(name)
	const owner = await ownerOf(
		options,
		options.readersOf(name).find(unit => naming.group(unit, name) === group),
	)
	const reaped: string[] = []
	const abandoned: AbandonedEntries[] = []
	for (const consumer of await consumersOf(redis, stream, group)) {
		// The name of the newest holder is the one that its unit comes back under.
		if (consumer.name === owner.consumer && (owner.alive || consumer.pending === 0)) continue
		if (await reap(options, stream, group, consumer)) reaped.push(consumer.name)
		else if (consumer.pending > 0 && consumer.idle_ms >= options.idle_ms)
			abandoned.push({consumer: consumer.name, pending: consumer.pending, idle_ms: consumer.idle_ms})
	}
	return {stream: name, group, unit: owner.unit, alive: owner.alive, reaped, abandoned}
}

/**
 * Looks through every group of every stream. Dead consumers that hold nothing are removed. What others hold is claimed
 * by nobody here: whoever has the lease of the unit takes it over itself, in order and fenced, with the commands that
 * move money; without such a holder it waits, and is told of.
 */
export const sweepGroups = async (options: SweepOptions): Promise<SweepReport> => {
	const {redis, naming, streams} = options
	const groups: GroupRecovery[] = []
	for (const {name} of streams) {
		const key = naming.stream(name)
		if ((await redis.exists(key)) === 0) continue
		const found = (await redis.call('XINFO', 'GROUPS', key)) as readonly unknown[]
		for (const row of found) groups.push(await sweepGroup(options, name, groupOf(row).name))
	}
	return {
		groups: groups.filter(({unit, reaped, abandoned}) => unit === null || reaped.length + abandoned.length > 0),
		looked_at: groups.length,
	}
}
