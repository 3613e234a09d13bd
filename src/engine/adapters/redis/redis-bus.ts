import {type Redis, ReplyError} from 'ioredis'
import type {
	Backlog,
	Bus,
	Commit,
	CommitOutcome,
	DecisionCall,
	DecisionOutcome,
	Entry,
	Lease,
	PendingEntry,
	ReadOptions,
} from '../../bus/bus.js'
import {ReadInterrupted} from '../../bus/bus.js'
import {checkDecision} from '../../bus/decision.js'
import {objectOf} from '../../bus/name-values.js'
import type {Fields} from '../../contracts/field.js'
import {commitArguments, packed} from './commit-arguments.js'
import {hearErrors} from './connect.js'
import {leaseScript, readScript, runCommit, runScript, trimScript} from './scripts.js'
import {readBacklog} from './stream-survey.js'

type Connect = () => Redis
type Refusal = 'fenced' | 'not-owner' | 'missed'
type RawEntry = [id: string, fields: string[] | null]

/** Time beyond the block that a read may stay without an answer before its connection counts as dead. */
const ANSWER_WITHIN_MS = 3_000

const entriesOf = (raw: readonly RawEntry[]): Entry[] => raw.map(([id, flat]) => ({id, fields: objectOf(flat)}))
/** The entries of the only stream asked for: RESP2 answers a list of pairs, RESP3 a map, which arrives flattened. */
const firstStream = (reply: unknown): RawEntry[] => {
	if (!Array.isArray(reply)) return []
	const [head, entries] = Array.isArray(reply[0]) ? (reply[0] as unknown[]) : (reply as unknown[])
	return typeof head === 'string' ? (entries as RawEntry[]) : []
}

/** The bus over a real Redis. Each read has a connection of its own, everything else shares one. */
export class RedisBus implements Bus {
	readonly #main: Redis
	readonly #readers = new Map<string, Redis>()
	/** Readers whose last read was full: there is more, and it is read in bulk. */
	readonly #behind = new Set<string>()

	constructor(connect: Connect) {
		this.#main = connect()
	}

	/** The shared connection, for commands that are no part of the bus. */
	get redis(): Redis {
		return this.#main
	}

