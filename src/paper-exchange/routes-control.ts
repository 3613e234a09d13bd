import {z} from 'zod'
import {parseBody, Refusal} from './control-body.js'
import {moneyControl} from './control-money.js'
import type {Dispatcher} from './dispatch.js'
import {faultSchema} from './faults.js'
import type {SocketServer} from './socket-server.js'
import type {UserSockets} from './user-sockets.js'
import type {Venue} from './venue.js'
import type {VenueClock} from './venue-clock.js'

type ControlRequest = Readonly<{method: string; path: string; body: string; address: string}>
type ControlAnswer = Readonly<{http: number; body: unknown}>

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

const advanceSchema = z.strictObject({until_ms: z.number(), stop_at_account_event: z.boolean().default(false)})
/** Machine time that clients have to say that they received what an advance sent them. */
const deliveryMax_ms = 5_000
const userStreamSchema = z.strictObject({
	action: z.enum(['drop_sockets', 'expire_listen_key', 'duplicate_next', 'lose_next', 'delay_next', 'reverse_next']),
	times: z.number().int().positive().default(1),
	/** Of `delay_next` and `reverse_next`: how late at most, machine time. */
	ms: z.number().int().positive().default(1_000),
})
const skewMax_ms = 3_600_000
const skewSchema = z.strictObject({ms: z.number().int().min(-skewMax_ms).max(skewMax_ms)})

/** The endpoints under `/paper`, which no real venue has: clock, faults, money. Loopback only. */
export class Control {
	constructor(
		private readonly venue: Venue,
		private readonly clock: VenueClock,
		private readonly dispatcher: Dispatcher,
		private readonly users: UserSockets,
		private readonly machineNow: () => number,
		private readonly sockets: Pick<SocketServer, 'delivered'>,
	) {}

	async handle(request: ControlRequest): Promise<ControlAnswer> {
		if (!loopback.has(request.address)) return {http: 403, body: {error: 'Control endpoints answer to loopback only.'}}
		try {
			const body = await this.route(request)
			if (body !== undefined) return {http: 200, body}
			return {http: 404, body: {error: `There is no ${request.method} ${request.path}; see docs/venue.md.`}}
		} catch (error) {
			if (error instanceof Refusal) return {http: 400, body: {error: error.message}}
			throw error
		}
	}

	private async route({method, path, body}: ControlRequest): Promise<unknown> {
		switch (`${method} ${path}`) {
			case 'GET /paper/health':
				return {ok: true, venue_ms: this.venue.core.now_ms, user_sockets: this.users.size}
			case 'GET /paper/clock':
				return this.clockView()
			case 'POST /paper/advance':
				return this.advance(body)
			case 'GET /paper/faults':
				return {faults: this.dispatcher.faults.list()}
			case 'POST /paper/faults':
				this.dispatcher.faults.add(parseBody(faultSchema, body))
				return {ok: true}
			case 'DELETE /paper/faults':
				this.dispatcher.faults.clear()
				return {ok: true}
			case 'POST /paper/user-stream':
				return this.userStream(body)
			case 'POST /paper/skew':
				this.dispatcher.skew_ms = parseBody(skewSchema, body).ms
				return {ok: true}
			default:
				return moneyControl[`${method} ${path}`]?.(this.venue, body)
		}
	}

	private clockView() {
		const {core, market} = this.venue
		return {
			venue_ms: core.now_ms,
			machine_ms: this.machineNow(),
			speed: this.clock.speed,
			start_ms: market.start_ms,
			end_ms: Number.isFinite(market.end_ms) ? market.end_ms : null,
			ended: this.clock.ended,
			events: core.market_seq,
		}
	}

	private async advance(body: string): Promise<unknown> {
		const order = parseBody(advanceSchema, body)
		if (this.clock.speed !== 'lockstep') {
			throw new Refusal(`Time runs at speed ${this.clock.speed}; start with "speed": "lockstep" to move it by hand.`)
		}
		const report = await this.clock.advance(order)
		return {...report, silent: await this.sockets.delivered(deliveryMax_ms)}
	}

	private userStream(body: string) {
		const {action, times, ms} = parseBody(userStreamSchema, body)
		if (action === 'drop_sockets') this.users.dropAll()
		else if (action === 'duplicate_next') this.users.duplicateNext(times)
		else if (action === 'lose_next') this.users.loseNext(times)
		else if (action === 'delay_next') this.users.delayNext(times, ms)
		else if (action === 'reverse_next') this.users.reverseNext(times, ms)
		else {
			const key = this.venue.listenKeys.end()
			this.venue.commit()
			this.users.expire(key, this.venue.core.now_ms)
		}
		return {ok: true}
	}
}
