import type {Bus, CommitOutcome, Lease, Write} from '../bus/bus.js'
import {keys} from '../contracts/keys.js'
import type {Mode} from '../contracts/mode.js'
import type {Naming} from '../contracts/naming.js'
import type {Policy} from '../contracts/policy.js'
import type {AnyUnit, Decision} from '../contracts/unit.js'
import type {Clock} from './clock.js'
import type {Now} from './context.js'
import type {EffectRecord, Input} from './input.js'
import type {Journal} from './journal.js'
import {effectName, type OpenStep} from './open-step.js'
import {carry} from './wishes.js'

/** The unit belongs to another process now: the host must stop. */
export class Fenced extends Error {
	constructor(unit: string, status: string) {
		super(`Unit ${unit} lost its lease (${status}): another process runs it now`)
	}
}

/** Entries of the unit are pending that it has not seen: nothing was committed; read what is pending first. */
export class Missed extends Error {
	constructor(unit: string) {
		super(`Unit ${unit} has pending entries that it was not given in their order`)
	}
}

export type WriterOptions = Readonly<{
	unit: AnyUnit
	bus: Bus
	naming: Naming
	clock: Clock
	policy: Policy
	mode: Mode
	/** Stable name of the machine or host process; part of the consumer's name. */
	host: string
	/** Effects whose record is committed: to be carried out now. */
	dispatch: (effects: readonly EffectRecord[]) => void
	journal?: Journal
}>

/** Steps after which a unit's whole state is journalled again. */
const CHECKPOINT_EVERY = 10_000

type Source = Readonly<{stream: string; group: string; consumer: string}>

/** What a branch adds to the step that is open. */
type Branch = Readonly<{
	outcome: string
	effects: readonly EffectRecord[]
	states: ReadonlyMap<string, unknown>
	writes: readonly Write[]
}>

/** Commits the steps of one unit, one after the other, under its lease; holds what has been committed. */
export class StepWriter {
	/** Committed state by partition. */
	readonly states = new Map<string, unknown>()
	/** Effects that are recorded and whose result has not been committed. */
	readonly #outstanding = new Map<string, string>()
	#checkpoint_commits = 0
	readonly #leaseKey: string
	readonly #stateKey: string
	readonly #effectsKey: string
	readonly #sources: ReadonlyMap<string, Source>
	#lease: Lease = {generation: 0, commits: 0}
	#policy: Policy
	/** The lease is ours and the snapshot is restored: from here on there is something to journal. */
	#started = false
	last_commit_ms = 0

	constructor(readonly options: WriterOptions) {
		const {unit, naming, host} = options
		this.#policy = options.policy
		this.#leaseKey = naming.key(keys.unitLease, {unit: unit.name})
		this.#stateKey = naming.key(keys.unitState, {unit: unit.name})
		this.#effectsKey = naming.key(keys.unitEffects, {unit: unit.name})
		const consumer = naming.consumer(host, unit.name, 0)
		const sourceOf = (name: string): Source => ({
			stream: naming.stream(name),
			group: naming.group(unit.name, name),
			consumer,
		})
		this.#sources = new Map(Object.entries(unit.reads).map(([port, {name}]) => [port, sourceOf(name)]))
	}

	/** The policy that steps are taken under. */
	get policy(): Policy {
		return this.#policy
	}

	/** Differs for each start of the unit, and only grows. */
	get generation(): number {
		return this.#lease.generation
	}

	/** Where the entries of a port come from. */
	sourceOf(port: string): Source {
		const source = this.#sources.get(port)
		if (!source) throw new Error(`Unit ${this.options.unit.name} does not read ${port}`)
		return source
	}

