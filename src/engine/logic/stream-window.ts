import {compareIds} from '../bus/stream-id.js'
import type {GroupFacts} from './stream-backlog.js'

/** One look at a group and its stream. */
export type GroupSample = Readonly<{
	/** Machine time of the server, ms. */
	at_ms: number
	/** Entries ever added to the stream; null where the server does not say. */
	added: number | null
	last_generated_id: string
	group: GroupFacts
	/** Whether the unit that reads with it holds a fresh lease; null for a group that nobody declares. */
	reader_alive: boolean | null
}>

/** What moved over a window; null is unknown. */
export type GroupRates = Readonly<{
	samples: number
	/** Machine time between the first and the last sample, ms. */
	span_ms: number
	/** Entries per second that were added to the stream. */
	in_per_s: number | null
	/** Entries per second that the group was given for the first time. */
	out_per_s: number | null
	/** The backlog in time: how long the oldest entry has waited that the group was not given, ms; 0 when none waits. */
	behind_ms: number | null
	/** How long the backlog will last at these rates, ms; null when it does not shrink or is not known. */
	drain_ms: number | null
}>

/** The samples since the stream was last begun anew (Redis lost it, or somebody removed it), oldest first. */
export const windowOf = (samples: readonly GroupSample[]): readonly GroupSample[] => {
	let from = 0
	for (const [index, sample] of samples.entries()) {
		const before = samples[index - 1]
		if (!before) continue
		const began = compareIds(sample.last_generated_id, before.last_generated_id) < 0
		if (began || sample.at_ms <= before.at_ms || (sample.added ?? 0) < (before.added ?? 0)) from = index
	}
	return samples.slice(from)
}

const difference = (first: number | null, last: number | null): number | null =>
	first === null || last === null || last < first ? null : last - first

/** What the group was given: by the server's count of it, else by what came in and does not wait any more. */
const given = (first: GroupSample, last: GroupSample): number | null => {
	const counted = difference(first.group.entries_read, last.group.entries_read)
	if (counted !== null) return counted
	const added = difference(first.added, last.added)
	if (added === null || !first.group.undelivered_exact || !last.group.undelivered_exact) return null
	const waiting = (last.group.undelivered ?? 0) - (first.group.undelivered ?? 0)
	const lost = (last.group.lost ?? 0) - (first.group.lost ?? 0)
	const balance = added - waiting - Math.max(0, lost)
	return balance < 0 ? null : balance
}

const behindOf = ({undelivered, oldest_undelivered}: GroupFacts): number | null =>
	undelivered === 0 ? 0 : (oldest_undelivered?.age_ms ?? null)

/** Rates over a window of one stream's life, and how far behind its last sample is. */
export const ratesOf = (window: readonly GroupSample[]): GroupRates => {
	const [first] = window
	const last = window.at(-1)
	if (!first || !last) return {samples: 0, span_ms: 0, in_per_s: null, out_per_s: null, behind_ms: null, drain_ms: null}
	const span_ms = last.at_ms - first.at_ms
	const perSecond = (count: number | null) => (count === null || span_ms === 0 ? null : (count * 1_000) / span_ms)
	const in_per_s = perSecond(difference(first.added, last.added))
	const out_per_s = perSecond(given(first, last))
	const {undelivered} = last.group
	const shrinking = in_per_s !== null && out_per_s !== null ? out_per_s - in_per_s : 0
	return {
		samples: window.length,
		span_ms,
		in_per_s,
		out_per_s,
		behind_ms: behindOf(last.group),
		drain_ms: undelivered !== null && undelivered > 0 && shrinking > 0 ? (undelivered * 1_000) / shrinking : null,
	}
}
