import type {Metric, Sample} from './prometheus.js'
import type {GroupFacts, StreamFacts} from './stream-backlog.js'

type Found = StreamFacts & Readonly<{stream: string}>
type Options = Readonly<{
	/** A series for each consumer too. */
	consumers: boolean
}>

/** redis_exporter's label of the only database. */
const DB = 'db0'

type Row = Readonly<{labels: Readonly<Record<string, string>>; group: GroupFacts}>
const known = (labels: Sample['labels'], value: number | null): readonly Sample[] =>
	value === null || labels === undefined ? [] : [{labels, value}]
const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000)

const consumerMetrics = (rows: readonly Row[]): readonly Metric[] => {
	const of = rows.flatMap(({labels, group}) =>
		group.consumers.map(({name, ...consumer}) => ({labels: {...labels, consumer: name}, ...consumer})),
	)
	return [
		{
			name: 'redis_stream_group_consumer_messages_pending',
			type: 'gauge',
			help: 'Entries given to the consumer and not acknowledged',
			samples: of.map(({labels, pending}) => ({labels, value: pending})),
		},
		{
			name: 'redis_stream_group_consumer_idle_seconds',
			type: 'gauge',
			help: 'Time since the consumer was last given an entry, or tried to on newer servers',
			samples: of.map(({labels, idle_ms}) => ({labels, value: idle_ms / 1_000})),
		},
	]
}

/**
 * Streams and their groups under the names and labels of redis_exporter (github.com/oliver006/redis_exporter), so that
 * its dashboards show them. Unlike there a lag is counted where the server's own cannot be trusted, and what is not known
 * is left out rather than 0: `…_lag_known` says so.
 */
export const streamMetrics = (streams: readonly Found[], {consumers}: Options): readonly Metric[] => {
	const per = (of: (stream: Found) => number | null) =>
		streams.flatMap(stream => known({db: DB, stream: stream.stream}, of(stream)))
	const rows = streams.flatMap(({stream, groups}) =>
		groups.map((group): Row => ({labels: {db: DB, stream, group: group.group}, group})),
	)
	const perGroup = (of: (group: GroupFacts) => number | null) =>
		rows.flatMap(({labels, group}) => known(labels, of(group)))
	const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
		name,
		type: 'gauge',
		help,
		samples,
	})
	return [
		gauge(
			'redis_stream_length',
			'Entries on the stream',
			per(({length}) => length),
		),
		gauge(
			'redis_stream_groups',
			'Groups of the stream',
			per(({groups}) => groups.length),
		),
		gauge(
			'redis_stream_newest_entry_age_seconds',
			'Time since the newest entry was written',
			per(({newest_age_ms}) => seconds(newest_age_ms)),
		),
		gauge(
			'redis_stream_group_consumers',
			'Consumers of the group',
			perGroup(({consumers: of}) => of.length),
		),
		gauge(
			'redis_stream_group_messages_pending',
			'Entries given to the group and not acknowledged',
			perGroup(({pending}) => pending),
		),
		gauge(
			'redis_stream_group_lag',
			'Entries that the group has not been given; left out where that is not known',
			perGroup(({undelivered}) => undelivered),
		),
		gauge(
			'redis_stream_group_lag_known',
			'1 where the lag of the group is known',
			perGroup(({undelivered}) => (undelivered === null ? 0 : 1)),
		),
		gauge(
			'redis_stream_group_lag_seconds',
			'Age of the oldest entry that the group has not been given; 0 where there is none',
			perGroup(({oldest_undelivered}) => (oldest_undelivered === null ? 0 : seconds(oldest_undelivered.age_ms))),
		),
		gauge(
			'redis_stream_group_lost_messages',
			'Entries that were trimmed before the group was given them; left out where that is not known',
			perGroup(({lost}) => lost),
		),
		...(consumers ? consumerMetrics(rows) : []),
	]
}
