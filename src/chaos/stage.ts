import {Redis} from 'ioredis'
import {OwnSystem} from '../bench/own-system.js'
import {loginFor} from '../daemon/client/state.js'
import {identify, type ProcessIdentity} from '../daemon/supervision/process-identity.js'
import {socketPath} from '../daemon/supervision/socket-path.js'
import type {Home} from '../daemon/system/home.js'
import {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import type {Naming} from '../engine/contracts/naming.js'
import {governorEvents} from '../engine/contracts/streams/trade.js'
import {Operator} from './operator.js'
import {Relay} from './proxy.js'
import {SystemVenue, venuePort} from './system-venue.js'
import {policy, settings} from './trial.js'

/** A start that took longer than `qt up` waits goes on, and the next one attaches to it. */
const STARTS_MAX = 4

const started = async (system: OwnSystem): Promise<void> => {
	for (let attempt = 1; ; attempt += 1)
		try {
			await system.start()
			return
		} catch (error) {
			if (attempt === STARTS_MAX) throw error
		}
}

/** The system under trial, with everything that acts on it and looks at it from outside. */
export class Stage {
	#bus: RedisBus | undefined
	readonly #identities = new Map<string, ProcessIdentity>()
	#venue: SystemVenue | undefined

	private constructor(
		readonly system: OwnSystem,
		readonly proxy: Relay,
		readonly operator: Operator,
	) {}

	/** Brings a system up behind a proxy, armed. @throws Error saying why it is not */
	static async open(seed: number): Promise<Stage> {
		let home: Home | undefined
		const proxy = await Relay.open(() => (home ? venuePort(home) : 0))
		const system = await OwnSystem.make(policy, settings(seed, proxy.port))
		home = system.home
		const stage = new Stage(system, proxy, new Operator(system))
		try {
			await started(system)
			return stage
		} catch (error) {
			await stage.close()
			throw error
		}
	}

	get home(): Home {
		return this.system.home
	}

	get naming(): Naming {
		return this.system.naming
	}

	/** Opened when it is first asked for: before the start nobody has a password. */
	get bus(): RedisBus {
		const path = socketPath(this.home.run, 'redis.sock')
		this.#bus ??= new RedisBus(() => {
			const redis = new Redis({path, ...loginFor(this.home, 'host'), maxRetriesPerRequest: null})
			// It connects again by itself after the server was killed.
			redis.on('error', () => undefined)
			return redis
		})
		return this.#bus
	}

	/** The venue itself, not by way of the proxy. */
	get venue(): SystemVenue {
		this.#venue ??= new SystemVenue(this.home)
		return this.#venue
	}

	/** @throws Error when none of this name was ever seen */
	async processOf(name: string): Promise<ProcessIdentity> {
		await this.#look().catch(() => undefined)
		const found = this.#identities.get(name)
		if (!found) throw new Error(`no process ${name} runs`)
		return found
	}

	/** Every process that was seen last under its name. */
	get processes(): readonly ProcessIdentity[] {
		return [...this.#identities.values()]
	}

	/** Resolves as soon as the governor allows something; false when it does not within the time. */
	async nextPermit(within_ms: number): Promise<boolean> {
		const redis = this.bus.redis.duplicate()
		redis.on('error', () => undefined)
		const late = setTimeout(() => redis.disconnect(), within_ms)
		try {
			for (let from = '$'; ; ) {
				const read = await redis.xread('BLOCK', within_ms, 'STREAMS', this.naming.stream(governorEvents.name), from)
				const entries = read?.[0]?.[1] ?? []
				if (entries.some(([, flat]) => flat.includes('ALLOW'))) return true
				from = entries.at(-1)?.[0] ?? from
			}
		} catch {
			return false
		} finally {
			clearTimeout(late)
			redis.disconnect()
		}
	}

	/** Brings it down and removes its home, unless that is to be kept. */
	async close(keep = false): Promise<void> {
		await this.#bus?.close()
		await (keep ? this.system.qt('down') : this.system.close()).finally(() => this.proxy.close())
	}

	async #look(): Promise<void> {
		for (const {name, pid} of await this.system.processes()) {
			const identity = identify(pid)
			if (identity) this.#identities.set(name, identity)
		}
	}
}
