import type {Unrest} from '../../engine/adapters/redis/redis-quiet.js'
import type {Clock} from '../../engine/runtime/clock.js'
import {lockstepLimits as limits} from './lockstep-limits.js'

/** Who takes part in lock-step beside the conductor. */
export type Players = Readonly<{
	/** Gives every host the venue's time; resolves when their feeds are drained, with what is not after a while. */
	tell(venue_ms: number): Promise<readonly string[]>
	/** Resolves when clients have received everything that the venue has sent. */
	deliver(): Promise<void>
	/** @param brief whether the first thing that waits is enough */
	look(brief: boolean): Promise<Unrest>
}>

/**
 * Knows when everything that a step of the market caused is done. Once the feeds are drained all work lies in Redis, in
 * streams and effect records, and is looked at in one cut. Only what the venue says of our own orders comes from
 * outside again: after any step that had effects its messages are waited for and drained before the next look.
 */
export class Settling {
	#heard_steps: number | null = -1

	constructor(
		private readonly players: Players,
		private readonly clock: Clock,
		private readonly onSlow: (waits_for: string) => void,
	) {}

	/** Resolves when all is done, or the signal aborts. */
	async settle(venue_ms: number, signal: AbortSignal): Promise<void> {
		const {players, clock} = this
		const begun_ms = clock.machine()
		let reported = false
		let busy = await players.tell(venue_ms)
		while (!signal.aborted) {
			const overdue = clock.machine() - begun_ms > limits.settle_report_ms
			const {waiting, unprotected, effect_steps} = await players.look(reported || !overdue)
			// Repeats of what protects go by the machine's clock: as long as they may still help, the market waits.
			const patient = clock.machine() - begun_ms < limits.protect_within_ms
			const works = [...busy, ...waiting]
			const waits_for = [...works, ...(patient ? unprotected : [])]
			const heard = effect_steps === this.#heard_steps
			if (waits_for.length === 0 && heard) return
			if (!reported && overdue) {
				reported = true
				this.onSlow(waits_for.join(', '))
			}
			const hears = works.length === 0 && !heard
			if (hears) {
				await players.deliver()
				this.#heard_steps = effect_steps
			}
			if (hears || busy.length > 0) busy = await players.tell(venue_ms)
			else await clock.wait(limits.settle_poll_ms, signal)
		}
	}
}
