import {compareIds} from '../bus/stream-id.js'
import {limits} from '../contracts/limits.js'
import {type GroupRates, type GroupSample, ratesOf, windowOf} from './stream-window.js'

/**
 * OK: it keeps up. IDLE: nothing came, nothing waits. WARN: behind and not catching up, or beyond the limit of its
 * contract. STALL: entries wait and no cursor moves, though its reader is there. STOP: entries wait and nobody reads.
 * STUCK: one entry is pending for longer than any handler takes, or is given out again and again. REWIND: the cursor
 * went back. LOST: entries were removed before the group had them. UNKNOWN: what was seen does not say, which is not OK.
 */
export type Health = 'OK' | 'WARN' | 'STALL' | 'STOP' | 'REWIND' | 'STUCK' | 'LOST' | 'IDLE' | 'UNKNOWN'
export type Judgement = Readonly<{status: Health; reason: string}>
export type GroupHealth = Judgement & GroupRates

export type HealthRules = Readonly<{
	/** Undelivered and pending entries above which a reader is unhealthy; null where no contract says. */
	backlog_max: number | null
	/** Telemetry may be trimmed unread. */
	loss_allowed: boolean
}>

/** A shorter window than this says nothing of what moves. */
export const WINDOW_LEAST = {samples: 3, span_ms: 2_000} as const
/** How long one looks unless more is asked for, ms. */
export const WINDOW_USUAL_MS = 2_500
/** Longer than any handler takes: what is pending for so long will not be finished. */
const STUCK_IDLE_MS = 3 * limits.heartbeat_stale_ms
/** Less than this behind is the pipeline at work. */
const BEHIND_LEAST_MS = 1_000

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`)

type View = Readonly<{
	window: readonly GroupSample[]
	last: GroupSample
	rates: GroupRates
	rules: HealthRules
	long: boolean
}>
type Rule = (view: View) => Judgement | undefined

const same = (window: readonly GroupSample[], of: (sample: GroupSample) => string): boolean =>
	new Set(window.map(of)).size === 1
const waits = ({group}: GroupSample): boolean => group.undelivered_min > 0
const busy = (sample: GroupSample): boolean => waits(sample) || sample.group.pending > 0
const frozen = (window: readonly GroupSample[]): boolean =>
	same(window, ({group}) => group.last_delivered_id) && same(window, ({group}) => group.acknowledged_id)
const waitText = ({group: {undelivered, undelivered_min, pending}}: GroupSample): string =>
	`${undelivered ?? `at least ${undelivered_min}`} undelivered and ${pending} pending`

const rewind: Rule = ({window, last}) => {
	let furthest = last.group.last_delivered_id
	for (const {group} of window)
		if (compareIds(group.last_delivered_id, furthest) > 0) furthest = group.last_delivered_id
	if (furthest === last.group.last_delivered_id) return undefined
	return {status: 'REWIND', reason: `its cursor went back from ${furthest} to ${last.group.last_delivered_id}`}
}

const stop: Rule = ({window, last, rates, long}) => {
	if (!busy(last) || last.reader_alive === true) return undefined
	const {consumers} = last.group
	if (last.reader_alive === false) return {status: 'STOP', reason: `${waitText(last)}, and its unit does not run`}
	if (!long || !window.every(busy) || !frozen(window)) return undefined
	if (consumers.length === 0) return {status: 'STOP', reason: `${waitText(last)}, and it has no consumer`}
	const idle_ms = Math.min(...consumers.map(consumer => consumer.idle_ms))
	if (idle_ms <= rates.span_ms) return undefined
	return {status: 'STOP', reason: `${waitText(last)}, and no consumer has read for ${seconds(idle_ms)}`}
}

const stuck: Rule = ({last}) => {
	const oldest = last.group.oldest_pending
	if (!oldest) return undefined
	const {id, consumer, idle_ms, deliveries, trimmed} = oldest
	if (trimmed) return {status: 'STUCK', reason: `${id} is pending for ${consumer} and not on the stream any more`}
	if (idle_ms < STUCK_IDLE_MS && deliveries < limits.deliveries_max) return undefined
	const often = deliveries === 1 ? 'once' : `${deliveries} times`
	return {status: 'STUCK', reason: `${id} was given to ${consumer} ${often}, the last time ${seconds(idle_ms)} ago`}
}

const stall: Rule = ({window, last, rates, long}) => {
	if (!long || !window.every(busy) || !frozen(window)) return undefined
	// One batch may be under way for as long as a commit may take; what waits behind it must be given out meanwhile.
	if (!window.every(waits) && rates.span_ms < limits.commit_timeout_ms) return undefined
	return {status: 'STALL', reason: `${waitText(last)}, and nothing has moved for ${seconds(rates.span_ms)}`}
}

/** Pending entries of consumers that were deleted with them, as far as nobody took them over. */
const dropped = (window: readonly GroupSample[]): number => {
	let sum = 0
	for (const [index, {group}] of window.entries()) {
		const before = window[index - 1]?.group
		if (!before) continue
		const gone = before.consumers.filter(({name}) => !group.consumers.some(other => other.name === name))
		const held = gone.reduce((total, {pending}) => total + pending, 0)
		sum += Math.min(held, Math.max(0, before.pending - group.pending))
	}
	return sum
}

const lost: Rule = ({window, last, rules}) => {
	const forgotten = dropped(window)
	if (forgotten > 0)
		return {status: 'LOST', reason: `a consumer was deleted with ${entries(forgotten)} that it had not acknowledged`}
	const count = last.group.lost ?? 0
	if (count === 0 || rules.loss_allowed) return undefined
	return {status: 'LOST', reason: `${entries(count)} removed before it had them, by the server's counters`}
}

