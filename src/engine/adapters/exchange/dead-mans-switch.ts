import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import {
	type CountdownEvent,
	type Countdowns,
	refreshMs,
	symbolsWithEntries,
	withConfirmed,
	withLateness,
} from '../../logic/dead-mans-switch.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import type {Clock} from '../../runtime/clock.js'
import {openReadingClient, type VenueClient} from './client.js'
import {readOrders} from './venue-reading.js'

type Options = Readonly<{
	config: VenueConfig
	clock: Clock
	/** Machine time after which the venue cancels, ms. */
	countdown_ms?: number
	onError?: (error: unknown) => void
}>

/** The countdowns of one process. */
class Switch {
	#countdowns: Countdowns = {}

	constructor(
		private readonly options: Options,
		private readonly countdown_ms: number,
		private readonly push: (event: CountdownEvent) => Promise<void>,
	) {}

	/** Whether all was read and confirmed is told by `onError`; what could not be confirmed is tried with the next round. */
	async round(client: VenueClient | undefined): Promise<void> {
		const {clock} = this.options
		await this.#take(withLateness(this.#countdowns, {machine_ms: clock.machine(), countdown_ms: this.countdown_ms}))
		if (!client) return
		const known = Object.keys(this.#countdowns)
		// Orders that cannot be read may still rest: their countdowns are kept alive.
		const resting = await this.#tried(async () => symbolsWithEntries(await readOrders(client.ccxt)))
		for (const symbol of resting ?? known) await this.#confirm(client, symbol, this.countdown_ms)
		if (resting) for (const symbol of known) if (!resting.includes(symbol)) await this.#confirm(client, symbol, 0)
	}

	async #confirm({ccxt}: VenueClient, symbol: string, countdownTime: number): Promise<void> {
		// The venue counts from when it takes the request, which is later than this.
		const machine_ms = this.options.clock.machine()
		const answer = await this.#tried(() => ccxt.fapiPrivatePostCountdownCancelAll({symbol, countdownTime}))
		if (answer === undefined) return
		await this.#take(withConfirmed(this.#countdowns, symbol, countdownTime > 0, machine_ms))
	}

	async #take({countdowns, events}: ReturnType<typeof withLateness>): Promise<void> {
		this.#countdowns = countdowns
		for (const event of events) await this.push(event)
	}

	async #tried<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
		try {
			return await ask()
		} catch (error) {
			this.options.onError?.(error)
			return undefined
		}
	}
}

/**
 * Dead-man's switch: while entries of ours rest at the venue, its countdown (POST /fapi/v1/countdownCancelAll, one per
 * symbol, machine time) is kept alive from the process that sends orders. When that dies, hangs or is cut off, the venue
 * cancels them by itself. Conditional orders are of another service and stay; a symbol without entries of ours has no
 * countdown. At a stop in order it is left to run out, for nobody watches over what rests then.
 *
 * It has a client of its own: reading all orders costs weight 40, which must not hold up an order.
 */
export const deadMansSwitch = (options: Options): FeedAdapter => ({
	run: async (push, signal) => {
		const {config, clock, onError, countdown_ms = limits.dead_mans_countdown_ms} = options
		const watch = new Switch(options, countdown_ms, push)
		let client: VenueClient | undefined
		try {
			while (!signal.aborted) {
				try {
					client ??= await openReadingClient(config)
				} catch (error) {
					onError?.(error)
				}
				await watch.round(client)
				await clock.wait(refreshMs(countdown_ms), signal)
			}
		} finally {
			await client?.close()
		}
	},
})
