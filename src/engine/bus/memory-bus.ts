import type {Fields} from '../contracts/field.js'
import type {ScriptReply} from '../contracts/script.js'
import {readAnswer, writeAnswer} from './answer.js'
import {
	type Backlog,
	type Bus,
	type Commit,
	type CommitOutcome,
	type DecisionCall,
	type DecisionOutcome,
	type Entry,
	type Lease,
	type PendingEntry,
	type ReadOptions,
	ScriptFailed,
	type Write,
} from './bus.js'
import {checkDecision, checkReply, filled} from './decision.js'
import {MemoryStore} from './memory-store.js'
import {MemoryStream} from './memory-stream.js'

type Waiter = {stream: string; wake: () => void}
export type MemoryBusOptions = Readonly<{
	now: () => number
	/** Calls back after this much machine time: how long a read may block. Without it, reads never block. */
	after?: (ms: number, callback: () => void) => () => void
}>

/** The bus in memory, for tests, backtest and replay: the same meaning as the one over Redis. */
export class MemoryBus implements Bus {
	readonly store = new MemoryStore()
	readonly #streams = new Map<string, MemoryStream>()
	readonly #waiters = new Set<Waiter>()

	constructor(private readonly options: MemoryBusOptions) {}

	async append(stream: string, fields: Fields): Promise<string> {
		return this.#append(stream, fields)
	}

	async ensureGroup(stream: string, group: string): Promise<void> {
		this.#stream(stream).ensureGroup(group)
	}

