import {readAnswer} from '../bus/answer.js'
import type {Write} from '../bus/bus.js'
import type {Fields} from '../contracts/field.js'
import {keys} from '../contracts/keys.js'
import type {Naming} from '../contracts/naming.js'
import type {ScriptReply} from '../contracts/script.js'
import type {AnyUnit} from '../contracts/unit.js'
import type {Clock} from './clock.js'
import type {Now} from './context.js'
import type {Death, JournalInput, JournalLine} from './journal.js'
import {ReplayBus} from './replay-bus.js'
import {UnitRunner} from './unit-runner.js'

export type ReplayOptions = Readonly<{
	units: readonly AnyUnit[]
	lines: AsyncIterable<JournalLine> | Iterable<JournalLine>
	naming: Naming
	/**
	 * The lease of each unit when the journal ended: how many steps were committed, and the answer of the last.
	 * Without it the last step written counts as committed.
	 */
	leases?: Readonly<Record<string, Fields>>
	/** Told of all that each step writes: entries, keys, state, and what is asked of the world. */
	onStep?: (step: ReplayedStep) => void
}>

/** `commits` is the number of the step, as in the journal. */
export type ReplayedStep = Readonly<{unit: string; commits: number; writes: readonly Write[]}>

export type Replay = Readonly<{
	/** What was appended, by stream, in the order of the journal. */
	streams: ReadonlyMap<string, readonly Fields[]>
	/** The newest snapshot of each unit. */
	states: ReadonlyMap<string, Fields>
	/** Why the replay may differ from what happened: missing lines, or a state that came out otherwise. */
	problems: readonly string[]
}>

type Start = Extract<JournalLine, {kind: 'start'}>
type Step = Extract<JournalLine, {kind: 'step'}> & {reply?: ScriptReply}

/** Answers the recorded time. */
class RecordedClock implements Clock {
	now: Now = {now_ms: 0, machine_ms: 0, speed: 1}
	venue(): number {
		return this.now.now_ms
	}
	machine(): number {
		return this.now.machine_ms
	}
	speed(): number {
		return this.now.speed
	}
	async wait(): Promise<void> {}
}

/** Sorts out what happened: a step whose number was written again, or was free at a later start, did not. */
const happened = async ({lines, leases}: ReplayOptions, problems: string[]): Promise<ReadonlyArray<Start | Step>> => {
	const kept: Array<Start | Step | undefined> = []
	const steps = new Map<string, Array<{at: number; step: Step}>>()
	const stepsOf = (unit: string) => {
		const known = steps.get(unit) ?? []
		steps.set(unit, known)
		return known
	}
	/** So many steps were committed, the last with this answer. */
	const settle = (unit: string, commits: number, answer: string | undefined): void => {
		const known = stepsOf(unit)
		for (let last = known.at(-1); last && last.step.commits >= commits; last = known.at(-1)) {
			kept[last.at] = undefined
			known.pop()
		}
		const last = known.at(-1)?.step
		if (answer !== undefined && last?.commits === commits - 1) last.reply ??= readAnswer(answer)
	}
	for await (const line of lines) {
		if (line.kind === 'gap') problems.push(`${line.lines} lines are missing: ${line.reason}`)
		else if (line.kind === 'reply') {
			const last = stepsOf(line.unit).at(-1)
			if (last?.step.commits === line.commits) last.step.reply = line.reply
		} else {
			settle(line.unit, line.commits, line.kind === 'start' ? line.answer : undefined)
			const copy = {...line}
			if (copy.kind === 'step') stepsOf(line.unit).push({at: kept.length, step: copy})
			kept.push(copy)
		}
	}
	for (const [unit, {commits, answer}] of Object.entries(leases ?? {}))
		if (commits !== undefined) settle(unit, Number(commits), answer)
	return kept.filter(line => line !== undefined)
}

const runStep = async (runner: UnitRunner, inputs: readonly JournalInput[]): Promise<void> => {
	const [first] = inputs
	if (!first) return
	if (first.kind === 'result') return runner.result(first.record, first.outcome)
	const {port} = first
	if (first.kind === 'entry') {
		const entries = inputs.filter(input => input.kind === 'entry')
		const deaths = new Map<string, Death>(entries.flatMap(({id, death}) => (death ? [[id, death] as const] : [])))
		return runner.entries(
			port,
			entries.map(({id, fields}) => ({id, fields})),
			deaths,
		)
	}
	if (first.kind === 'timer')
		return runner.timer(
			port,
			inputs.filter(input => input.kind === 'timer'),
		)
	const events = inputs.filter(input => input.kind === 'feed')
	return runner.feed(
		port,
		events.map(({event}) => event),
		events.map(({identity}) => identity),
	)
}

