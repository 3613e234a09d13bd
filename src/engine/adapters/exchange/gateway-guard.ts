import {type ArmFileReading, nextArmFile, type SharedArmState} from '../../exchange/arm-state.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {Clock} from '../../runtime/clock.js'
import {readArmFile, writeArmFile} from './arm-file.js'

/** What a gateway says that it obeys. */
export type GuardReport = Readonly<{epoch: number; armed: boolean; in_flight: number; machine_ms: number}>

export type GuardOptions = Readonly<{
	file: string
	clock: Clock
	shared: () => Promise<SharedArmState>
	inFlight: () => number
	/** Tells the others, after the file is on the disk. */
	acknowledge: (report: GuardReport) => Promise<void>
	/** Told when the shared state, the file or the acknowledgement failed; the guard goes on. */
	onError?: (error: unknown) => void
}>

/**
 * Follows the shared arm state into the gateway's own file, and says so only once it is there. A kill is acknowledged
 * when nothing that may create an order is in flight any more.
 */
export class GatewayGuard {
	#acknowledged = ''
	#reported_ms = 0

	constructor(private readonly options: GuardOptions) {}

	/** Runs until the signal aborts. */
	async run(signal: AbortSignal): Promise<void> {
		const {clock, onError} = this.options
		while (!signal.aborted) {
			try {
				await this.look(signal)
			} catch (error) {
				onError?.(error)
			}
			await clock.wait(limits.guard_poll_ms, signal)
		}
	}

	/** One look. @throws whatever the shared state, the file or the acknowledgement throws */
	async look(signal: AbortSignal): Promise<void> {
		const {file, clock, inFlight, acknowledge} = this.options
		const next = nextArmFile(...(await this.#readings()), clock.machine())
		if (next) writeArmFile(file, next)
		const current = readArmFile(file)
		if (current === 'missing' || current === 'unreadable') throw new Error(`The arm file ${file} cannot be read back`)
		const name = `${current.epoch}/${current.armed}`
		if (name === this.#acknowledged && clock.machine() - this.#reported_ms < limits.guard_report_ms) return
		while (!current.armed && inFlight() > 0) {
			if (signal.aborted) return
			await clock.wait(limits.guard_drain_poll_ms, signal)
		}
		await acknowledge({epoch: current.epoch, armed: current.armed, in_flight: inFlight(), machine_ms: clock.machine()})
		this.#acknowledged = name
		this.#reported_ms = clock.machine()
	}

	/**
	 * The file, and what all share. A kill that was read before the file was armed is the one which that arming ended:
	 * taken for a newer one, it would stop at once what was just started. So it is asked for again.
	 */
	async #readings(): Promise<[ArmFileReading, SharedArmState]> {
		const {file, shared} = this.options
		for (;;) {
			const before = armedEpoch(readArmFile(file))
			const state = await shared()
			const current = readArmFile(file)
			const armed = armedEpoch(current)
			if (armed === undefined || armed === before) return [current, state]
		}
	}
}

/** The epoch under which a file is armed. */
const armedEpoch = (file: ArmFileReading): number | undefined =>
	typeof file === 'object' && file.armed ? file.epoch : undefined