	async read({stream, group, consumer, count, block_ms = 0, signal}: ReadOptions): Promise<readonly Entry[]> {
		const take = () => (signal?.aborted ? [] : this.#stream(stream).read(group, consumer, count, this.options.now()))
		const fresh = take()
		if (fresh.length > 0 || block_ms === 0 || !this.options.after || signal?.aborted) return fresh
		await this.#appended(stream, block_ms, signal)
		return take()
	}

	async readPending({
		stream,
		group,
		consumer,
		count,
		after_id,
	}: Omit<ReadOptions, 'block_ms' | 'signal'> & {after_id: string}): Promise<readonly Entry[]> {
		return this.#stream(stream).readPending(group, consumer, after_id, count, this.options.now())
	}

	async pending(stream: string, group: string, count: number, from_id = '-'): Promise<readonly PendingEntry[]> {
		return this.#stream(stream).pending(group, count, from_id, this.options.now())
	}

	async claim({
		stream,
		group,
		consumer,
		min_idle_ms,
		ids,
	}: {
		stream: string
		group: string
		consumer: string
		min_idle_ms: number
		ids: readonly string[]
	}): Promise<readonly Entry[]> {
		return this.#stream(stream).claim(group, consumer, min_idle_ms, ids, this.options.now())
	}

	async acknowledge(stream: string, group: string, ids: readonly string[]): Promise<number> {
		return this.#stream(stream).acknowledge(group, ids)
	}

	async commit({writes, ...commit}: Commit): Promise<CommitOutcome> {
		const refused = this.#guard(commit)
		if (refused !== undefined) return 'outcome' in refused ? {status: 'committed'} : refused
		this.#finish(commit, writes, {outcome: 'committed', fields: {}})
		return {status: 'committed'}
	}

	async decide(call: DecisionCall, commit: Omit<Commit, 'writes'>): Promise<DecisionOutcome> {
		checkDecision(call)
		const {script, keys, args, branches} = call
		const refused = this.#guard(commit)
		if (refused !== undefined) return 'outcome' in refused ? {status: 'decided', reply: refused} : refused
		let reply: ScriptReply
		try {
			reply = script.model(this.store, keys, args)
			checkReply(script, reply.outcome, reply.fields)
		} catch (error) {
			throw new ScriptFailed(script.name, error)
		}
		const writes = (branches[reply.outcome] ?? []).map(write => filled(write, reply.fields))
		this.#finish(commit, writes, reply)
		return {status: 'decided', reply}
	}

	async trim(stream: string, length_max: number): Promise<number> {
		return this.#stream(stream).trim(length_max)
	}

	async backlog(stream: string, group: string): Promise<Backlog> {
		return this.#stream(stream).backlog(group)
	}

	async range(
		stream: string,
		{
			from = '-',
			to = '+',
			count,
			newest_first = false,
		}: {from?: string; to?: string; count: number; newest_first?: boolean},
	): Promise<readonly Entry[]> {
		return this.#stream(stream).range(from, to, count, newest_first)
	}

	async takeLease(lease_key: string, holder: Fields): Promise<Lease> {
		const generation = Number(this.store.hashGet(lease_key, 'generation') ?? 0) + 1
		const commits = Number(this.store.hashGet(lease_key, 'commits') ?? 0)
		this.store.hashPut(lease_key, {...holder, generation: String(generation), commits: String(commits)})
		return {generation, commits}
	}

	async get(key: string): Promise<string | undefined> {
		return this.store.get(key)
	}

	async hashAll(key: string): Promise<Fields> {
		return this.store.hashAll(key)
	}

	async hashGet(key: string, field: string): Promise<string | undefined> {
		return this.store.hashGet(key, field)
	}

	async members(key: string): Promise<readonly string[]> {
		return this.store.members(key)
	}

	async close(): Promise<void> {
		for (const {wake} of this.#waiters) wake()
	}

	/** Why the step may not be taken, or the answer of the one that was already taken. */
	#guard({
		fence,
		acknowledge,
	}: Omit<Commit, 'writes'>): ScriptReply | Exclude<CommitOutcome, {status: 'committed'}> | undefined {
		if (fence) {
			const held = this.store.hashAll(fence.lease_key)
			if (Number(held.generation) !== fence.generation) return {status: 'fenced'}
			if (fence.commits !== undefined) {
				if (Number(held.commits) === fence.commits + 1) return readAnswer(held.answer)
				if (Number(held.commits) !== fence.commits) return {status: 'fenced'}
			}
		}
		const steps = acknowledge.filter(({ids}) => ids.length > 0)
		if (!steps.every(({stream, group, consumer, ids}) => this.#stream(stream).owns(group, consumer, ids)))
			return {status: 'not-owner'}
		if (fence && !steps.every(({stream, group, ids}) => this.#stream(stream).oldestAre(group, ids)))
			return {status: 'missed'}
		return undefined
	}

	#finish({fence, acknowledge}: Omit<Commit, 'writes'>, writes: readonly Write[], reply: ScriptReply): void {
		for (const write of writes) if (write.op !== 'append') this.store.check(write)
		for (const write of writes) {
			if (write.op === 'append') this.#append(write.stream, write.fields, write.length_max)
			else this.store.apply(write)
		}
		for (const {stream, group, ids} of acknowledge) this.#stream(stream).acknowledge(group, ids)
		if (fence?.commits !== undefined)
			this.store.hashPut(fence.lease_key, {commits: String(fence.commits + 1), answer: writeAnswer(reply)})
	}

	#append(stream: string, fields: Fields, length_max?: number): string {
		const id = this.#stream(stream).append(fields, this.options.now(), length_max)
		for (const waiter of this.#waiters) if (waiter.stream === stream) waiter.wake()
		return id
	}

	#stream(name: string): MemoryStream {
		const stream = this.#streams.get(name) ?? new MemoryStream()
		this.#streams.set(name, stream)
		return stream
	}

	#appended(stream: string, within_ms: number, signal: AbortSignal | undefined): Promise<void> {
		return new Promise(resolve => {
			const waiter: Waiter = {
				stream,
				wake: () => {
					this.#waiters.delete(waiter)
					signal?.removeEventListener('abort', waiter.wake)
					cancel?.()
					resolve()
				},
			}
			const cancel = this.options.after?.(within_ms, waiter.wake)
			signal?.addEventListener('abort', waiter.wake, {once: true})
			this.#waiters.add(waiter)
		})
	}
}
