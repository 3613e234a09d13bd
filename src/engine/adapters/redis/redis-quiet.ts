import type {Redis} from 'ioredis'
import {keys} from '../../contracts/keys.js'
import type {Naming} from '../../contracts/naming.js'
import type {AnyUnit} from '../../contracts/unit.js'
import {quietScript, runScript} from './scripts.js'

export type Unrest = Readonly<{
	/** Groups with entries to handle, and hashes of effects without a result. */
	waiting: readonly string[]
	/** Snapshots of open positions for which no stop rests. */
	unprotected: readonly string[]
	/** Grows with each step that had effects: unchanged, nothing was sent to the venue. Null: not looked at. */
	effect_steps: number | null
}>

type Reply = [waiting: string[], unprotected: string[], effect_steps: number | null, done: Array<number | string>]

/**
 * Looks at everything that these units have to do in Redis, in one step and one round trip. Remembers up to where each
 * stream was done, so that the next look passes over those that got nothing since.
 */
export class QuietLook {
	readonly #keys: readonly string[]
	readonly #streams: ReadonlyArray<readonly string[]>
	/** By stream: the newest entry when all of it was done. */
	readonly #done: string[]
	readonly #effects: number

	constructor(
		private readonly redis: Redis,
		units: readonly AnyUnit[],
		symbols: readonly string[],
		naming: Naming,
	) {
		const groups = new Map<string, string[]>()
		for (const unit of units)
			for (const {name} of Object.values(unit.reads))
				groups.set(name, [...(groups.get(name) ?? []), naming.group(unit.name, name)])
		const acting = units.filter(unit => unit.effects)
		const effects = acting.map(unit => naming.key(keys.unitEffects, {unit: unit.name}))
		const leases = acting.map(unit => naming.key(keys.unitLease, {unit: unit.name}))
		const positions = symbols.map(symbol => naming.key(keys.positionSnapshot, {symbol}))
		this.#keys = [...[...groups.keys()].map(name => naming.stream(name)), ...effects, ...leases, ...positions]
		this.#streams = [...groups.values()].map(names => [String(names.length), ...names])
		this.#done = this.#streams.map(() => '')
		this.#effects = effects.length
	}

	/** @param brief whether the first thing that waits is enough: nothing else is looked at then */
	async look(brief = false): Promise<Unrest> {
		const named = this.#streams.flatMap((words, index) => [this.#done[index] ?? '', ...words])
		const argv = [String(this.#streams.length), String(this.#effects), brief ? '1' : '', ...named]
		const reply = await runScript(this.redis, quietScript, this.#keys, argv)
		const [waiting, unprotected, effect_steps, done] = reply as Reply
		for (let at = 0; at + 1 < done.length; at += 2) this.#done[Number(done[at]) - 1] = String(done[at + 1])
		return {waiting, unprotected, effect_steps}
	}
}
