import {groupOf} from '../../engine/adapters/redis/redis-backlog.js'
import {idTime} from '../../engine/bus/stream-id.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {readersOf, retiredStreams, streams} from '../../engine/registry.js'
import type {State} from './state.js'

/** One group of one stream. `null` is unknown, which is not nothing. */
export type GroupStatus = Readonly<{
	group: string
	/** The unit that reads it; undefined for a group that nobody declares. */
	unit: string | null
	state: 'OK' | 'BEHIND' | 'LOST' | 'UNDECLARED' | 'MISSING' | 'UNKNOWN'
	undelivered: number | null
	pending: number | null
	lost: number | null
	consumers: number | null
	/** Machine time since the oldest undelivered entry was written, ms; null when there is none. */
	oldest_undelivered_ms: number | null
}>

export type StreamStatus = Readonly<{
	stream: string
	criticality: 'money' | 'telemetry'
	/** RETIRED: nothing should write it any more. ABSENT: nothing was ever written. */
	state: 'PRESENT' | 'ABSENT' | 'RETIRED'
	length: number
	backlog_max: number
	/** Machine time since the newest entry, ms. */
	newest_ms: number | null
	groups: readonly GroupStatus[]
}>

const missing = (group: string, unit: string): GroupStatus => ({
	group,
	unit,
	state: 'MISSING',
	undelivered: null,
	pending: null,
	lost: null,
	consumers: null,
	oldest_undelivered_ms: null,
})

const groupStatus = async (
	{bus, naming}: State,
	stream: StreamContract,
	{group, unit}: {group: string; unit: string | null},
	now_ms: number,
): Promise<GroupStatus> => {
	const {undelivered, pending, lost, consumers, oldest_undelivered_id} = await bus.backlog(
		naming.stream(stream.name),
		group,
	)
	const state =
		unit === null
			? 'UNDECLARED'
			: undelivered === undefined
				? 'UNKNOWN'
				: (lost ?? 0) > 0 && stream.criticality === 'money'
					? 'LOST'
					: undelivered + pending > stream.backlog_max
						? 'BEHIND'
						: 'OK'
	return {
		group,
		unit,
		state,
		undelivered: undelivered ?? null,
		pending,
		lost: lost ?? null,
		consumers,
		oldest_undelivered_ms:
			oldest_undelivered_id === undefined ? null : Math.max(0, now_ms - idTime(oldest_undelivered_id)),
	}
}

const streamStatus = async (state: State, stream: StreamContract, now_ms: number): Promise<StreamStatus> => {
	const {bus, naming} = state
	const {name, criticality, backlog_max} = stream
	const key = naming.stream(name)
	const declared = readersOf(name).map(unit => ({unit: unit.name, group: naming.group(unit.name, name)}))
	const length = await bus.redis.xlen(key)
	const [newest] = await bus.range(key, {count: 1, newest_first: true})
	const exists = newest !== undefined || (await bus.redis.exists(key)) === 1
	const found = exists
		? ((await bus.redis.call('XINFO', 'GROUPS', key)) as readonly unknown[]).map(reply => groupOf(reply).name)
		: []
	const foreign = found
		.filter(group => !declared.some(known => known.group === group))
		.map(group => ({group, unit: null}))
	const groups = await Promise.all([
		...declared.map(async of =>
			found.includes(of.group) ? groupStatus(state, stream, of, now_ms) : missing(of.group, of.unit),
		),
		...foreign.map(of => groupStatus(state, stream, of, now_ms)),
	])
	return {
		stream: name,
		criticality,
		state: exists ? 'PRESENT' : 'ABSENT',
		length,
		backlog_max,
		newest_ms: newest ? Math.max(0, now_ms - idTime(newest.id)) : null,
		groups,
	}
}

const retiredStatus = async ({bus, naming}: State): Promise<readonly StreamStatus[]> => {
	const lengths = await Promise.all(retiredStreams.map(({name}) => bus.redis.xlen(naming.stream(name))))
	return retiredStreams.flatMap(({name}, index) => {
		const length = lengths[index] ?? 0
		return length === 0
			? []
			: [
					{
						stream: name,
						criticality: 'telemetry' as const,
						state: 'RETIRED' as const,
						length,
						backlog_max: 0,
						newest_ms: null,
						groups: [],
					},
				]
	})
}

/** Every declared stream with its groups, and retired ones that still hold entries. `now_ms` is machine time. */
export const readStreams = async (state: State, now_ms: number): Promise<readonly StreamStatus[]> => [
	...(await Promise.all(streams.map(stream => streamStatus(state, stream, now_ms)))),
	...(await retiredStatus(state)),
]

/** Groups that need a look, named. */
export const troubles = (all: readonly StreamStatus[]): readonly string[] =>
	all.flatMap(({stream, groups}) =>
		groups
			.filter(({state}) => state === 'BEHIND' || state === 'LOST' || state === 'UNKNOWN')
			.map(({unit, group, state}) => `${unit ?? group} on ${stream} is ${state}`),
	)
