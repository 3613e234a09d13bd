import {z} from 'zod'
import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {QuietLook} from '../../engine/adapters/redis/redis-quiet.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {messageOf} from '../../engine/errors.js'
import {units} from '../../engine/registry.js'
import type {Clock} from '../../engine/runtime/clock.js'
import type {LockstepStatus} from '../client/control-api.js'
import type {HostStand} from '../host/host-lockstep.js'
import {LocalServer} from './local-http.js'
import {lockstepLimits as limits} from './lockstep-limits.js'
import {Settling} from './lockstep-settle.js'

export type LockstepOptions = Readonly<{
	bus: RedisBus
	naming: Naming
	clock: Clock
	/** The venue's REST address. */
	origin: string
	/** Where each host listens. */
	host_sockets: readonly string[]
	symbols: readonly string[]
	/** Venue time of a step: from one whole multiple of it after the beginning to the next. */
	step_venue_ms: number
	isOpen: () => boolean
	/** Told of what the operator should know. */
	onNews: (message: string) => void
	onError: (error: unknown) => void
}>

const advanced = z.looseObject({venue_ms: z.number(), ended: z.boolean(), silent: z.array(z.string())})
type Advanced = z.output<typeof advanced>

/**
 * Moves the venue's time a step at a time, and only when everything that the last step caused is done. A step ends early
 * with an event of the account, so that the pipeline answers it at the time at which it happened.
 */
export class Lockstep {
	readonly #venue: LocalServer
	readonly #hosts: readonly LocalServer[]
	readonly #settling: Settling
	#signal: AbortSignal = new AbortController().signal
	#status: LockstepStatus = {state: 'WAITING', venue_ms: null, steps: 0}
	#begun: Readonly<{machine_ms: number; venue_ms: number}> | undefined
	#complaint = ''

	constructor(private readonly options: LockstepOptions) {
		const {bus, naming, clock, origin, host_sockets, symbols, onError} = options
		const {hostname, port} = new URL(origin)
		this.#venue = new LocalServer({host: hostname, port: Number(port)})
		this.#hosts = host_sockets.map(path => new LocalServer({socketPath: path}))
		const look = new QuietLook(bus.redis, units, symbols, naming)
		const players = {
			tell: (venue_ms: number) => this.#tell(venue_ms),
			deliver: async () => {
				await this.#advance(this.#status.venue_ms ?? 0)
			},
			look: (brief: boolean) => look.look(brief),
		}
		const onSlow = (waits_for: string) => onError(new Error(`the market waits in lock-step for: ${waits_for}`))
		this.#settling = new Settling(players, clock, onSlow)
	}

	get status(): LockstepStatus {
		return this.#status
	}

	/** Plays the market to its end, or until the signal aborts. */
	async run(signal: AbortSignal): Promise<void> {
		const {clock, isOpen} = this.options
		this.#signal = signal
		while (!signal.aborted && this.#status.state !== 'ENDED') {
			try {
				if (isOpen()) await this.#play(signal)
				else await clock.wait(limits.closed_poll_ms, signal)
			} catch (error) {
				if (signal.aborted) break
				this.#complain(error)
				this.#status = {...this.#status, state: 'WAITING'}
				await clock.wait(limits.closed_poll_ms, signal)
			}
		}
		for (const server of [this.#venue, ...this.#hosts]) server.close()
	}

	/** Steps until the end of the market. @throws what keeps a step from being done; nothing is lost by going on later */
	async #play(signal: AbortSignal): Promise<void> {
		const {clock, step_venue_ms: step_ms} = this.options
		// The venue may be another process than before: it says where it stands.
		let {venue_ms, ended} = await this.#advance(0)
		this.#status = {...this.#status, state: 'RUNNING', venue_ms}
		this.#begun ??= {machine_ms: clock.machine(), venue_ms}
		const begun_ms = this.#begun.venue_ms
		await this.#settling.settle(venue_ms, signal)
		while (!signal.aborted && !ended) {
			// After a step that ended early the next one ends where it would have ended all the same.
			const done = Math.floor((venue_ms - begun_ms) / step_ms)
			;({venue_ms, ended} = await this.#advance(begun_ms + (done + 1) * step_ms))
			this.#status = {state: 'RUNNING', venue_ms, steps: this.#status.steps + 1}
			await this.#settling.settle(venue_ms, signal)
			this.#complaint = ''
		}
		if (ended && !signal.aborted) this.#end(venue_ms)
	}

	#end(venue_ms: number): void {
		const {clock, onNews} = this.options
		this.#status = {...this.#status, state: 'ENDED'}
		const begun = this.#begun ?? {machine_ms: clock.machine(), venue_ms}
		const machine_s = (clock.machine() - begun.machine_ms) / 1_000
		const venue_s = (venue_ms - begun.venue_ms) / 1_000
		const end = new Date(venue_ms).toISOString()
		onNews(
			`the market has ended at ${end}: ${venue_s} s of it in ${machine_s} s and ${this.#status.steps} steps; all of it has been handled, and what is open stays open`,
		)
	}

	async #advance(until_ms: number): Promise<Advanced> {
		const order = {until_ms, stop_at_account_event: true}
		const answer = advanced.parse(await this.#venue.post('/paper/advance', order, limits.venue_answer_ms, this.#signal))
		for (const name of answer.silent)
			this.#complain(new Error(`the client of ${name} does not say that it received what the venue sent`))
		return answer
	}

	async #tell(venue_ms: number): Promise<readonly string[]> {
		const path = `/lockstep?venue_ms=${venue_ms}`
		const asked = this.#hosts.map(host => host.post(path, {}, limits.host_answer_ms, this.#signal))
		return ((await Promise.all(asked)) as HostStand[]).flatMap(({busy}) => busy)
	}

	/** Says the same thing once. */
	#complain(error: unknown): void {
		const message = messageOf(error)
		if (message === this.#complaint) return
		this.#complaint = message
		this.options.onError(error)
	}
}
