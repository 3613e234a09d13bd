import * as fc from 'fast-check'
import {type Acknowledgement, type Bus, ScriptFailed, type Write} from '../../src/engine/bus/bus.js'
import {fromReply} from '../../src/engine/contracts/unit.js'
import {messageOf} from '../../src/engine/errors.js'
import {spend} from '../engine/bus/spend.js'
import {answers, VALUES} from './answers.js'

/** Random work on a bus, said without ids, which differ from bus to bus. */

const STREAMS = ['a', 'b']
const GROUPS = ['g', 'h']

const stream = fc.constantFrom(...STREAMS)
const group = fc.constantFrom<string>('g', 'g', 'g', 'h')
const consumer = fc.constantFrom<string>('me', 'me', 'me', 'other')
const where = {stream, group, consumer}
const picks = fc.oneof<fc.MaybeWeightedArbitrary<number[]>[]>(
	{weight: 6, arbitrary: fc.constantFrom([0], [0, 1], [0, 1, 2])},
	{weight: 2, arbitrary: fc.constantFrom([1], [0, 2], [1, 0], [5], [0, -1])},
)
const acknowledged = fc.array(fc.record({stream, group, consumer, picks}), {maxLength: 2})
const fence = fc.option(
	fc.record({
		/** Generations behind the newest one. */
		behind: fc.constantFrom(0, 0, 0, 0, 1),
		/** Steps before or after the right number; not counted without. */
		off: fc.constantFrom(0, 0, 0, 0, 0, -1, 1, -2, undefined),
	}),
)
const WRITES = [
	'append',
	'append',
	'put-hash',
	'replace-hash',
	'put-string',
	'add-members',
	'remove-fields',
	'remove',
	'clash',
] as const
const writes = fc.array(fc.constantFrom(...WRITES), {maxLength: 4})

const operation = fc.oneof(
	{weight: 3, arbitrary: fc.record({kind: fc.constant('append' as const), stream, times: fc.constantFrom(1, 1, 2, 3)})},
	{
		weight: 4,
		arbitrary: fc.record({kind: fc.constant('read' as const), ...where, count: fc.constantFrom(1, 2, 10, 1_000)}),
	},
	{weight: 1, arbitrary: fc.record({kind: fc.constant('claim' as const), ...where, index: fc.nat(3)})},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant('done' as const),
			...where,
			index: fc.constantFrom(0, 1, 2, 'all' as const),
		}),
	},
	{weight: 4, arbitrary: fc.record({kind: fc.constant('commit' as const), fence, acknowledged, writes})},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('spend' as const),
			fence,
			acknowledged,
			amount: fc.constantFrom('1', '40', '60', '99', '101', 'crash'),
		}),
	},
	{weight: 1, arbitrary: fc.record({kind: fc.constant('answer' as const), fence, value: fc.constantFrom(...VALUES)})},
	{weight: 2, arbitrary: fc.record({kind: fc.constant('again' as const)})},
	{weight: 1, arbitrary: fc.record({kind: fc.constant('lease' as const), named: fc.boolean()})},
	{
		weight: 2,
		arbitrary: fc.record({kind: fc.constant('trim' as const), stream, keep: fc.constantFrom<number>(0, 1, 2, 5, 200)}),
	},
)
export type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

export const busHistory = fc.record({
	/** What lies on the streams at first: more than a node of the server's, and fewer. */
	filled: fc.constantFrom<number>(0, 3, 3, 6, 250),
	groups: fc.constantFrom<number>(0, 1, 1, 2),
	operations: fc.array(operation, {minLength: 4, maxLength: 24}),
})
export type BusHistory = typeof busHistory extends fc.Arbitrary<infer T> ? T : never

/** The same for both buses: Redis says where it found an error, memory does not. */
const outcomeOf = async (doing: () => Promise<unknown>): Promise<unknown> => {
	try {
		return (await doing()) ?? 'nothing'
	} catch (error) {
		if (error instanceof ScriptFailed) return 'the script failed'
		const text = messageOf(error)
		return /WRONGTYPE|NOGROUP/.exec(text)?.[0] ?? `unexpected: ${text}`
	}
}

class Player {
	readonly #numbers = new Map<string, string>()
	#written = 0
	#generation = 0
	#last: (() => Promise<unknown>) | undefined

	constructor(
		private readonly bus: Bus,
		private readonly prefix: string,
	) {}

