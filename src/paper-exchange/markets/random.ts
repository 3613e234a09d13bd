/**
 * Seeded chance: xoshiro128** of Blackman and Vigna (https://prng.di.unimi.it/xoshiro128starstar.c), seeded through
 * splitmix32 over an FNV-1a hash of the name, so that every stream of chance has its own sequence. `Math.log`, `exp` and
 * `cos` of V8 are software (fdlibm): the same on every machine.
 */

export type RandomState = readonly [number, number, number, number]

export class Random {
	#a: number
	#b: number
	#c: number
	#d: number

	constructor(seed: number, name: string) {
		let mixed = hash(`${seed}/${name}`)
		const word = (): number => {
			mixed = (mixed + 0x9e3779b9) | 0
			let value = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
			value = Math.imul(value ^ (value >>> 15), 0x735a2d97)
			return (value ^ (value >>> 15)) | 0
		}
		this.#a = word()
		this.#b = word()
		this.#c = word()
		// The state must not be all zero.
		this.#d = word() | 1
	}

	get state(): RandomState {
		return [this.#a, this.#b, this.#c, this.#d]
	}

	set state(state: RandomState) {
		;[this.#a, this.#b, this.#c, this.#d] = state
	}

	/** Uniform in [0, 1) with 32 bits. */
	uniform(): number {
		const product = Math.imul(this.#b, 5)
		const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
		const shifted = this.#b << 9
		this.#c ^= this.#a
		this.#d ^= this.#b
		this.#b ^= this.#c
		this.#a ^= this.#d
		this.#c ^= shifted
		this.#d = (this.#d << 11) | (this.#d >>> 21)
		return result / 4_294_967_296
	}

	/** Standard normal, by Box and Muller; the second value is thrown away so that the state is four words and no more. */
	normal(): number {
		return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.uniform())
	}

	/** Exponential of mean 1. */
	exponential(): number {
		return -Math.log(1 - this.uniform())
	}
}

function hash(text: string): number {
	let value = 0x811c9dc5
	for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
	return value
}
