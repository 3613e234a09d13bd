import {type Dec, dec} from './decimal.js'
import {badParameter, missingParameter} from './venue-error.js'

const decimalPattern = /^-?\d+(\.\d+)?$/

/** The parameters of one request, read with Binance's refusals. An empty value counts as not sent. */
export class Params {
	constructor(private readonly values: ReadonlyMap<string, string>) {}

	static of(entries: Iterable<readonly [string, unknown]>): Params {
		const values = new Map<string, string>()
		for (const [name, value] of entries) if (value !== null && value !== undefined) values.set(name, String(value))
		return new Params(values)
	}

	/** The first of these names that was sent. */
	text(...names: readonly string[]): string | undefined {
		for (const name of names) {
			const value = this.values.get(name)
			if (value !== undefined && value !== '') return value
		}
		return undefined
	}

	/** @throws VenueError -1102 */
	required(...names: readonly [string, ...string[]]): string {
		const value = this.text(...names)
		if (value === undefined) throw missingParameter(names[0])
		return value
	}

	/** @throws VenueError -1130 unless it is a plain decimal number */
	decimal(...names: readonly [string, ...string[]]): Dec | undefined {
		const value = this.text(...names)
		if (value === undefined) return undefined
		if (!decimalPattern.test(value)) throw badParameter(names[0])
		return dec(value)
	}

	requiredDecimal(...names: readonly [string, ...string[]]): Dec {
		const value = this.decimal(...names)
		if (value === undefined) throw missingParameter(names[0])
		return value
	}

	integer(name: string): number | undefined {
		const value = this.text(name)
		if (value === undefined) return undefined
		const number = Number(value)
		if (!Number.isSafeInteger(number)) throw badParameter(name)
		return number
	}

	requiredInteger(name: string): number {
		const value = this.integer(name)
		if (value === undefined) throw missingParameter(name)
		return value
	}

	/** `limit` within [1, max]. */
	limit(fallback: number, max: number): number {
		const value = this.integer('limit') ?? fallback
		if (value < 1) throw badParameter('limit')
		return Math.min(value, max)
	}

	flag(name: string): boolean {
		const value = this.text(name)?.toLowerCase()
		if (value === undefined || value === 'false') return false
		if (value !== 'true') throw badParameter(name)
		return true
	}

	/** A JSON array such as `batchOrders` or `orderIdList`. */
	list(...names: readonly [string, ...string[]]): readonly unknown[] | undefined {
		const value = this.text(...names)
		if (value === undefined) return undefined
		let parsed: unknown
		try {
			parsed = JSON.parse(value)
		} catch {
			throw badParameter(names[0])
		}
		if (!Array.isArray(parsed)) throw badParameter(names[0])
		return parsed
	}

	entries(): Record<string, string> {
		return Object.fromEntries(this.values)
	}
}
