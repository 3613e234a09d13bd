import {limits} from '../contracts/limits.js'
import type {AnyUnit, EffectOutcome} from '../contracts/unit.js'
import {messageOf} from '../errors.js'
import type {EffectAdapter} from './adapters.js'
import type {EffectRecord} from './input.js'

type LauncherOptions = Readonly<{
	unit: AnyUnit
	adapters: Readonly<Record<string, EffectAdapter>>
	/** Commits a result. */
	settle: (record: EffectRecord, outcome: EffectOutcome<unknown>) => Promise<void>
	fail: (error: unknown) => void
	onEffectError: ((record: EffectRecord, error: unknown) => void) | undefined
	signal: AbortSignal
}>

/** Carries out the recorded effects of one unit, a bounded number at a time. */
export class EffectLauncher {
	readonly #inFlight = new Set<Promise<void>>()
	readonly #waiting: Array<readonly [EffectRecord, recovered: boolean]> = []

	constructor(private readonly options: LauncherOptions) {}

	/** Effects that are being carried out or wait for their turn. */
	get size(): number {
		return this.#inFlight.size + this.#waiting.length
	}

	/** `recovered`: an earlier process may have carried them out already. */
	dispatch(records: readonly EffectRecord[], recovered: boolean): void {
		for (const record of records) this.#waiting.push([record, recovered])
		this.#launch()
	}

	/** Resolves when what was begun has ended. */
	async drained(): Promise<void> {
		while (this.#inFlight.size > 0) await Promise.all(this.#inFlight)
	}

	/** Once stopped nothing new is begun: the records stay, and the next start takes them up as recovered. */
	#launch(): void {
		while (!this.options.signal.aborted && this.#inFlight.size < limits.effects_in_flight_max) {
			const next = this.#waiting.shift()
			if (!next) return
			const running: Promise<void> = this.#perform(...next)
				.catch(error => this.options.fail(error))
				.finally(() => {
					this.#inFlight.delete(running)
					this.#launch()
				})
			this.#inFlight.add(running)
		}
	}

	async #perform(record: EffectRecord, recovered: boolean): Promise<void> {
		const {unit, adapters, signal, onEffectError, settle} = this.options
		const adapter = adapters[record.port]
		if (!adapter) throw new Error(`Unit ${unit.name} has no adapter for effect ${record.port}`)
		const {idempotency_key, request} = record
		let outcome: EffectOutcome<unknown>
		try {
			const result = await adapter.perform(request, {idempotency_key, recovered, signal})
			outcome = {ok: true, idempotency_key, result: result as never, request: request as never}
		} catch (error) {
			// Stopping is not an outcome: the record stays.
			if (signal.aborted) return
			onEffectError?.(record, error)
			const message = messageOf(error)
			outcome = {ok: false, idempotency_key, error: message, request: request as never}
		}
		await settle(record, outcome)
	}
}
