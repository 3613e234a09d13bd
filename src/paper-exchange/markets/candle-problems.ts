/** How many problems one error names; the rest is counted. */
const NAMED_MAX = 20
/** How many repairs are kept by name; the rest is counted. */
const REPAIRS_MAX = 10_000

export type Problem = Readonly<{file: string; line: number; what: string}>

/** What was wrong with files and how it was dealt with: refused all together, or repaired one by one. */
export class Problems {
	readonly #onBad: 'refuse' | 'repair'
	readonly #fatal: Problem[] = []
	readonly #repairs: string[] = []
	#fatalCount = 0
	#repairCount = 0

	constructor(onBad: 'refuse' | 'repair') {
		this.#onBad = onBad
	}

	/** Something that a repair can mend: `repair` says how. */
	mendable(problem: Problem, repair: string): void {
		if (this.#onBad === 'refuse') {
			this.fatal(problem)
			return
		}
		this.#repairCount++
		if (this.#repairs.length < REPAIRS_MAX) this.#repairs.push(`${place(problem)}: ${repair}`)
	}

	/** Something that nobody can mend. */
	fatal(problem: Problem): void {
		this.#fatalCount++
		if (this.#fatal.length < NAMED_MAX) this.#fatal.push(problem)
	}

	/** So many problems are named already that reading on tells nothing new. */
	get full(): boolean {
		return this.#fatalCount >= NAMED_MAX
	}

	/** One line for every repair, with its file and line. */
	get repairs(): readonly string[] {
		const unnamed = this.#repairCount - this.#repairs.length
		return unnamed === 0 ? this.#repairs : [...this.#repairs, `and ${unnamed} repairs more`]
	}

	/** @throws Error with all that was refused, by file and line. */
	check(): void {
		if (this.#fatalCount === 0) return
		const lines = this.#fatal.map(problem => `${place(problem)}: ${problem.what}`)
		const more = this.full ? ', and perhaps more: reading stopped there' : ''
		const remedy =
			this.#onBad === 'refuse'
				? "Correct the files, or start with --repair (on_bad: 'repair') to sort, drop and fill; each repair is reported"
				: 'Correct the files: this cannot be repaired'
		throw new Error(
			`${this.#fatalCount} ${this.#fatalCount === 1 ? 'problem' : 'problems'} in candle files${more}:\n  ${lines.join('\n  ')}\n${remedy}`,
		)
	}
}

function place(problem: Problem): string {
	return `${problem.file}:${problem.line}`
}
