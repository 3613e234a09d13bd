import {Redis} from 'ioredis'
import {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {eventually} from '../support/eventually.js'
import {type PrivateRedis, startRedis} from '../support/redis.js'
import type {Mutant} from './lua-mutants.js'
import {RewritingRedis} from './rewriting-redis.js'
import {asText, scriptText, type Trial} from './trials.js'

/** What has not answered by then never will. */
const ANSWER_WITHIN_MS = 60_000
/** The server says to others that it is busy with a script once that has run for 5 s (busy-reply-threshold). */
const LOOK_EVERY_MS = 500
/** Trials that share their round trips: the first ones find nearly all, and the others are not begun in vain. */
const FIRST = 8
const AT_ONCE_MAX = 400

/** Resolves when a script runs without end, as the server says itself, or when nothing has come for long. */
const silence = async (others: Redis, over: AbortSignal): Promise<'silent'> => {
	const busy = () =>
		others.ping().then(
			() => false,
			(error: Error) => error.message.startsWith('BUSY'),
		)
	const patience = {within_ms: ANSWER_WITHIN_MS, every_ms: LOOK_EVERY_MS, what: 'the server is busy with a script'}
	await eventually(async () => over.aborted || (await busy()), patience).catch(() => undefined)
	return 'silent'
}

/** Tries mutants on a Redis of its own: those trials first that found the most so far. */
export class Judge {
	#run = 0
	#trials: Trial[]
	/** Asks whether the server answers, beside those who wait for a script. */
	readonly #others: Redis

	private constructor(
		private readonly server: PrivateRedis,
		trials: readonly Trial[],
	) {
		this.#trials = [...trials]
		const patience = {commandTimeout: ANSWER_WITHIN_MS, retryStrategy: () => LOOK_EVERY_MS}
		this.#others = new Redis({path: server.path, enableReadyCheck: false, ...patience})
		this.#others.on('error', () => undefined)
	}

	static async open(trials: readonly Trial[]): Promise<Judge> {
		return new Judge(await startRedis(['--appendonly', 'no']), trials)
	}

	close(): Promise<void> {
		this.#others.disconnect()
		return this.server.stop()
	}

	/** @throws Error when the script itself fails a trial: whoever convicts the innocent proves nothing. */
	async acquit(file: string): Promise<void> {
		const finding = await this.findingOf({file, line: 0, text: '', change: 'nothing', source: scriptText(file)})
		if (finding) throw new Error(`${file} as it is does not do what its model does: ${finding}`)
	}

	/** The trial that tells the mutant from the script, or undefined when none does. */
	async findingOf(mutant: Mutant): Promise<string | undefined> {
		const part = scriptText(mutant.file)
		const bus = new RedisBus(() => new RewritingRedis(this.server.path, part, mutant.source))
		try {
			await bus.redis.flushall()
			return await this.#try(bus)
		} finally {
			await bus.close()
		}
	}

	async #try(bus: RedisBus): Promise<string | undefined> {
		let count = FIRST
		for (let from = 0; from < this.#trials.length; ) {
			const some = this.#trials.slice(from, from + count)
			const verdicts = Promise.all(some.map(trial => this.#differs(trial, bus)))
			const answered = new AbortController()
			const found = await Promise.race([verdicts, silence(this.#others, answered.signal)])
			answered.abort()
			if (found === 'silent') {
				await this.server.kill9()
				await this.server.restart()
				return 'never answers'
			}
			const index = found.indexOf(true)
			if (index >= 0) return this.#promote(from + index)
			from += count
			count = Math.min(count * 2, AT_ONCE_MAX)
		}
		return undefined
	}

	#promote(index: number): string | undefined {
		const [killer] = this.#trials.splice(index, 1)
		if (killer) this.#trials.splice(Math.floor(index / 4), 0, killer)
		return killer?.name
	}

	async #differs({run, expected}: Trial, bus: RedisBus): Promise<boolean> {
		this.#run += 1
		const prefix = `m${this.#run}:`
		try {
			return asText(await run(bus, prefix), prefix) !== asText(expected, prefix)
		} catch {
			return true
		}
	}
}
