import {fillPattern, type KeyContract, type KeyParameters} from './key.js'

export const DEFAULT_PREFIX = 'quantum:'

/** Turns contracts into Redis names. The prefix is a setting, so that tests and tenants can share a server. */
export class Naming {
	constructor(readonly prefix: string = DEFAULT_PREFIX) {}

	stream(name: string): string {
		return `${this.prefix}stream:${name}`
	}

	group(unit: string, stream: string): string {
		return `${this.prefix}group:${unit}:${stream}`
	}

	key<Pattern extends string>(contract: KeyContract<Pattern>, parameters: KeyParameters<Pattern>): string {
		return this.prefix + fillPattern(contract.pattern, parameters)
	}

	/** Every key of a contract, as Redis writes patterns. */
	pattern({pattern}: Pick<KeyContract, 'pattern'>): string {
		return this.prefix + pattern.replace(/\{\w+\}/g, '*')
	}

	/** Stable over restarts: never a pid. */
	consumer(host: string, unit: string, slot: number): string {
		return `${host}.${unit}.${slot}`
	}
}
