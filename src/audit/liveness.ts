import type {DaemonStatus} from '../daemon/client/control-api.js'
import type {Declared} from './declared.js'
import type {GroupSeen} from './groups.js'
import type {LeaseSeen, ProcessesSeen, RedisSeen} from './observed.js'

type Clues = Readonly<{
	at_ms: number
	redis: RedisSeen
	daemon?: DaemonStatus | undefined
	processes?: ProcessesSeen | undefined
}>

export const isFresh = ({heartbeat_ms}: LeaseSeen, {limits}: Declared, at_ms: number): boolean =>
	at_ms - heartbeat_ms <= limits.heartbeat_stale_ms

/**
 * Units that say that they run now: by the daemon, else by the process that holds their lease. One that was stopped, or
 * that is still starting, owes nobody anything.
 */
export const unitsUp = (declared: Declared, {at_ms, redis, daemon, processes}: Clues): ReadonlySet<string> => {
	if (daemon) return new Set(daemon.units.flatMap(({name, state}) => (state === 'RUNNING' ? [name] : [])))
	const hosts = new Set(processes?.own.map(({name}) => name))
	const alive = (lease: LeaseSeen) => hosts.has(`host-${lease.host}`) || isFresh(lease, declared, at_ms)
	return new Set(redis.leases.filter(alive).map(({unit}) => unit))
}

/** The unit that reads with a group; undefined for a group that nobody declares. */
export const readerOf = (
	{naming, streams}: Declared,
	{stream, group}: Readonly<{stream: string; group: string}>,
): string | undefined => {
	const known = streams.find(({contract}) => contract.name === stream)
	const pending = known?.contract.pending?.reader
	return [...(known?.readers ?? []), ...(pending ? [pending] : [])].find(unit => naming.group(unit, stream) === group)
}

/** Ids of the processes of this system, as far as they can be told. */
export const ownPids = ({
	processes,
	daemon,
}: Readonly<{processes?: ProcessesSeen | undefined; daemon?: DaemonStatus | undefined}>): ReadonlySet<number> =>
	new Set(
		[
			...(processes?.own.map(({pid}) => pid) ?? []),
			processes?.daemon_pid,
			daemon?.pid,
			...(daemon?.processes.map(({pid}) => pid) ?? []),
		].filter(pid => typeof pid === 'number'),
	)

type Reading = Readonly<{stream: string; group: string; consumer: string}>

/** The consumer under whose name the newest holder of the unit's lease reads, and comes back after a restart. */
export const isOwner = (declared: Declared, {leases}: RedisSeen, {stream, group, consumer}: Reading): boolean => {
	const unit = readerOf(declared, {stream, group})
	const lease = leases.find(of => of.unit === unit)
	return lease !== undefined && consumer === declared.naming.consumer(lease.host, lease.unit, 0)
}

/**
 * Whether somebody reads with the group, or need not: its unit does not run. The server does not count reads that found
 * nothing, so that a consumer that waits looks silent to it: whoever holds the lease of a unit that is up is alive.
 */
export const isLive = (
	declared: Declared,
	redis: RedisSeen,
	up: ReadonlySet<string>,
	{stream, group, consumers}: Pick<GroupSeen, 'stream' | 'group' | 'consumers'>,
): boolean => {
	const unit = readerOf(declared, {stream, group})
	if (unit !== undefined && !up.has(unit)) return true
	return consumers.some(
		({name, idle_ms}) =>
			idle_ms < declared.limits.consumer_idle_ms || isOwner(declared, redis, {stream, group, consumer: name}),
	)
}
