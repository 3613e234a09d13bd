import type {VenueConfig} from './config.js'
import {VenueError} from './venue-error.js'

const second = 1000
const minute = 60 * second

/** A fixed window of machine time. */
class Window {
	private start_ms = 0
	used = 0

	constructor(private readonly width_ms: number) {}

	add(amount: number, now_ms: number): number {
		this.roll(now_ms)
		this.used += amount
		return this.used
	}

	roll(now_ms: number): void {
		const start = now_ms - (now_ms % this.width_ms)
		if (start === this.start_ms) return
		this.start_ms = start
		this.used = 0
	}

	left_ms(now_ms: number): number {
		return this.start_ms + this.width_ms - now_ms
	}
}

/** Request weight and order counts; who ignores 429 is banned with 418. */
export class RateLimits {
	private readonly weight = new Window(minute)
	private readonly ordersShort = new Window(10 * second)
	private readonly ordersLong = new Window(minute)
	private readonly violations = new Window(minute)
	private bannedUntil_ms = 0

	constructor(private readonly limits: VenueConfig['limits']) {}

	/** @throws VenueError -1003 with 429, or 418 during a ban; orders beyond their count -1015 */
	admit(weight: number, orders: number, now_ms: number): void {
		if (now_ms < this.bannedUntil_ms) throw this.banned(now_ms)
		const used = this.weight.add(weight, now_ms)
		if (used > this.limits.weight_per_minute) this.refuse(this.weight.left_ms(now_ms), now_ms, -1003)
		if (orders === 0) return
		const short = this.ordersShort.add(orders, now_ms)
		const long = this.ordersLong.add(orders, now_ms)
		if (short > this.limits.orders_per_10s) this.refuse(this.ordersShort.left_ms(now_ms), now_ms, -1015)
		if (long > this.limits.orders_per_minute) this.refuse(this.ordersLong.left_ms(now_ms), now_ms, -1015)
	}

	headers(now_ms: number): Record<string, string> {
		for (const window of [this.weight, this.ordersShort, this.ordersLong]) window.roll(now_ms)
		return {
			'x-mbx-used-weight-1m': String(this.weight.used),
			'x-mbx-order-count-10s': String(this.ordersShort.used),
			'x-mbx-order-count-1m': String(this.ordersLong.used),
		}
	}

	private refuse(left_ms: number, now_ms: number, code: -1003 | -1015): never {
		if (this.violations.add(1, now_ms) >= this.limits.violations_until_ban) {
			this.bannedUntil_ms = now_ms + this.limits.ban_ms
			this.violations.used = 0
			throw this.banned(now_ms)
		}
		const message =
			code === -1003
				? `Too many requests; current limit of IP is ${this.limits.weight_per_minute} requests per minute. Please use the websocket for live updates to avoid polling the API.`
				: `Too many new orders; current limit is ${this.limits.orders_per_10s} orders per TEN_SECONDS and ${this.limits.orders_per_minute} per MINUTE.`
		throw new VenueError(code, message, 429, {'retry-after': String(Math.ceil(left_ms / second))})
	}

	private banned(now_ms: number): VenueError {
		return new VenueError(
			-1003,
			`Way too many requests; IP banned until ${this.bannedUntil_ms}. Please use the websocket for live updates to avoid bans.`,
			418,
			{'retry-after': String(Math.ceil((this.bannedUntil_ms - now_ms) / second))},
		)
	}
}
