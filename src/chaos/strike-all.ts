import {setTimeout as pause} from 'node:timers/promises'
import {messageOf} from '../engine/errors.js'
import type {Fault, Group} from './fault.js'
import {faultKinds} from './fault-kinds.js'
import type {Struck} from './report.js'
import type {Stage} from './stage.js'

/** What stops the system as a whole: the next of them waits until it trades again. */
const HEAVY: readonly Group[] = ['process', 'people']
/** Longest wait for that, machine time: then the next blow falls on a system that has not recovered. */
const RECOVERY_MS = 45_000
const LOOK_EVERY_MS = 100

export type Striking = Readonly<{minutes: number; signal: AbortSignal; tell: (line: string) => void}>

/** Strikes the faults of a schedule: light ones at their time, heavy ones one after the other. */
class Strikes {
	readonly #begun = performance.now()
	#heavy: Promise<unknown> = Promise.resolve()
	#ordersBefore = 0

	constructor(
		private readonly stage: Stage,
		private readonly striking: Striking,
	) {}

	async at(ms: number): Promise<void> {
		const {signal} = this.striking
		await pause(Math.max(0, this.#begun + ms - performance.now()), undefined, {signal}).catch(() => undefined)
	}

	async strike(fault: Fault): Promise<Struck> {
		const {kind, process, aim} = fault
		const name = `${kind}${process ? ` ${process}` : ''}`
		const [done, what] = await this.#inTurn(fault).then(
			said => [true, said] as const,
			(error: unknown) => [false, `not done: ${messageOf(error)}`] as const,
		)
		this.striking.tell(`${((performance.now() - this.#begun) / 1_000).toFixed(1)} s: ${name} at ${aim}: ${what}`)
		return {kind: name, done}
	}

	#inTurn(fault: Fault): Promise<string> {
		const kind = faultKinds[fault.kind]
		if (!kind) return Promise.reject(new Error(`there is no fault ${fault.kind}`))
		if (!HEAVY.includes(kind.group)) return kind.strike(this.stage, fault)
		const next = this.#heavy.then(async () => {
			await this.#trading()
			return kind.strike(this.stage, fault)
		})
		this.#heavy = next
			.catch(() => undefined)
			.then(() => {
				this.#ordersBefore = this.stage.proxy.orders
			})
		return next
	}

	/** @throws Error when the time of the run is over */
	async #trading(): Promise<void> {
		const {minutes, signal} = this.striking
		const until = performance.now() + RECOVERY_MS
		while (this.stage.proxy.orders === this.#ordersBefore && performance.now() < until) {
			if (signal.aborted || performance.now() - this.#begun > minutes * 60_000)
				throw new Error('the system was still recovering when the time was over')
			await pause(LOOK_EVERY_MS)
		}
	}
}

/** Resolves when every fault of the schedule is over, with what came of each. */
export const strikeAll = async (
	stage: Stage,
	faults: readonly Fault[],
	striking: Striking,
): Promise<readonly Struck[]> => {
	const strikes = new Strikes(stage, striking)
	const struck: Promise<Struck>[] = []
	for (const fault of faults) {
		await strikes.at(fault.at_ms)
		if (striking.signal.aborted) break
		struck.push(strikes.strike(fault))
	}
	return Promise.all(struck)
}
