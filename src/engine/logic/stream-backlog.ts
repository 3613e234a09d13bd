import {compareIds, idTime, previousId} from '../bus/stream-id.js'

/** A stream as the server describes it in one cut. `null` is what the server does not say. */
export type StreamRow = Readonly<{
	/** Machine time of the server, ms: the clock that stream ids are made of. */
	at_ms: number
	length: number
	/** Entries ever added, as far as nobody set the counter. */
	added: number | null
	/** Ids of the oldest and the newest entry that are there; null where there is none. */
	first_id: string | null
	newest_id: string | null
	/** Newest id that was ever given out; its entry may be gone. */
	last_generated_id: string
	/** Newest entry that was taken out by its id. Trimming is not counted. */
	max_deleted_id: string | null
	groups: readonly GroupRow[]
}>
export type GroupRow = Readonly<{
	name: string
	last_delivered_id: string
	entries_read: number | null
	lag: number | null
	pending: number
	oldest_pending: PendingRow | null
	/** The oldest entry that the group has not been given. */
	next_id: string | null
	/** Entries behind the group that were counted one by one, and whether these are all. */
	counted: number
	counted_all: boolean
	consumers: readonly ConsumerRow[]
}>
export type PendingRow = Readonly<{id: string; consumer: string; idle_ms: number; deliveries: number}>
/** `idle_ms` on Redis 7.0 ignores reads that found nothing: a consumer that waits looks idle. */
export type ConsumerRow = Readonly<{name: string; pending: number; idle_ms: number}>

export type GroupFacts = Readonly<{
	group: string
	last_delivered_id: string
	/** Everything up to here was acknowledged: the id before the oldest pending one, else the last delivered. */
	acknowledged_id: string
	entries_read: number | null
	/** The lag that the server reports, as it is: not to be shown as a backlog. */
	reported_lag: number | null
	/** Entries that the group has not been given; null when that cannot be known. */
	undelivered: number | null
	/** How many there are at least: what a view shows as `>=1000` where `undelivered` is null. */
	undelivered_min: number
	/** False where `undelivered` rests on the server's lag, which counts entries that were lost before, too. */
	undelivered_exact: boolean
	/** Entries that were removed before the group was given them, by the server's counters; null when these don't say. */
	lost: number | null
	/** `age_ms` is null for an id that is no time. */
	oldest_undelivered: Readonly<{id: string; age_ms: number | null}> | null
	pending: number
	/** `trimmed`: its entry is not on the stream any more, nobody can handle it. */
	oldest_pending: (PendingRow & Readonly<{age_ms: number | null; trimmed: boolean}>) | null
	consumers: readonly ConsumerRow[]
}>

export type StreamFacts = Omit<StreamRow, 'groups'> &
	Readonly<{
		/** Age of the oldest and the newest entry, ms; null for none, and for an id that is no time. */
		first_age_ms: number | null
		newest_age_ms: number | null
		groups: readonly GroupFacts[]
	}>

/** An id further ahead of the server's clock than this was not made of it. */
const AHEAD_MAX_MS = 60_000

/** How long ago the server accepted an entry, ms; null when its id says no time. */
export const ageOf = (id: string, at_ms: number): number | null => {
	const age_ms = at_ms - idTime(id)
	return age_ms < -AHEAD_MAX_MS ? null : Math.max(0, age_ms)
}

type Undelivered = Pick<GroupFacts, 'undelivered' | 'undelivered_min' | 'undelivered_exact' | 'lost'>

/** The group is in front of everything that is there: all of it waits, and what is missing before it was never given. */
const beforeFirst = ({added, length}: StreamRow, {entries_read}: GroupRow): Undelivered => ({
	undelivered: length,
	undelivered_min: length,
	undelivered_exact: true,
	// A group that has read nothing may be younger than what was trimmed.
	lost: entries_read === null || added === null ? null : Math.max(0, added - length - entries_read),
})

/** Too many to be counted: the server's lag bounds them. Where nothing was ever removed it is right. */
const beyondCounting = ({added, length}: StreamRow, {lag, counted}: GroupRow): Undelivered => {
	const nothing_removed = added === length
	return {
		undelivered: lag === null ? null : Math.max(counted, Math.min(lag, length)),
		undelivered_min: counted,
		undelivered_exact: lag !== null && nothing_removed,
		lost: nothing_removed ? 0 : null,
	}
}

/**
 * How far a group is behind. The server's `lag` is not trusted alone: after entries were trimmed unread it counts the
 * lost ones too, and a drained group reports their number for ever; it is null after deletions ahead of the group and
 * for groups that began in the middle; XSETID makes it anything; and a server that was started again over its file
 * counts what a group was given since the last rewrite as never read (7.0 writes XCLAIM … LASTID, without the counter):
 * where nothing was ever removed, nothing is lost. What can be counted is counted.
 */
const undeliveredOf = (stream: StreamRow, row: GroupRow): Undelivered => {
	const {last_delivered_id, lag, counted, counted_all} = row
	const nothing = {undelivered: 0, undelivered_min: 0, undelivered_exact: true}
	const lostOf = (count: number | null) => (stream.added === stream.length ? 0 : count)
	if (compareIds(last_delivered_id, stream.last_generated_id) >= 0) return {...nothing, lost: lostOf(lag)}
	if (stream.first_id === null || compareIds(last_delivered_id, stream.first_id) < 0) return beforeFirst(stream, row)
	if (!counted_all) return beyondCounting(stream, row)
	return {
		undelivered: counted,
		undelivered_min: counted,
		undelivered_exact: true,
		lost: lostOf(lag === null ? null : Math.max(0, lag - counted)),
	}
}

/**
 * How many entries a group has been given, by what is there and not by its counter: all that were ever added but those
 * behind it. Null where these are too many to count, and where some before it may have been removed unread.
 */
export const entriesRead = (
	{added, length, first_id, last_generated_id}: StreamFacts,
	{last_delivered_id, undelivered, undelivered_min}: GroupFacts,
): number | null => {
	if (added === null || undelivered === null || undelivered > undelivered_min) return null
	const at_end = compareIds(last_delivered_id, last_generated_id) >= 0
	const before_first = first_id === null || compareIds(last_delivered_id, first_id) < 0
	return added !== length && before_first && !at_end ? null : added - undelivered
}

const groupFacts = (stream: StreamRow, row: GroupRow): GroupFacts => {
	const {at_ms, first_id} = stream
	const {name, last_delivered_id, entries_read, lag, pending, oldest_pending, next_id, consumers} = row
	return {
		group: name,
		last_delivered_id,
		acknowledged_id: oldest_pending ? previousId(oldest_pending.id) : last_delivered_id,
		entries_read,
		reported_lag: lag,
		...undeliveredOf(stream, row),
		oldest_undelivered: next_id === null ? null : {id: next_id, age_ms: ageOf(next_id, at_ms)},
		pending,
		oldest_pending: oldest_pending && {
			...oldest_pending,
			age_ms: ageOf(oldest_pending.id, at_ms),
			trimmed: first_id === null || compareIds(oldest_pending.id, first_id) < 0,
		},
		consumers,
	}
}

/** What follows from the server's words about a stream and its groups: the one algorithm for every backlog. */
export const streamFacts = (row: StreamRow): StreamFacts => {
	const {at_ms, first_id, newest_id, groups} = row
	return {
		...row,
		first_age_ms: first_id === null ? null : ageOf(first_id, at_ms),
		newest_age_ms: newest_id === null ? null : ageOf(newest_id, at_ms),
		groups: groups.map(group => groupFacts(row, group)),
	}
}
