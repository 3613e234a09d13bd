import type {Fields} from '../contracts/field.js'
import type {ScriptContract, ScriptReply} from '../contracts/script.js'
import {messageOf} from '../errors.js'

/** An entry as it lies on a stream. */
export type Entry = Readonly<{id: string; fields: Fields}>
export type PendingEntry = Readonly<{id: string; consumer: string; idle_ms: number; deliveries: number}>

/** State changes and appends of one atomic step, with names already resolved. */
export type Write =
	| Readonly<{op: 'append'; stream: string; fields: Fields; length_max?: number}>
	| Readonly<{op: 'put-hash'; key: string; fields: Fields; replace?: boolean; ttl_ms?: number}>
	| Readonly<{op: 'remove-fields'; key: string; fields: readonly string[]}>
	| Readonly<{op: 'put-string'; key: string; value: string; ttl_ms?: number}>
	| Readonly<{op: 'add-members'; key: string; members: readonly string[]; ttl_ms?: number}>
	| Readonly<{op: 'remove-members'; key: string; members: readonly string[]}>
	| Readonly<{op: 'remove'; key: string}>

export type Acknowledgement = Readonly<{stream: string; group: string; consumer: string; ids: readonly string[]}>

/**
 * Who commits, and for which time: the generation must still be the newest of the lease, and the number of commits
 * before this one must be right. A commit that is sent again after a broken connection is carried out once.
 */
export type Lease = Readonly<{generation: number; commits: number}>
/** Without `commits` the step is not counted: only for writes that may be carried out twice, such as a heartbeat. */
export type Fence = Readonly<{lease_key: string; generation: number; commits?: number}>

/**
 * Everything that happens at once, or not at all. With a fence, what is acknowledged must be the oldest pending entries
 * of the group: whoever owns a unit handles its entries in order, and notices one that was given to somebody else.
 */
export type Commit = Readonly<{fence?: Fence; acknowledge: readonly Acknowledgement[]; writes: readonly Write[]}>

export type CommitOutcome =
	| Readonly<{status: 'committed'}>
	/** Another process owns the unit now: stop. */
	| Readonly<{status: 'fenced'}>
	/** An acknowledged entry is no longer pending for this consumer: somebody claimed it. */
	| Readonly<{status: 'not-owner'}>
	/** An older entry of the group is pending: read what is pending, then handle in order. Only with a fence. */
	| Readonly<{status: 'missed'}>

export type DecisionCall = Readonly<{
	script: ScriptContract
	/** Redis names by the script's key names. */
	keys: Readonly<Record<string, string>>
	args: Readonly<Record<string, string>>
	/** Writes per outcome; the acknowledgements and the fence are common to all. */
	branches: Readonly<Record<string, readonly Write[]>>
}>
export type DecisionOutcome =
	| Readonly<{status: 'decided'; reply: ScriptReply}>
	| Exclude<CommitOutcome, {status: 'committed'}>

export type Backlog = Readonly<{
	/** Entries on the stream that the group has not been given; undefined when it cannot be known. */
	undelivered: number | undefined
	pending: number
	/** Entries trimmed before the group was given them, as far as the server still knows; undefined when it does not. */
	lost: number | undefined
	oldest_undelivered_id?: string
	last_delivered_id: string
	consumers: number
}>

export type ReadOptions = Readonly<{
	stream: string
	group: string
	consumer: string
	count: number
	block_ms?: number
	/** Ends a blocked read at once, with no entries. */
	signal?: AbortSignal
}>

/** A read whose answer was lost: entries may have been given to this consumer that it has not seen. */
export class ReadInterrupted extends Error {
	constructor(stream: string, cause?: unknown) {
		super(`The answer to a read of ${stream} was lost: read what is pending before reading on`, {cause})
	}
}

/** A script stopped with an error of its own: the same arguments would fail again. Nothing was acknowledged. */
export class ScriptFailed extends Error {
	constructor(script: string, cause: unknown) {
		super(`Script ${script} failed: ${messageOf(cause)}`, {cause})
	}
}

/** A log with consumer groups and a state store under one atomic commit. Redis and memory behave the same. */
export interface Bus {
	append(stream: string, fields: Fields): Promise<string>
	/** Creates group and stream when missing; a new group starts at the first entry. */
	ensureGroup(stream: string, group: string): Promise<void>
	/**
	 * New entries for this consumer; empty after `block_ms` (0 to 5,000).
	 * @throws ReadInterrupted when the connection broke before the answer came.
	 */
	read(options: ReadOptions): Promise<readonly Entry[]>
	/**
	 * Entries already given to this consumer and not acknowledged, after `after_id`; counts one delivery more.
	 * One that was trimmed away meanwhile has no fields.
	 */
	readPending(options: Omit<ReadOptions, 'block_ms' | 'signal'> & {after_id: string}): Promise<readonly Entry[]>
	/** Pending entries of all consumers, oldest first, beginning at `from_id`. */
	pending(stream: string, group: string, count: number, from_id?: string): Promise<readonly PendingEntry[]>
	/** Takes over entries idle for at least this long; counts one delivery more. Entries trimmed away are forgotten. */
	claim(options: {
		stream: string
		group: string
		consumer: string
		min_idle_ms: number
		ids: readonly string[]
	}): Promise<readonly Entry[]>
	acknowledge(stream: string, group: string, ids: readonly string[]): Promise<number>
	/** @throws Error naming the key when one holds another type than a write needs; nothing is written then. */
	commit(commit: Commit): Promise<CommitOutcome>
	/** @throws ScriptFailed when the script itself fails. */
	decide(call: DecisionCall, commit: Omit<Commit, 'writes'>): Promise<DecisionOutcome>
	/** Removes the oldest entries beyond `length_max`, but none that a group has not acknowledged. Returns how many. */
	trim(stream: string, length_max: number): Promise<number>
	backlog(stream: string, group: string): Promise<Backlog>
	range(
		stream: string,
		options: {from?: string; to?: string; count: number; newest_first?: boolean},
	): Promise<readonly Entry[]>
	/** Takes the lease of a unit: the generation counts up, earlier holders are fenced. */
	takeLease(lease_key: string, holder: Fields): Promise<Lease>
	get(key: string): Promise<string | undefined>
	hashAll(key: string): Promise<Fields>
	hashGet(key: string, field: string): Promise<string | undefined>
	members(key: string): Promise<readonly string[]>
	close(): Promise<void>
}
