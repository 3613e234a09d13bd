import {idTime} from '../../engine/bus/stream-id.js'
import type {Authority} from '../../engine/contracts/envelope.js'
import type {Fields} from '../../engine/contracts/field.js'
import {readClientId} from '../../engine/logic/client-id.js'
import {closestName} from './closest.js'

/** An entry of any stream as a trace sees it. */
export type TraceEntry = Readonly<{stream: string; stream_id: string; fields: Fields}>

export type TraceNode = Readonly<{
	stream: string
	stream_id: string
	id: string
	cause: string
	unit: string
	/** Whether it may lead to orders. */
	authority: Authority
	/** Venue time, ms. */
	ts_ms: number
	/** Machine time from its parent's entry to this one, ms; null at a root. */
	latency_ms: number | null
	/** How it hangs on its parent: by the recorded cause, or by the order or plan that both name. */
	link: 'cause' | 'order' | 'root'
	fields: Fields
	children: readonly TraceNode[]
}>

/** Fields whose value is an id that somebody may ask for. */
const ID_FIELDS = [
	'id',
	'plan_id',
	'exit_plan_id',
	'intent_id',
	'trade_id',
	'order_id',
	'client_order_id',
	'client_algo_id',
	'algo_id',
	'stop_client_id',
	'target_client_id',
	'entry_id',
	'run_id',
	'transaction_id',
	'signal_id',
] as const

const CLIENT_FIELDS = ['client_order_id', 'client_algo_id'] as const
/** No plan of ours: every foreign order would seem to belong together. */
const FOREIGN = new Set(['', 'foreign', 'hand', 'reconcile'])

export const identityOf = ({stream_id, fields}: TraceEntry): string => fields.id ?? stream_id

/** Whether an entry is called so, names it, or came of it. */
export const mentions = (entry: TraceEntry, wanted: string): boolean =>
	entry.stream_id === wanted || entry.fields.cause === wanted || ID_FIELDS.some(name => entry.fields[name] === wanted)

const NEAR_MAX = 3
/** A beginning that is shorter would fit too many. */
const BEGINNING_LEAST = 4
const LENGTHS_APART_MAX = 3

/** Ids of these entries that a mistyped one may have meant: those that begin so, else the nearest. */
export const nearIds = (entries: readonly TraceEntry[], typed: string): readonly string[] => {
	const ids = new Set(entries.flatMap(entry => [identityOf(entry), ...ID_FIELDS.map(name => entry.fields[name] ?? '')]))
	ids.delete('')
	const begun = typed.length < BEGINNING_LEAST ? [] : [...ids].filter(id => id.startsWith(typed))
	if (begun.length > 0) return begun.slice(0, NEAR_MAX)
	const alike = [...ids].filter(id => Math.abs(id.length - typed.length) <= LENGTHS_APART_MAX)
	const nearest = closestName(typed, alike)
	return nearest === undefined ? [] : [nearest]
}

/** Plans that an entry names, by itself or through the client id of an order. */
export const plansOf = ({fields}: TraceEntry): readonly string[] => {
	const named = [fields.plan_id, fields.exit_plan_id]
	const ordered = CLIENT_FIELDS.map(name => readClientId(fields[name] ?? '').plan_id)
	return [...named, ...ordered].filter((id): id is string => id !== undefined && !FOREIGN.has(id))
}

/** Entries by each of their keys, in their order. */
export const grouped = <Key>(
	entries: readonly TraceEntry[],
	keysOf: (entry: TraceEntry) => readonly Key[],
): ReadonlyMap<Key, readonly TraceEntry[]> => {
	const groups = new Map<Key, TraceEntry[]>()
	for (const entry of entries)
		for (const key of keysOf(entry)) {
			const group = groups.get(key)
			if (group) group.push(entry)
			else groups.set(key, [entry])
		}
	return groups
}

/**
 * Everything that belongs to the id among these entries: what names it, what that caused, and what shares a plan with
 * it. A trade's plans bring in its entry, its protection and its exit.
 */
export const related = (entries: readonly TraceEntry[], wanted: string): readonly TraceEntry[] => {
	const caused = grouped(entries, ({fields}) => (fields.cause ? [fields.cause] : []))
	const planned = grouped(entries, plansOf)
	const found = new Set<TraceEntry>(entries.filter(entry => mentions(entry, wanted)))
	const queue = [...found]
	for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
		const next = [...(caused.get(identityOf(entry)) ?? []), ...plansOf(entry).flatMap(plan => planned.get(plan) ?? [])]
		for (const other of next) {
			if (found.has(other)) continue
			found.add(other)
			queue.push(other)
		}
	}
	return [...found]
}

const byStreamId = (left: TraceEntry, right: TraceEntry): number =>
	idTime(left.stream_id) - idTime(right.stream_id) || (left.stream_id < right.stream_id ? -1 : 1)

/** An order's events come from the venue without a cause: they hang on the result that says the order was sent. */
const senderOf = (entry: TraceEntry, results: ReadonlyMap<string, TraceEntry>): TraceEntry | undefined => {
	const plan = CLIENT_FIELDS.map(name => readClientId(entry.fields[name] ?? '').plan_id).find(id => results.has(id))
	const sender = plan === undefined ? undefined : results.get(plan)
	return sender && sender !== entry ? sender : undefined
}

/**
 * The entries as a forest, oldest root first. A link that would lead into the future is none: an order's first event
 * may be on its stream before the result that says it was sent.
 */
export const forestOf = (entries: readonly TraceEntry[], result_stream: string): readonly TraceNode[] => {
	const sorted = [...new Set(entries)].sort(byStreamId)
	const byId = new Map(sorted.map(entry => [identityOf(entry), entry]))
	const results = new Map(
		sorted.filter(({stream}) => stream === result_stream).map(entry => [entry.fields.plan_id ?? '', entry]),
	)
	const children = new Map<TraceEntry, TraceEntry[]>()
	const links = new Map<TraceEntry, 'cause' | 'order'>()
	const roots: TraceEntry[] = []
	for (const entry of sorted) {
		const cause = byId.get(entry.fields.cause ?? '')
		const parent = cause && cause !== entry ? cause : entry.fields.cause ? undefined : senderOf(entry, results)
		if (!parent) {
			roots.push(entry)
			continue
		}
		links.set(entry, cause ? 'cause' : 'order')
		children.set(parent, [...(children.get(parent) ?? []), entry])
	}
	const node = (entry: TraceEntry, parent: TraceEntry | undefined): TraceNode => ({
		stream: entry.stream,
		stream_id: entry.stream_id,
		id: identityOf(entry),
		cause: entry.fields.cause ?? '',
		unit: entry.fields.unit ?? 'hand',
		authority: (entry.fields.authority ?? 'live') === 'live' ? 'live' : 'shadow',
		ts_ms: Number(entry.fields.ts ?? 0),
		latency_ms: parent ? idTime(entry.stream_id) - idTime(parent.stream_id) : null,
		link: links.get(entry) ?? 'root',
		fields: entry.fields,
		children: (children.get(entry) ?? []).map(child => node(child, entry)),
	})
	return roots.map(entry => node(entry, undefined))
}