	async append(stream: string, fields: Fields): Promise<string> {
		return (await this.#main.xadd(stream, '*', ...Object.entries(fields).flat())) as string
	}

	async ensureGroup(stream: string, group: string): Promise<void> {
		try {
			await this.#main.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
		} catch (error) {
			if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error
		}
	}

	/** Reads on a connection of its own, so that an answer that got lost is noticed and not asked for again. */
	async read({stream, group, consumer, count, block_ms = 0, signal}: ReadOptions): Promise<readonly Entry[]> {
		if (signal?.aborted) return []
		const name = `${stream} ${group} ${consumer}`
		const redis = this.#reader(name)
		const giveUp = () => this.#drop(name, redis)
		// A connection can go silent without breaking: nothing is heard from it again, though others work.
		const deadline = setTimeout(giveUp, block_ms + ANSWER_WITHIN_MS)
		signal?.addEventListener('abort', giveUp, {once: true})
		let entries: readonly RawEntry[] = []
		try {
			if (this.#behind.has(name)) {
				const json = await runScript(redis, readScript, [stream], [group, consumer, String(count)])
				if (typeof json === 'string') entries = JSON.parse(json) as RawEntry[]
			}
			if (entries.length === 0) {
				const block = block_ms > 0 ? ['BLOCK', String(block_ms)] : []
				const words = ['GROUP', group, consumer, 'COUNT', String(count), ...block, 'STREAMS', stream, '>']
				entries = firstStream(await redis.call('XREADGROUP', ...words))
			}
		} catch (error) {
			if (signal?.aborted) return []
			if (error instanceof ReplyError) throw error
			this.#drop(name, redis)
			throw new ReadInterrupted(stream, error)
		} finally {
			clearTimeout(deadline)
			signal?.removeEventListener('abort', giveUp)
		}
		if (entries.length === count) this.#behind.add(name)
		else this.#behind.delete(name)
		return entriesOf(entries)
	}

	async readPending(options: Omit<ReadOptions, 'block_ms' | 'signal'> & {after_id: string}): Promise<readonly Entry[]> {
		const {stream, group, consumer, count, after_id} = options
		const words = ['GROUP', group, consumer, 'COUNT', String(count), 'STREAMS', stream, after_id]
		return entriesOf(firstStream(await this.#main.call('XREADGROUP', ...words)))
	}

	async pending(stream: string, group: string, count: number, from_id = '-'): Promise<readonly PendingEntry[]> {
		const rows = (await this.#main.xpending(stream, group, from_id, '+', count)) as Array<
			[string, string, number, number]
		>
		return rows.map(([id, consumer, idle_ms, deliveries]) => ({id, consumer, idle_ms, deliveries}))
	}

	async claim(options: {
		stream: string
		group: string
		consumer: string
		min_idle_ms: number
		ids: readonly string[]
	}): Promise<readonly Entry[]> {
		const {stream, group, consumer, min_idle_ms, ids} = options
		if (ids.length === 0) return []
		return entriesOf((await this.#main.xclaim(stream, group, consumer, min_idle_ms, ...ids)) as RawEntry[])
	}

	async acknowledge(stream: string, group: string, ids: readonly string[]): Promise<number> {
		return ids.length === 0 ? 0 : this.#main.xack(stream, group, ...ids)
	}

	async commit({fence, acknowledge, writes}: Commit): Promise<CommitOutcome> {
		const argv = commitArguments({fence, acknowledge, args: [], branches: {committed: writes}, fill: false})
		const [status] = await runCommit(this.#main, undefined, [], packed(argv))
		return {status: status === 'decided' ? 'committed' : (status as Refusal)}
	}

	async decide(call: DecisionCall, {fence, acknowledge}: Omit<Commit, 'writes'>): Promise<DecisionOutcome> {
		checkDecision(call)
		const {script, keys, args, branches} = call
		const values = script.args.map(name => args[name] ?? '')
		const names = Object.keys(script.keys).map(name => keys[name] ?? '')
		const argv = commitArguments({fence, acknowledge, args: values, branches, fill: true})
		const [status, outcome = '', ...reply] = await runCommit(this.#main, script, names, packed(argv))
		if (status !== 'decided') return {status: status as Refusal}
		return {status: 'decided', reply: {outcome, fields: objectOf(reply)}}
	}

	async trim(stream: string, length_max: number): Promise<number> {
		return (await runScript(this.#main, trimScript, [stream], [String(length_max)])) as number
	}

	async backlog(stream: string, group: string): Promise<Backlog> {
		return readBacklog(this.#main, stream, group)
	}

	async range(
		stream: string,
		{from = '-', to = '+', count, newest_first}: {from?: string; to?: string; count: number; newest_first?: boolean},
	): Promise<readonly Entry[]> {
		const rows = newest_first
			? await this.#main.xrevrange(stream, to, from, 'COUNT', count)
			: await this.#main.xrange(stream, from, to, 'COUNT', count)
		return entriesOf(rows as RawEntry[])
	}

	async takeLease(lease_key: string, holder: Fields): Promise<Lease> {
		const words = Object.entries(holder).flat()
		const reply = await runScript(this.#main, leaseScript, [lease_key], words)
		const [generation, commits] = reply as [number, number]
		return {generation, commits}
	}

	async get(key: string): Promise<string | undefined> {
		return (await this.#main.get(key)) ?? undefined
	}

	async hashAll(key: string): Promise<Fields> {
		return this.#main.hgetall(key)
	}

	async hashGet(key: string, field: string): Promise<string | undefined> {
		return (await this.#main.hget(key, field)) ?? undefined
	}

	async members(key: string): Promise<readonly string[]> {
		return (await this.#main.smembers(key)).sort()
	}

	async close(): Promise<void> {
		for (const redis of [...this.#readers.values(), this.#main]) redis.disconnect()
		this.#readers.clear()
	}

	#reader(name: string): Redis {
		const known = this.#readers.get(name)
		if (known) return known
		// Never tries again by itself: a command sent twice would hide the entries that the first answer held.
		const fresh = hearErrors(this.#main.duplicate({retryStrategy: () => null}))
		this.#readers.set(name, fresh)
		return fresh
	}

	#drop(name: string, redis: Redis): void {
		if (this.#readers.get(name) === redis) this.#readers.delete(name)
		redis.disconnect()
		// A server that hangs would not answer the end of the connection either.
		redis.stream?.destroy()
	}
}