const unjudged: Rule = ({rates, long}) =>
	long
		? undefined
		: {status: 'UNKNOWN', reason: `${rates.samples} samples over ${seconds(rates.span_ms)} say too little`}

const beyond: Rule = ({last, rules: {backlog_max}}) => {
	const {undelivered, undelivered_min, pending} = last.group
	if (backlog_max !== null && (undelivered ?? undelivered_min) + pending > backlog_max)
		return {status: 'WARN', reason: `${waitText(last)}, its limit is ${backlog_max}`}
	if (undelivered === null)
		return {status: 'UNKNOWN', reason: `at least ${undelivered_min} undelivered; how many, the server does not say`}
	return undefined
}

const neverFalls: Rule = ({window, last, rates}) => {
	const counts = window.map(({group}) => group.undelivered ?? group.undelivered_min)
	const falls = counts.some((count, index) => count === 0 || count < (counts[index - 1] ?? 0))
	if (falls || rates.behind_ms === null || rates.behind_ms < BEHIND_LEAST_MS) return undefined
	return {status: 'WARN', reason: `${waitText(last)}, ${seconds(rates.behind_ms)} behind and not catching up`}
}

const calm: Rule = ({window, last}) => {
	if (busy(last)) return {status: 'OK', reason: 'it keeps up'}
	const quiet = same(window, sample => sample.last_generated_id) && frozen(window)
	if (!quiet) return {status: 'OK', reason: 'it has everything'}
	const stopped = last.reader_alive === false ? ', and its unit does not run' : ''
	return {status: 'IDLE', reason: `nothing came, nothing waits${stopped}`}
}

/** The first that applies: what has stopped before what is slow, and nothing good before there is enough to tell. */
const RULES: readonly Rule[] = [rewind, stop, stuck, stall, lost, unjudged, beyond, neverFalls, calm]

/**
 * Judges a group by a window of samples, oldest first. After Burrow's rules for consumers of Kafka
 * (https://github.com/linkedin/Burrow/wiki/Consumer-Lag-Evaluation-Rules, and `calculatePartitionStatus` in its
 * core/internal/evaluator/caching.go): rewind, stopped, stalled, lag that never falls, in this order; lag that was zero
 * once within the window is no fault. A cursor that went back counts also without lag, until it is back where it was
 * (pull request 716 there). Added for Redis: the pending list (STUCK), entries removed unread or forgotten with their
 * consumer (LOST), the limit of the contract, IDLE; and UNKNOWN where Burrow says OK of an incomplete window.
 */
export const judge = (samples: readonly GroupSample[], rules: HealthRules): GroupHealth => {
	const window = windowOf(samples)
	const rates = ratesOf(window)
	const last = window.at(-1)
	if (!last) return {...rates, status: 'UNKNOWN', reason: 'it was not seen'}
	const long = rates.samples >= WINDOW_LEAST.samples && rates.span_ms >= WINDOW_LEAST.span_ms
	const view = {window, last, rates, rules, long}
	for (const rule of RULES) {
		const judgement = rule(view)
		if (judgement) return {...rates, ...judgement}
	}
	throw new Error('The last rule judges everything')
}