	/** Takes the lease, restores the snapshot; returns the effects whose result is not known. */
	async start(): Promise<readonly EffectRecord[]> {
		const {bus, host, clock} = this.options
		for (const {stream, group} of this.#sources.values()) await bus.ensureGroup(stream, group)
		this.#lease = await bus.takeLease(this.#leaseKey, {host, started_ms: String(clock.machine())})
		const states = await bus.hashAll(this.#stateKey)
		const effects = await bus.hashAll(this.#effectsKey)
		for (const [partition, json] of Object.entries(states)) this.states.set(partitionName(partition), JSON.parse(json))
		for (const [name, json] of Object.entries(effects)) this.#outstanding.set(name, json)
		const answer = this.options.journal && (await bus.hashGet(this.#leaseKey, 'answer'))
		this.#started = true
		if (this.options.journal) await this.#checkpoint(answer)
		return Object.values(effects).map(json => JSON.parse(json) as EffectRecord)
	}

	/** Takes the steps from here on under another policy. The journal says from which step: a replay begins there anew. */
	async adopt(policy: Policy): Promise<void> {
		this.#policy = policy
		if (this.#started) await this.#checkpoint()
	}

	/** Says in the lease that the unit is alive. Not a step of its own: it may be carried out twice. */
	async beat(handled: number): Promise<void> {
		const fields = {heartbeat_ms: String(this.options.clock.machine()), handled: String(handled)}
		const fence = {lease_key: this.#leaseKey, generation: this.#lease.generation}
		const writes = [{op: 'put-hash' as const, key: this.#leaseKey, fields}]
		const {status} = await this.options.bus.commit({fence, acknowledge: [], writes})
		if (status !== 'committed') throw new Fenced(this.options.unit.name, status)
		this.last_commit_ms = this.options.clock.machine()
	}

	async commit(step: OpenStep, now: Now): Promise<void> {
		const effects = this.#fresh(step, step.effects)
		const writes = [...this.#settling(step), ...step.writes, ...this.#records(effects), ...this.#snapshot(step.states)]
		if (writes.length === 0 && step.acknowledge.size === 0) return
		await this.#record(step, now)
		this.#accept(await this.options.bus.commit({...this.#commitOf(step), writes}))
		this.#apply(step, step.states, effects)
	}

	/** Lets the decision's script take the step: what is open happens with whichever branch it takes. */
	async decide(step: OpenStep, input: Input, decision: Decision<unknown>, now: Now): Promise<void> {
		const {unit, naming, bus, journal} = this.options
		const branches = Object.entries(decision.branches).map(([outcome, branch]): Branch => {
			const carried = carry(unit, naming, input, branch, now.now_ms)
			const states = new Map(branch.state === undefined ? [] : [[input.partition, branch.state]])
			const effects = this.#fresh(step, carried.effects)
			const own = [...carried.writes, ...this.#records(effects), ...this.#snapshot(states)]
			return {outcome, effects, states, writes: [...this.#settling(step), ...step.writes, ...own]}
		})
		const named = Object.entries(decision.script.keys).map(([name, key]) => [
			name,
			naming.key(key, (decision.keys[name] ?? {}) as Readonly<Record<never, string>>),
		])
		const call = {
			script: decision.script,
			keys: Object.fromEntries(named) as Record<string, string>,
			args: Object.fromEntries(Object.entries(decision.args).map(([name, value]) => [name, String(value)])),
			branches: Object.fromEntries(branches.map(({outcome, writes}) => [outcome, writes])),
		}
		await this.#record(step, now)
		const {commits} = this.#lease
		const answer = await bus.decide(call, this.#commitOf(step))
		this.#accept(answer)
		if (answer.status !== 'decided') return
		const taken = branches.find(({outcome}) => outcome === answer.reply.outcome)
		if (taken) this.#apply(step, taken.states, taken.effects)
		await journal?.({kind: 'reply', unit: unit.name, commits, reply: answer.reply})
	}

	/** Journals where the unit stands: a replay can begin here. */
	async #checkpoint(answer?: string): Promise<void> {
		const {journal, unit, mode} = this.options
		const {commits} = this.#lease
		this.#checkpoint_commits = commits
		const states = snapshotOf(this.states)
		const effects = Object.fromEntries(this.#outstanding)
		await journal?.({
			kind: 'start',
			unit: unit.name,
			commits,
			states,
			effects,
			policy: this.#policy,
			mode,
			...(answer !== undefined && {answer}),
		})
	}

	async #record({inputs}: OpenStep, now: Now): Promise<void> {
		const {journal, unit} = this.options
		if (!journal) return
		if (this.#lease.commits - this.#checkpoint_commits >= CHECKPOINT_EVERY) await this.#checkpoint()
		await journal({kind: 'step', unit: unit.name, commits: this.#lease.commits, now, inputs})
	}

	/** An effect that is asked for again while its result is awaited is the same effect. */
	#fresh({settled}: OpenStep, effects: readonly EffectRecord[]): EffectRecord[] {
		if (effects.length === 0) return []
		const taken = new Set(this.#outstanding.keys())
		if (settled) taken.delete(effectName(settled))
		return effects.filter(record => {
			const name = effectName(record)
			return !taken.has(name) && taken.add(name)
		})
	}

	#settling({settled}: OpenStep): Write[] {
		return settled ? [{op: 'remove-fields', key: this.#effectsKey, fields: [effectName(settled)]}] : []
	}

	/** The lease keeps which step was the last with effects: who looks from outside sees that there were some since. */
	#records(effects: readonly EffectRecord[]): Write[] {
		if (effects.length === 0) return []
		const records = effects.map(record => [effectName(record), JSON.stringify(record)] as const)
		return [
			{op: 'put-hash', key: this.#effectsKey, fields: Object.fromEntries(records)},
			{op: 'put-hash', key: this.#leaseKey, fields: {effects_at: String(this.#lease.commits + 1)}},
		]
	}

	#snapshot(states: ReadonlyMap<string, unknown>): Write[] {
		if (states.size === 0) return []
		return [{op: 'put-hash', key: this.#stateKey, fields: snapshotOf(states)}]
	}

	#commitOf(step: OpenStep) {
		const acknowledge = [...step.acknowledge].map(([port, ids]) => ({...this.sourceOf(port), ids}))
		return {fence: {lease_key: this.#leaseKey, ...this.#lease}, acknowledge}
	}

	#accept({status}: CommitOutcome | {status: 'decided'}): void {
		const {unit, clock} = this.options
		if (status === 'fenced') throw new Fenced(unit.name, status)
		if (status === 'missed' || status === 'not-owner') throw new Missed(unit.name)
		this.#lease = {...this.#lease, commits: this.#lease.commits + 1}
		this.last_commit_ms = clock.machine()
	}

	#apply({settled}: OpenStep, states: ReadonlyMap<string, unknown>, effects: readonly EffectRecord[]): void {
		for (const [partition, state] of states) this.states.set(partition, state)
		if (settled) this.#outstanding.delete(effectName(settled))
		for (const record of effects) this.#outstanding.set(effectName(record), JSON.stringify(record))
		if (effects.length > 0) this.options.dispatch(effects)
	}
}

/** Redis hash fields may not be lost for being empty in a listing: the whole unit is `*`. */
const WHOLE = '*'
const fieldName = (partition: string): string => (partition === '' ? WHOLE : partition)
/** The snapshot of a unit as the fields of its hash. */
export const snapshotOf = (states: ReadonlyMap<string, unknown>): Record<string, string> => {
	const fields: Record<string, string> = {}
	for (const [partition, state] of states) fields[fieldName(partition)] = JSON.stringify(state)
	return fields
}
const partitionName = (name: string): string => (name === WHOLE ? '' : name)
