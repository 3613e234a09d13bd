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
	/** Steps that the units with effects have committed: unchanged, nothing was sent to the venue. */
	effect_steps: number
}>

/** Looks at everything that these units have to do in Redis, in one step and one round trip. */
export class QuietLook {
	readonly #keys: readonly string[]
	readonly #argv: readonly string[]

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
		const named = [...groups.values()].flatMap(names => [String(names.length), ...names])
		this.#argv = [String(groups.size), String(effects.length), ...named]
	}

	async look(): Promise<Unrest> {
		const reply = await runScript(this.redis, quietScript, this.#keys, this.#argv)
		const [waiting, unprotected, effect_steps] = reply as [string[], string[], number]
		return {waiting, unprotected, effect_steps}
	}
}
