import {Redis} from 'ioredis'
import {ControlClient} from '../daemon/client/control-client.js'
import {loginFor} from '../daemon/client/state.js'
import type {HostHealth} from '../daemon/host/host-server.js'
import {getJson} from '../daemon/running/probes.js'
import {socketPath} from '../daemon/supervision/socket-path.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {marketTick} from '../engine/contracts/streams/market.js'
import type {OwnSystem} from './own-system.js'

const ANSWER_WITHIN_MS = 2_000

/** How one sees from outside that a process has come back; each answers false while it has not, or does not answer. */
export type Look = Readonly<{
	ready: () => Promise<boolean>
	/** Its units, or those who read what it gives, have handled something since. */
	handles: () => Promise<boolean>
	/** What `handles` looks for. */
	first: string
}>

const soon = () => AbortSignal.timeout(ANSWER_WITHIN_MS)
const failing = async (look: () => Promise<boolean>): Promise<boolean> => look().catch(() => false)

/** A system with a connection of its own to its Redis, which survives that server. */
export class RecoveryLooks {
	readonly #redis: Redis
	readonly #path: string

	constructor(private readonly system: OwnSystem) {
		this.#path = socketPath(system.home.run, 'redis.sock')
		this.#redis = connectRedis(`unix:${this.#path}`, loginFor(system.home, 'host'))
	}

	close(): void {
		this.#redis.disconnect()
	}

	/**
	 * @param rest where the venue of the system listens
	 * @param pid of the process that was ended
	 */
	of(name: string, pid: number, rest: string): Look {
		if (name === 'redis') return this.#withTicks(() => this.#redisAnswers())
		if (name === 'paper-exchange') return this.#withTicks(() => this.#venueAnswers(rest))
		if (name === 'daemon') return this.#daemon(pid)
		const health = async (fits: (health: HostHealth) => boolean): Promise<boolean> => {
			const {body} = await getJson({socketPath: socketPath(this.system.home.run, `${name}.sock`)}, '/health', soon())
			const answered = body as HostHealth
			return answered.pid !== pid && fits(answered)
		}
		return {
			ready: () => failing(() => health(({ready}) => ready)),
			handles: () => failing(() => health(({units}) => units.some(({handled}) => handled > 0))),
			first: 'entry handled',
		}
	}

	/** What has no unit of its own is known by the ticks that pass through it again. */
	#withTicks(answers: () => Promise<boolean>): Look {
		let ready_ms = Number.POSITIVE_INFINITY
		return {
			ready: () =>
				failing(async () => {
					if (!(await answers())) return false
					ready_ms = Date.now()
					return true
				}),
			handles: () =>
				failing(async () => {
					const stream = this.system.naming.stream(marketTick.name)
					const [newest] = await this.#redis.xrevrange(stream, '+', '-', 'COUNT', 1)
					return Number(newest?.[0].split('-')[0] ?? 0) >= ready_ms
				}),
			first: 'tick on its stream',
		}
	}

	/** It has taken its processes over when it says so of all of them; what it does then is to open the stages. */
	#daemon(pid: number): Look {
		const status = async (fits: (status: NonNullable<Awaited<ReturnType<ControlClient['status']>>>) => boolean) => {
			const answered = await new ControlClient(this.system.home).status()
			return answered !== undefined && answered.pid !== pid && fits(answered)
		}
		const adopted = ({processes}: {processes: readonly {adopted: boolean; ready: boolean}[]}) =>
			processes.every(process => process.adopted && process.ready)
		return {
			ready: () => failing(() => status(adopted)),
			handles: () => failing(() => status(({stages}) => stages.every(({open}) => open))),
			first: 'look with every stage open',
		}
	}

	async #redisAnswers(): Promise<boolean> {
		const login = loginFor(this.system.home, 'host')
		const redis = new Redis({path: this.#path, ...login, lazyConnect: true, retryStrategy: () => null})
		redis.on('error', () => undefined)
		try {
			await redis.connect()
			return (await redis.ping()) === 'PONG'
		} finally {
			redis.disconnect()
		}
	}

	async #venueAnswers(rest: string): Promise<boolean> {
		const {hostname, port} = new URL(rest)
		return (await getJson({host: hostname, port: Number(port)}, '/paper/health', soon())).status === 200
	}
}
