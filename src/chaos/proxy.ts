import {once} from 'node:events'
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net'

/** What happens to requests that create orders: never arrives; arrives, and its answer does not; both arrive. */
export type OrderFate = 'swallow' | 'mute'
/** As the request is about to be passed on, or its answer. */
export type Moment = 'request' | 'answer'

const ORDER = /^POST \/fapi\/v1\/(order|algoOrder)\b/

type Waiting = Readonly<{due_ms: number; chunk: Buffer | undefined}>

/** One direction of a connection: bytes in their order, late where the line is slow. */
class Lane {
	readonly #queue: Waiting[] = []
	#timer: NodeJS.Timeout | undefined

	constructor(
		private readonly to: Socket,
		private readonly latency: () => number,
	) {}

	/** @param chunk undefined: the end */
	push(chunk: Buffer | undefined): void {
		const latency_ms = this.latency()
		if (latency_ms === 0 && this.#queue.length === 0) {
			this.#write(chunk)
			return
		}
		const last_ms = this.#queue.at(-1)?.due_ms ?? 0
		this.#queue.push({due_ms: Math.max(last_ms, performance.now() + latency_ms), chunk})
		this.#timer ??= setTimeout(() => this.#drain(), latency_ms)
	}

	close(): void {
		clearTimeout(this.#timer)
		this.#queue.length = 0
	}

	#drain(): void {
		this.#timer = undefined
		while (this.#queue[0] && this.#queue[0].due_ms <= performance.now()) this.#write(this.#queue.shift()?.chunk)
		const next = this.#queue[0]
		if (next) this.#timer = setTimeout(() => this.#drain(), Math.max(1, next.due_ms - performance.now()))
	}

	#write(chunk: Buffer | undefined): void {
		if (this.to.destroyed) return
		if (chunk) this.to.write(chunk)
		else this.to.end()
	}
}

/** A connection of a client and ours to the venue for it. */
class Pair {
	/** Neither side hears of the other again, and neither is told. */
	dead = false
	muted = false
	#onAnswer: (() => void) | undefined
	readonly #up: Lane
	readonly #down: Lane

	constructor(
		private readonly client: Socket,
		private readonly venue: Socket,
		proxy: Relay,
		onGone: () => void,
	) {
		const latency = () => proxy.latency_ms
		this.#up = new Lane(venue, latency)
		this.#down = new Lane(client, latency)
		client.on('data', chunk => {
			if (this.dead) return
			const fate = ORDER.test(chunk.toString('latin1', 0, 32)) ? proxy.order(this) : undefined
			if (fate === 'swallow') this.dead = true
			else this.#up.push(chunk)
			if (fate === 'mute') this.muted = true
		})
		venue.on('data', chunk => {
			if (this.dead || this.muted) return
			this.#onAnswer?.()
			this.#onAnswer = undefined
			this.#down.push(chunk)
		})
		for (const socket of [client, venue]) {
			socket.setNoDelay(true)
			socket.on('error', () => this.reset())
			socket.on('close', () => {
				if (client.destroyed && venue.destroyed) onGone()
			})
		}
		client.on('end', () => this.#up.push(undefined))
		venue.on('end', () => (this.dead || this.muted ? undefined : this.#down.push(undefined)))
	}

	onAnswer(act: () => void): void {
		this.#onAnswer = act
	}

	reset(): void {
		this.#up.close()
		this.#down.close()
		for (const socket of [this.client, this.venue]) if (!socket.destroyed) socket.resetAndDestroy()
	}
}

/** A relay on loopback between the system and its venue, which does to connections what networks do. */
export class Relay {
	latency_ms = 0
	/** Requests that create orders, so far. */
	orders = 0
	/** New connections are reset. */
	refuses = false
	readonly #pairs = new Set<Pair>()
	#fates: OrderFate[] = []
	#aims: {moment: Moment; act: () => void}[] = []

	private constructor(
		private readonly server: Server,
		venuePort: () => number,
	) {
		server.on('connection', client => this.#accept(client, venuePort()))
	}

	/** @param venuePort asked for with each connection: the venue may not run yet */
	static async open(venuePort: () => number): Promise<Relay> {
		const server = createServer({allowHalfOpen: true})
		const proxy = new Relay(server, venuePort)
		server.listen(0, '127.0.0.1')
		await once(server, 'listening')
		return proxy
	}

	get port(): number {
		return (this.server.address() as AddressInfo).port
	}

	/** Breaks all connections, as a router does that forgot them; how many there were. */
	reset(): number {
		const count = this.#pairs.size
		for (const pair of this.#pairs) pair.reset()
		return count
	}

	/** All connections go silent for ever, without an end; how many there were. */
	halfOpen(): number {
		for (const pair of this.#pairs) pair.dead = true
		return this.#pairs.size
	}

	/** What happens to the next requests that create orders. */
	strike(fate: OrderFate, times: number): void {
		for (let n = 0; n < times; n += 1) this.#fates.push(fate)
	}

	/** Acts at a moment of the next request that creates an order, before anything is passed on; returns how to take it back. */
	aim(moment: Moment, act: () => void): () => void {
		const aim = {moment, act}
		this.#aims.push(aim)
		return () => {
			this.#aims = this.#aims.filter(other => other !== aim)
		}
	}

	/** A plain line again. What is half open stays so: only its ends can give it up. */
	calm(): void {
		this.latency_ms = 0
		this.refuses = false
		this.#fates = []
		this.#aims = []
	}

	/** Told by a connection that brings such a request. */
	order(pair: Pair): OrderFate | undefined {
		this.orders += 1
		const aim = this.#aims.shift()
		if (aim?.moment === 'request') aim.act()
		else if (aim) pair.onAnswer(aim.act)
		return this.#fates.shift()
	}

	async close(): Promise<void> {
		const closed = once(this.server, 'close')
		this.server.close()
		this.reset()
		await closed
	}

	#accept(client: Socket, port: number): void {
		client.on('error', () => client.destroy())
		if (this.refuses) {
			client.resetAndDestroy()
			return
		}
		const venue = connect({host: '127.0.0.1', port, allowHalfOpen: true})
		const pair = new Pair(client, venue, this, () => this.#pairs.delete(pair))
		this.#pairs.add(pair)
	}
}
