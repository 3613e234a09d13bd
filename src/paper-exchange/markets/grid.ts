/** A symbol's grid of prices or quantities: values are whole counts of the smallest step, text only at the edge. */

/**
 * Texts are remembered per count; the memory is emptied at this size. Prices stay within it for long; a larger one would
 * be filled with quantities that do not come again (65,536 took 16 MB for eight symbols).
 */
const REMEMBERED_MAX = 4096

export class Grid {
	readonly decimals: number
	/** The size of one step, as a number (for ratios only). */
	readonly size: number
	readonly #units: number
	readonly #texts = new Map<number, string>()

	/** @param step the smallest step as decimal text, such as `0.001` or `0.05`. */
	constructor(step: string) {
		const parsed = /^(\d+)(?:\.(\d+))?$/.exec(step)
		if (parsed === null || Number(step) <= 0) throw new Error(`a grid's step must be a positive decimal, got '${step}'`)
		const fraction = (parsed[2] ?? '').replace(/0+$/, '')
		this.decimals = fraction.length
		this.#units = Number((parsed[1] ?? '') + fraction)
		this.size = Number(step)
	}

	/** How many texts are remembered. */
	get remembered(): number {
		return this.#texts.size
	}

	/** The decimal text of a whole count of steps. */
	text(count: number): string {
		const known = this.#texts.get(count)
		if (known !== undefined) return known
		const made = decimalText(count * this.#units, this.decimals)
		if (this.#texts.size >= REMEMBERED_MAX) this.#texts.clear()
		this.#texts.set(count, made)
		return made
	}

	/** The nearest count for a value that came from elsewhere. */
	count(value: number): number {
		return Math.round((value * 10 ** this.decimals) / this.#units)
	}
}

/** Whole units of 10^-decimals as decimal text, exactly. */
export function decimalText(units: number, decimals: number): string {
	if (units < 0) return `-${decimalText(-units, decimals)}`
	// Beyond 2^53 digits past the last exact one are rounding already; BigInt keeps the notation plain.
	const digits = units < 1e21 ? String(units) : BigInt(units).toString()
	if (decimals === 0) return digits
	const padded = digits.padStart(decimals + 1, '0')
	return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`
}
