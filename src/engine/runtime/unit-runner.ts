import {type Entry, ScriptFailed} from '../bus/bus.js'
import {limits} from '../contracts/limits.js'
import type {Policy} from '../contracts/policy.js'
import type {EffectOutcome} from '../contracts/unit.js'
import {HandlerContext, handlerOf, type Now, portsOf} from './context.js'
import {deadLetterOf, detailOf} from './dead-letter.js'
import {Occurrences} from './identity.js'
import {
	type EffectRecord,
	feedIdentity,
	type Input,
	newestOf,
	readEntry,
	readFeed,
	resultInput,
	timerIdentity,
	timerInput,
	type Unreadable,
} from './input.js'
import type {Death} from './journal.js'
import {emptyStep, type OpenStep, owe, recorded} from './open-step.js'
import {Missed, StepWriter, type WriterOptions} from './step-writer.js'
import {type Carried, carry} from './wishes.js'

export type {JournalLine} from './journal.js'
export {Fenced, Missed} from './step-writer.js'

export type RunnerOptions = WriterOptions &
	Readonly<{
		/** Ends the pauses between deliveries of an entry that fails. */
		signal?: AbortSignal
	}>

/** The unit is being stopped in the middle of a batch: what was not committed is handled by the next start. */
class Stopped extends Error {}

type Handled = ReturnType<ReturnType<typeof handlerOf>>
type Attempted = Readonly<{open: OpenStep; handled?: Handled; carried?: Carried}>
const NEVER = new AbortController().signal

/** Runs the handlers of one unit, one batch at a time, and commits what they wish in one step. */
export class UnitRunner {
	readonly #ports
	readonly #writer: StepWriter
	/** Where time moves a restarted unit meets other instants than before, and does as if it had never stopped. */
	readonly #occurrences = new Occurrences(() => (this.options.clock.speed() === 0 ? this.#writer.generation : 0))
	#turn: Promise<void> = Promise.resolve()
	#broken: {error: unknown} | undefined
	/** Inputs handled since the start: what liveness and metrics look at. */
	handled = 0
	dead_lettered = 0

	constructor(readonly options: RunnerOptions) {
		this.#ports = portsOf(options.unit)
		this.#writer = new StepWriter(options)
	}

	/** Takes the lease, restores the snapshot; returns the effects whose result is not known. */
	start(): Promise<readonly EffectRecord[]> {
		return this.#writer.start()
	}

	/** The policy that inputs are handled under. */
	get policy(): Policy {
		return this.#writer.policy
	}

	/** Handles everything after the step that is being taken under another policy. */
	adopt(policy: Policy): Promise<void> {
		return this.#inTurn(() => this.#writer.adopt(policy))
	}

	/** Machine time of the newest commit or heartbeat. */
	get last_commit_ms(): number {
		return this.#writer.last_commit_ms
	}

