import type {Bus} from '../../src/engine/bus/bus.js'
import type {Naming} from '../../src/engine/contracts/naming.js'
import type {Policy} from '../../src/engine/contracts/policy.js'
import type {AnyUnit, EffectOutcome} from '../../src/engine/contracts/unit.js'
import type {EffectRecord} from '../../src/engine/runtime/input.js'
import type {Journal} from '../../src/engine/runtime/journal.js'
import {UnitRunner} from '../../src/engine/runtime/unit-runner.js'
import {Crash, type CrashPlan, crashingBus} from '../engine/runtime/crashing-bus.js'
import type {HandClock} from '../support/drive.js'

export type House = Readonly<{bus: Bus; naming: Naming; clock: HandClock; policy: Policy; journal?: Journal}>
/** An effect that waits to be carried out; recovered when the process that asked for it is no more. */
export type Waiting = Readonly<{record: EffectRecord; recovered: boolean}>

const BATCH_MAX = 4
const READ_MAX = 128

/**
 * A unit as a process of its own, moved by hand. It may die at any call to the bus, with the call carried out or not;
 * what it held in memory is gone then, and the next life starts from what is written.
 */
export class UnitProcess {
	#runner: UnitRunner | undefined
	#bus: Bus
	readonly #caughtUp = new Set<string>()
	effects: Waiting[] = []
	deaths = 0

	constructor(
		readonly unit: AnyUnit,
		private readonly house: House,
	) {
		this.#bus = house.bus
	}

	/** The process is ended, and started again so that it dies at this call at the latest. */
	async restart(plan?: CrashPlan): Promise<void> {
		this.#die()
		await this.#living(async () => undefined, plan)
	}

	/** Handles what lies on a stream: what was left behind first. */
	handle(port: string): Promise<void> {
		return this.#living(async runner => {
			const {naming} = this.house
			const {name = ''} = this.unit.reads[port] ?? {}
			const group = naming.group(this.unit.name, name)
			const source = {stream: naming.stream(name), group, consumer: naming.consumer('test', this.unit.name, 0)}
			if (!this.#caughtUp.has(port)) {
				const held = await this.#bus.readPending({...source, count: READ_MAX, after_id: '0-0'})
				if (held.length > 0) await runner.entries(port, held)
				this.#caughtUp.add(port)
			}
			await runner.entries(port, await this.#bus.read({...source, count: BATCH_MAX}))
		})
	}

	timer(port: string): Promise<void> {
		return this.#living(runner => runner.timer(port))
	}

	feed(port: string, events: readonly unknown[]): Promise<void> {
		return this.#living(runner => runner.feed(port, events))
	}

	answer({record}: Waiting, outcome: {ok: true; result: unknown}): Promise<void> {
		const {idempotency_key, request} = record
		return this.#living(runner =>
			runner.result(record, {...outcome, idempotency_key, request} as EffectOutcome<unknown>),
		)
	}

	async #living(work: (runner: UnitRunner) => Promise<void>, plan?: CrashPlan): Promise<void> {
		try {
			await work(this.#runner ?? (await this.#start(plan)))
		} catch (error) {
			if (!(error instanceof Crash)) throw error
			this.#die()
		}
	}

	async #start(plan: CrashPlan | undefined): Promise<UnitRunner> {
		const {bus, naming, clock, policy, journal} = this.house
		this.#bus = crashingBus(bus, plan, BATCH_MAX)
		const dispatch = (records: readonly EffectRecord[]) => {
			this.effects.push(...records.map(record => ({record, recovered: false})))
		}
		const runner = new UnitRunner({
			unit: this.unit,
			bus: this.#bus,
			naming,
			clock,
			policy,
			mode: 'PAPER',
			host: 'test',
			dispatch,
			...(journal && {journal}),
		})
		this.effects = (await runner.start()).map(record => ({record, recovered: true}))
		this.#caughtUp.clear()
		this.#runner = runner
		return runner
	}

	#die(): void {
		this.#runner = undefined
		this.effects = []
		this.deaths += 1
	}
}
