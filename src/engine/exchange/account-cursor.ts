import {exchangeLimits as limits} from './exchange-limits.js'
import {incomeId, isOwnIncome} from './normalise.js'
import type {IncomeRow} from './raw-messages.js'

/** Up to where the fills of a symbol are proven complete. */
export type FillPoint = Readonly<{
	/** Newest trade id that REST has confirmed; empty while there is none. */
	trade_id: string
	/** Venue time up to which REST has been read, ms. */
	time_ms: number
	/** Trade ids beyond it that the socket has told. */
	seen: readonly string[]
}>

/** Where the account feed goes on after a stop. JSON: it belongs into the unit's snapshot, with the events it came with. */
export type ResumePoint = Readonly<{
	/** Venue time from which a symbol without fills is read, ms. */
	since_ms: number
	fills: Readonly<Record<string, FillPoint>>
	/** `seen` holds the ids of rows that may be read again. */
	income: Readonly<{time_ms: number; seen: readonly string[]}>
}>

type Position = {trade_id: string; time_ms: number; seen: Set<string>}

/**
 * Which fills and which income have been handed on. REST alone moves the proven point, so a message that the socket
 * lost is found by the next reading; what the socket has told is remembered until then, so that nothing comes twice.
 */
export class AccountCursor {
	readonly #fills = new Map<string, Position>()
	readonly #filled = new Map<string, number>()
	#income: {time_ms: number; seen: Map<string, number>}
	readonly #since_ms: number

	constructor(resume: ResumePoint) {
		this.#since_ms = resume.since_ms
		for (const [symbol, {trade_id, time_ms, seen}] of Object.entries(resume.fills))
			this.#fills.set(symbol, {trade_id, time_ms, seen: new Set(seen)})
		const {time_ms, seen} = resume.income
		this.#income = {time_ms, seen: new Map(seen.map(id => [id, time_ms]))}
	}

	get symbols(): readonly string[] {
		return [...this.#fills.keys()]
	}

	/** Where to read the fills of a symbol from. */
	fillsFrom(symbol: string): Readonly<{trade_id: string; time_ms: number}> {
		const {trade_id, time_ms} = this.#of(symbol)
		return {trade_id, time_ms}
	}

	/** The socket told of a fill. @returns false when it has been handed on before */
	toldFill(symbol: string, trade_id: string): boolean {
		const position = this.#of(symbol)
		if (position.seen.has(trade_id) || !isAfter(trade_id, position.trade_id)) return false
		position.seen.add(trade_id)
		return true
	}

	/** REST listed a fill, in ascending order. @returns false when it has been handed on before */
	listedFill(symbol: string, trade_id: string, time_ms: number): boolean {
		const position = this.#of(symbol)
		const told = position.seen.delete(trade_id)
		if (!isAfter(trade_id, position.trade_id)) return false
		position.trade_id = trade_id
		position.time_ms = Math.max(position.time_ms, time_ms)
		return !told
	}

	/** REST has been read to the end at this venue time. */
	fillsRead(symbol: string, venue_ms: number): void {
		const position = this.#of(symbol)
		position.time_ms = Math.max(position.time_ms, venue_ms - limits.fills_overlap_ms)
	}

	/**
	 * An execution of an order that is filled `filled` in all. @returns whether an earlier one must have been missed
	 */
	missedBefore(order_id: string, execution: number, filled: number, ended: boolean): boolean {
		const known = this.#filled.get(order_id) ?? 0
		if (ended) this.#filled.delete(order_id)
		else if (filled > 0) this.#filled.set(order_id, filled)
		return filled > (known + execution) * (1 + ROUNDING)
	}

	get incomeFrom_ms(): number {
		return Math.max(0, this.#income.time_ms - limits.income_overlap_ms)
	}

	/** @returns the rows that fills do not tell and that have not been handed on before */
	listedIncome(rows: readonly IncomeRow[]): readonly IncomeRow[] {
		const fresh: IncomeRow[] = []
		for (const row of rows) {
			this.#income.time_ms = Math.max(this.#income.time_ms, row.time)
			if (!isOwnIncome(row) || this.#income.seen.has(incomeId(row))) continue
			this.#income.seen.set(incomeId(row), row.time)
			fresh.push(row)
		}
		for (const [id, time_ms] of this.#income.seen) if (time_ms < this.incomeFrom_ms) this.#income.seen.delete(id)
		return fresh
	}

	checkpoint(): ResumePoint {
		const fills = [...this.#fills].map(([symbol, {trade_id, time_ms, seen}]) => [
			symbol,
			{trade_id, time_ms, seen: [...seen]},
		])
		return {
			since_ms: this.#since_ms,
			fills: Object.fromEntries(fills) as ResumePoint['fills'],
			income: {time_ms: this.#income.time_ms, seen: [...this.#income.seen.keys()]},
		}
	}

	#of(symbol: string): Position {
		const known = this.#fills.get(symbol)
		if (known) return known
		const fresh: Position = {trade_id: '', time_ms: this.#since_ms, seen: new Set()}
		this.#fills.set(symbol, fresh)
		return fresh
	}
}

/** Sums of a few decimals as doubles: only whether something is missing, never how much. */
const ROUNDING = 1e-9

/** Trade ids are integers beyond what a double holds. */
const isAfter = (trade_id: string, other: string): boolean => other === '' || BigInt(trade_id) > BigInt(other)