	/** Partitions that have state, in an order that does not depend on history. */
	get partitions(): readonly string[] {
		return [...this.#writer.states.keys()].sort()
	}

	/**
	 * Handles entries of one stream in order; entries that break the contract go to the dead letters, and so do those
	 * in `deaths`, which are known to fail.
	 * @throws Missed when older entries are pending: nothing from the first such entry on was committed.
	 */
	entries(port: string, entries: readonly Entry[], deaths: ReadonlyMap<string, Death> = new Map()): Promise<void> {
		return this.#inTurn(async () => {
			const {unit} = this.options
			const stream = unit.reads[port]
			if (!stream) throw new Error(`Unit ${unit.name} does not read ${port}`)
			const now = this.#now()
			const read = entries.map(entry => readEntry(unit, port, stream, entry, now.now_ms))
			// In lock-step the market waits for us: there is time for every entry.
			const newest = now.speed > 0 && unit.conflates?.includes(port) ? newestOf(read) : undefined
			let step = emptyStep()
			for (const item of read) {
				const entry = 'reason' in item ? item.entry : item.raw
				const id = entry?.id ?? ''
				const death = deaths.get(id)
				if ('reason' in item) this.#unreadable(step, port, item, now)
				else if (death && entry) this.#bury(step, port, entry, death, now, death)
				else if (newest && newest.get(item.partition) !== item) owe(step, port, id)
				else step = await this.#take(step, item, now)
			}
			await this.#writer.commit(step, now)
		})
	}

	/**
	 * Puts entries that were given to another consumer, and removed before it handled them, into the dead letters. They
	 * are not acknowledged here: done again after a crash, it writes the same entries.
	 */
	lost(port: string, ids: readonly string[]): Promise<void> {
		return this.#inTurn(async () => {
			const stream = this.options.unit.reads[port]
			if (!stream) throw new Error(`Unit ${this.options.unit.name} does not read ${port}`)
			const now = this.#now()
			const step = emptyStep()
			for (const id of ids) {
				const unread = readEntry(this.options.unit, port, stream, {id, fields: {}}, now.now_ms)
				if ('reason' in unread) this.#unreadable(step, port, unread, now)
			}
			step.acknowledge.clear()
			await this.#writer.commit(step, now)
		})
	}

	/** `identities` as journalled, when the same events are run again. */
	feed(port: string, events: readonly unknown[], identities?: readonly string[]): Promise<void> {
		const {unit} = this.options
		return this.#inputs(now_ms =>
			events.map((event, index) => {
				const identity = identities?.[index] ?? feedIdentity(unit, port, event, now_ms, this.#occurrences)
				return readFeed(unit, port, event, identity, now_ms)
			}),
		)
	}

	/** A sweep over every partition that has state, or over these, with identities as journalled. */
	timer(port: string, swept?: ReadonlyArray<Readonly<{partition: string; identity: string}>>): Promise<void> {
		const {unit} = this.options
		return this.#inputs(now_ms => {
			if (swept) return swept.map(({partition, identity}) => timerInput(unit, port, partition, identity, now_ms))
			const partitions = this.#writer.states.size > 0 ? this.partitions : ['']
			return partitions.map(partition => {
				const identity = timerIdentity(unit, port, partition, now_ms, this.#occurrences)
				return timerInput(unit, port, partition, identity, now_ms)
			})
		})
	}

	result(record: EffectRecord, outcome: EffectOutcome<unknown>): Promise<void> {
		return this.#inputs(now_ms => [resultInput(this.options.unit, record, outcome, now_ms)], record)
	}

	/** Says in the lease that the consume loop is alive. */
	heartbeat(): Promise<void> {
		return this.#inTurn(() => this.#writer.beat(this.handled))
	}

	#now(): Now {
		const {clock} = this.options
		return {now_ms: clock.venue(), machine_ms: clock.machine(), speed: clock.speed()}
	}

	#inputs(read: (now_ms: number) => readonly Input[], settled?: EffectRecord): Promise<void> {
		return this.#inTurn(async () => {
			const now = this.#now()
			let step: OpenStep = {...emptyStep(), ...(settled && {settled})}
			for (const input of read(now.now_ms)) step = await this.#take(step, input, now)
			await this.#writer.commit(step, now)
		})
	}

	/**
	 * One task at a time. After a step whose outcome is not known nothing more may be committed: the next step would
	 * bear the same number, and be taken for the one that may have been carried out.
	 */
	#inTurn(task: () => Promise<void>): Promise<void> {
		const turn = this.#turn.then(async () => {
			if (this.#broken) throw this.#broken.error
			try {
				await task()
			} catch (error) {
				if (error instanceof Stopped) return
				if (!(error instanceof Missed)) this.#broken = {error}
				throw error
			}
		})
		this.#turn = turn.catch(() => undefined)
		return turn
	}

	/** Handles one input into the open step. A decision is a step of its own: what is open is committed before it. */
	async #take(before: OpenStep, input: Input, now: Now): Promise<OpenStep> {
		const {open, handled, carried} = await this.#attempt(before, input, now)
		if (!handled || !carried) return open
		this.handled += 1
		if (handled.decide) {
			// What only clears an effect's record joins the decision, so that both happen or neither.
			const joins = open.acknowledge.size === 0 && open.states.size === 0 && open.effects.length === 0
			if (!joins) await this.#writer.commit(open, now)
			return this.#decide(joins ? open : emptyStep(), input, handled.decide, now)
		}
		open.inputs.push(recorded(input))
		for (const write of carried.writes) open.writes.push(write)
		for (const effect of carried.effects) open.effects.push(effect)
		if (handled.state !== undefined) open.states.set(input.partition, handled.state)
		if (input.kind === 'entry') owe(open, input.port, input.entry.stream_id)
		return open
	}

	/**
	 * Runs the handler and carries its wishes; on an entry that fails, again and again up to the limit of deliveries.
	 * What is open then is committed first; without a handled step the entry is done with.
	 */
	async #attempt(before: OpenStep, input: Input, now: Now): Promise<Attempted> {
		const {unit, naming, mode, clock, signal = NEVER} = this.options
		const {policy} = this.#writer
		const handler = handlerOf(unit, input)
		const context = new HandlerContext(this.#ports, {policy, mode}, now, input)
		let open = before
		for (let attempts = 1; ; attempts += 1) {
			const state = open.states.get(input.partition) ?? this.#writer.states.get(input.partition) ?? unit.initial()
			try {
				const handled = handler(state, input.event, context)
				return {open, handled, carried: carry(unit, naming, input, handled.decide ? {} : handled, now.now_ms)}
			} catch (error) {
				if (!input.raw) throw error
				await this.#writer.commit(open, now)
				open = emptyStep()
				const deliveries = await this.#deliveries(input.port, input.raw.id)
				// Somebody took the entry out by hand: there is nothing to handle any more.
				if (deliveries === undefined) return {open}
				if (deliveries >= limits.deliveries_max || attempts >= limits.deliveries_max) {
					const death = {reason: 'HANDLER_FAILED', detail: detailOf(error), deliveries}
					this.#bury(open, input.port, input.raw, death, now, death)
					return {open}
				}
				await clock.wait(limits.redelivery_pause_ms, signal)
				if (signal.aborted) throw new Stopped()
				await this.#deliverAgain(input.port, input.raw.id)
			}
		}
	}

	async #decide(step: OpenStep, input: Input, decision: NonNullable<Handled['decide']>, now: Now): Promise<OpenStep> {
		step.inputs.push(recorded(input))
		if (input.kind === 'entry') owe(step, input.port, input.entry.stream_id)
		try {
			await this.#writer.decide(step, input, decision, now)
		} catch (error) {
			// The same arguments would fail again, and what the script wrote before it failed would be written again.
			if (!(error instanceof ScriptFailed) || !input.raw) throw error
			const fresh = emptyStep()
			const death = {reason: 'SCRIPT_FAILED', detail: error.message, deliveries: 1}
			this.#bury(fresh, input.port, input.raw, death, now, death)
			return fresh
		}
		return emptyStep()
	}

	/** Where the unit only watches, another reader buries what nobody can read. */
	#unreadable(open: OpenStep, port: string, {entry, ...why}: Unreadable, now: Now): void {
		if (!this.options.unit.watches?.includes(port)) {
			this.#bury(open, port, entry, {...why, deliveries: 1}, now)
			return
		}
		open.inputs.push({kind: 'entry', port, ...entry})
		owe(open, port, entry.id)
	}

	/** Puts an entry into the dead letters with the open step. */
	#bury(
		open: OpenStep,
		port: string,
		entry: Entry,
		{reason, detail, deliveries}: Death,
		now: Now,
		death?: Death,
	): void {
		const {unit, naming} = this.options
		this.dead_lettered += 1
		open.inputs.push({kind: 'entry', port, ...entry, ...(death && {death})})
		open.writes.push(deadLetterOf({unit, naming, port, entry, reason, detail, deliveries, now_ms: now.now_ms}))
		owe(open, port, entry.id)
	}

	async #deliveries(port: string, id: string): Promise<number | undefined> {
		const {stream, group} = this.#writer.sourceOf(port)
		const [row] = await this.options.bus.pending(stream, group, 1, id)
		return row?.id === id ? row.deliveries : undefined
	}

	async #deliverAgain(port: string, id: string): Promise<void> {
		await this.options.bus.claim({...this.#writer.sourceOf(port), min_idle_ms: 0, ids: [id]})
	}
}
