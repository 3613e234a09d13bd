import {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {type PrivateRedis, startRedis} from '../support/redis.js'
import type {Mutant} from './lua-mutants.js'
import {RewritingRedis} from './rewriting-redis.js'
import {asText, scriptText, type Trial} from './trials.js'

/** A script that has not answered by then never will. */
const ANSWER_WITHIN_MS = 60_000
/** Trials that share their round trips: the first ones find nearly all, and the others are not begun in vain. */
const FIRST = 8
const AT_ONCE_MAX = 400

const silence = (): Promise<'silent'> =>
	new Promise(resolve => {
		AbortSignal.timeout(ANSWER_WITHIN_MS).addEventListener('abort', () => resolve('silent'), {once: true})
	})

/** Tries mutants on a Redis of its own: those trials first that found the most so far. */
export class Judge {
	#run = 0
	#trials: Trial[]

	private constructor(
		private readonly server: PrivateRedis,
		trials: readonly Trial[],
	) {
		this.#trials = [...trials]
	}

	static async open(trials: readonly Trial[]): Promise<Judge> {
		return new Judge(await startRedis(['--appendonly', 'no']), trials)
	}

	close(): Promise<void> {
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
			const found = await Promise.race([verdicts, silence()])
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