/** One run over the lines of a journal. */
class Replayer {
	readonly clock = new RecordedClock()
	readonly bus = new ReplayBus({now: () => this.clock.machine()})
	readonly #runners = new Map<string, {runner: UnitRunner; next: number; whole: boolean}>()

	constructor(
		private readonly naming: Naming,
		private readonly units: ReadonlyMap<string, AnyUnit>,
		private readonly problems: string[],
		private readonly onStep: ReplayOptions['onStep'],
	) {}

	async start({unit: name, commits, states, effects, policy, mode}: Start): Promise<void> {
		const unit = this.units.get(name)
		if (!unit) return
		const {bus, clock, naming} = this
		this.#missing(name, commits)
		const [stateKey, effectsKey] = [
			naming.key(keys.unitState, {unit: name}),
			naming.key(keys.unitEffects, {unit: name}),
		]
		if (this.#runners.get(name)?.whole) this.#compare(name, commits, bus.store.hashAll(stateKey), states)
		for (const [key, fields] of [
			[stateKey, states],
			[effectsKey, effects],
		] as const) {
			bus.store.remove(key)
			bus.store.hashPut(key, fields)
		}
		const runner = new UnitRunner({unit, bus, naming, clock, policy, mode, host: 'replay', dispatch: () => undefined})
		await runner.start()
		this.#runners.set(name, {runner, next: commits, whole: true})
	}

	async step({unit, commits, now, inputs, reply}: Step): Promise<void> {
		if (!this.units.has(unit)) return
		const held = this.#runners.get(unit)
		if (!held) {
			this.problems.push(`${unit}: step ${commits} comes before any start of the unit; it is passed over`)
			return
		}
		this.#missing(unit, commits)
		held.next = commits + 1
		this.clock.now = now
		this.bus.reply = reply
		this.bus.written = []
		const before = this.bus.steps
		const undecided = this.bus.decidedAgain
		await runStep(held.runner, inputs)
		if (this.bus.decidedAgain > undecided)
			this.problems.push(`${unit}: what the script answered to step ${commits} is not known; it was asked again`)
		const taken = this.bus.steps - before
		if (taken > 0) this.onStep?.({unit, commits, writes: this.bus.written})
		if (taken !== 1 && inputs.length > 0) this.problems.push(`${unit}: step ${commits} came out as ${taken} steps`)
	}

	#missing(unit: string, commits: number): void {
		const held = this.#runners.get(unit)
		if (!held || held.next >= commits) return
		held.whole = false
		this.problems.push(`${unit}: steps ${held.next} to ${commits - 1} are not in the journal`)
	}

	#compare(unit: string, commits: number, replayed: Fields, recorded: Fields): void {
		for (const partition of new Set([...Object.keys(replayed), ...Object.keys(recorded)]))
			if (replayed[partition] !== recorded[partition])
				this.problems.push(
					`${unit}: before step ${commits} the state of ${partition} is ${replayed[partition]}, recorded ${recorded[partition]}`,
				)
	}
}

/**
 * Runs journalled inputs again over memory, at the recorded times, and returns what came of them: byte for byte what
 * was appended live, stream ids apart, unless a problem says otherwise.
 */
export const replay = async (options: ReplayOptions): Promise<Replay> => {
	const {units, naming, onStep} = options
	const problems: string[] = []
	const byName = new Map(units.map(unit => [unit.name, unit]))
	const replayer = new Replayer(naming, byName, problems, onStep)
	for (const line of await happened(options, problems)) {
		if (line.kind === 'start') await replayer.start(line)
		else await replayer.step(line)
	}
	const {bus} = replayer
	const streams = new Map<string, readonly Fields[]>()
	for (const stream of bus.appendedTo) {
		const entries = await bus.range(stream, {count: Number.MAX_SAFE_INTEGER})
		streams.set(
			stream,
			entries.map(({fields}) => fields),
		)
	}
	const states = new Map(
		units.map(({name}) => [name, bus.store.hashAll(naming.key(keys.unitState, {unit: name}))] as const),
	)
	return {streams, states, problems}
}