	async play({filled, groups, operations}: BusHistory): Promise<unknown[]> {
		for (const stream of STREAMS) await this.#fill(stream, filled)
		for (const stream of STREAMS)
			for (const name of GROUPS.slice(0, groups)) await this.bus.ensureGroup(this.#named(stream), name)
		const found: unknown[] = []
		for (const one of operations) found.push(await outcomeOf(() => this.#do(one)))
		return [...found, ...(await this.#end(groups))]
	}

	#named(what: string): string {
		return this.prefix + what
	}

	async #fill(stream: string, times: number): Promise<void> {
		for (let n = 0; n < times; n += 1) {
			this.#written += 1
			const number = String(this.#written)
			this.#numbers.set(stream + (await this.bus.append(this.#named(stream), {n: number})), number)
		}
	}

	async #do(one: Operation): Promise<unknown> {
		switch (one.kind) {
			case 'append':
				return this.#fill(one.stream, one.times)
			case 'read':
				return this.#told(one.stream, await this.bus.read({...one, stream: this.#named(one.stream)}))
			case 'claim': {
				const ids = await this.#pick(one.stream, one.group, [one.index])
				const asked = {stream: this.#named(one.stream), group: one.group, consumer: one.consumer, min_idle_ms: 0, ids}
				return this.#told(one.stream, await this.bus.claim(asked))
			}
			case 'done':
				return this.bus.acknowledge(
					this.#named(one.stream),
					one.group,
					await this.#pick(one.stream, one.group, one.index === 'all' ? [...Array(1_000).keys()] : [one.index]),
				)
			case 'lease': {
				this.#written += 1
				const held = await this.bus.takeLease(this.#named('lease'), one.named ? {host: `h${this.#written}`} : {})
				this.#generation = held.generation
				return held
			}
			case 'trim':
				return this.bus.trim(this.#named(one.stream), one.keep)
			case 'again':
				return this.#last?.()
			default:
				this.#last = await this.#step(one)
				return this.#last()
		}
	}

	/** A step with its ids and numbers settled, so that the very same can be sent again. */
	async #step(one: Extract<Operation, {fence: unknown}>): Promise<() => Promise<unknown>> {
		const fence = await this.#fence(one.fence)
		const acknowledge = 'acknowledged' in one ? await this.#acknowledgements(one.acknowledged) : []
		const under = {...(fence && {fence}), acknowledge}
		this.#written += 1
		const n = String(this.#written)
		if (one.kind === 'commit')
			return () => this.bus.commit({...under, writes: one.writes.map(kind => this.#write(kind, n))})
		if (one.kind === 'answer') {
			const branches = {answered: [this.#write('append', n), this.#write('put-string', fromReply('value'))]}
			return () => this.bus.decide({script: answers, keys: {}, args: {value: one.value}, branches}, under)
		}
		const keys = {purse: this.#named('purse'), ledger: this.#named('ledger')}
		const branches: Record<string, Write[]> = {
			granted: [this.#write('append', fromReply('left')), this.#write('put-hash', fromReply('receipt'))],
			refused: [this.#write('append', `refused ${n}`), this.#write('put-string', fromReply('left'))],
		}
		return () => this.bus.decide({script: spend, keys, args: {who: n, amount: one.amount}, branches}, under)
	}

	async #fence(wanted: Readonly<{behind: number; off: number | undefined}> | null) {
		if (!wanted) return undefined
		const lease_key = this.#named('lease')
		const generation = this.#generation - wanted.behind
		const commits = Number((await this.bus.hashGet(lease_key, 'commits')) ?? 0)
		return {lease_key, generation, ...(wanted.off !== undefined && {commits: Math.max(0, commits + wanted.off)})}
	}

	async #acknowledgements(
		wanted: ReadonlyArray<Readonly<{stream: string; group: string; consumer: string; picks: readonly number[]}>>,
	): Promise<Acknowledgement[]> {
		const found: Acknowledgement[] = []
		for (const {stream, group, consumer, picks} of wanted)
			found.push({stream: this.#named(stream), group, consumer, ids: await this.#pick(stream, group, picks)})
		return found
	}

	/** Pending entries by their place; below 0 stands for one that was never there. */
	async #pick(stream: string, group: string, places: readonly number[]): Promise<string[]> {
		const rows = await this.bus.pending(this.#named(stream), group, 1_000)
		return places.flatMap(place => (place < 0 ? ['1-1'] : (rows[place]?.id ?? [])))
	}

	#write(kind: (typeof WRITES)[number], n: string): Write {
		const [key, text] = [this.#named('hash'), this.#named('text')]
		switch (kind) {
			case 'append':
				return {op: 'append', stream: this.#named('out'), fields: {n}}
			case 'put-hash':
			case 'replace-hash':
				return {op: 'put-hash', key, fields: {[kind]: n}, replace: kind === 'replace-hash'}
			case 'put-string':
				return {op: 'put-string', key: text, value: n}
			case 'add-members':
				return {op: 'add-members', key: this.#named('set'), members: ['m', n]}
			case 'remove-fields':
				return {op: 'remove-fields', key, fields: ['put-hash']}
			case 'remove':
				return {op: 'remove', key: text}
			case 'clash':
				return {op: 'put-hash', key: text, fields: {n}}
		}
	}

	#told(
		stream: string,
		entries: ReadonlyArray<Readonly<{id: string; fields: Readonly<Record<string, string>>}>>,
	): unknown[] {
		return entries.map(({id, fields}) => [this.#numbers.get(stream + id) ?? 'a stranger', {...fields}])
	}

	async #end(groups: number): Promise<unknown[]> {
		const found: unknown[] = []
		for (const stream of [...STREAMS, 'out'].map(name => this.#named(name)))
			found.push((await this.bus.range(stream, {count: 1_000})).map(({fields}) => fields.n))
		for (const stream of STREAMS)
			for (const name of GROUPS.slice(0, groups)) {
				const rows = await this.bus.pending(this.#named(stream), name, 1_000)
				const {undelivered, pending} = await this.bus.backlog(this.#named(stream), name)
				found.push([
					undelivered,
					pending,
					rows.map(row => [this.#numbers.get(stream + row.id), row.consumer, row.deliveries]),
				])
			}
		for (const name of ['hash', 'ledger', 'lease']) {
			const {answer, ...fields} = await this.bus.hashAll(this.#named(name))
			found.push(fields, answer === undefined)
		}
		for (const name of ['text', 'purse']) found.push(await outcomeOf(() => this.bus.get(this.#named(name))))
		return [...found, await this.bus.members(this.#named('set'))]
	}
}

export const playOnBus = (bus: Bus, prefix: string, history: BusHistory): Promise<unknown[]> =>
	new Player(bus, prefix).play(history)
