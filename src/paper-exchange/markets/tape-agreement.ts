import {DepthBook} from './depth-book.js'
import {Grid} from './grid.js'
import type {Tape} from './tape-load.js'
import {readTapeLine, type TapeDepth, type TapeTicker} from './tape-message.js'

/** Tickers remembered; depth updates come some ten milliseconds after those that they include. */
const TICKERS_MAX = 2000

type Best = NonNullable<DepthBook['best']>

/** What a replay of one symbol found. */
export type SymbolCheck = {
	symbol: string
	snapshots: number
	applied: number
	old: number
	waiting: number
	gaps: number
	/** Depth updates whose best prices and quantities were held against the last ticker that they include. */
	compared: number
	agreed: number
	agreed_in_price: number
	crossed: number
}

class Agreement {
	readonly check: SymbolCheck
	readonly book: DepthBook
	readonly #prices: Grid
	readonly #quantities: Grid
	#tickers: TapeTicker[] = []
	/** Books that wait for the first ticker after them: then the last one that they include has surely come. */
	#books: {update_id: number; best: Best}[] = []

	constructor(symbol: string, tick: string, step: string) {
		this.#prices = new Grid(tick)
		this.#quantities = new Grid(step)
		this.book = new DepthBook(this.#prices, this.#quantities)
		const none = {snapshots: 0, applied: 0, old: 0, waiting: 0, gaps: 0, crossed: 0}
		this.check = {symbol, ...none, compared: 0, agreed: 0, agreed_in_price: 0}
	}

	ticker(ticker: TapeTicker): void {
		for (const book of this.#books) if (book.update_id < ticker.u) this.#compare(book)
		this.#books = this.#books.filter(book => book.update_id >= ticker.u)
		this.#tickers.push(ticker)
		if (this.#tickers.length > TICKERS_MAX) this.#tickers.shift()
	}

	depth(update: TapeDepth): void {
		const applied = this.book.depth(update)
		this.check[applied === 'gap' ? 'gaps' : applied]++
		const {best} = this.book
		if (applied !== 'applied' || best === undefined) return
		if (best.bid >= best.ask) this.check.crossed++
		this.#books.push({update_id: this.book.update_id, best})
		const last = this.#tickers.at(-1)
		if (last !== undefined && last.u > this.book.update_id) this.ticker(this.#tickers.pop() ?? last)
	}

	#compare({update_id, best}: {update_id: number; best: Best}): void {
		const included = this.#tickers.findLast(ticker => ticker.u <= update_id)
		if (included === undefined) return
		const same = (grid: Grid, count: number, text: string): boolean => grid.count(Number(text)) === count
		const prices = same(this.#prices, best.bid, included.b) && same(this.#prices, best.ask, included.a)
		const quantities =
			same(this.#quantities, best.bid_quantity, included.B) && same(this.#quantities, best.ask_quantity, included.A)
		this.check.compared++
		if (prices) this.check.agreed_in_price++
		if (prices && quantities) this.check.agreed++
	}
}

/** Replays the chain of every symbol and holds the rebuilt book against the ticker. */
export function checkTape(tape: Tape): SymbolCheck[] {
	const symbols = new Map(
		tape.specs.map(spec => [spec.symbol, new Agreement(spec.symbol, spec.tick_size, spec.step_size)]),
	)
	const only = symbols.size === 1 ? [...symbols.values()][0] : undefined
	for (const line of tape.lines) {
		const message = readTapeLine(line)
		if (message.kind === 'snapshot') {
			const found = only ?? symbols.get(message.snapshot.s ?? '')
			if (found === undefined) continue
			found.check.snapshots++
			if (found.book.snapshot(message.snapshot) === 'gap') found.check.gaps++
		}
		if (message.kind !== 'event') continue
		const found = symbols.get(message.event.s)
		if (message.event.e === 'bookTicker') found?.ticker(message.event)
		if (message.event.e === 'depthUpdate') found?.depth(message.event)
	}
	return [...symbols.values()].map(symbol => symbol.check)
}

export function renderCheck(
	tape: Tape,
	checks: readonly SymbolCheck[],
	told: ReadonlyMap<string, number>,
	notes: readonly string[],
): string {
	const list = (counts: ReadonlyMap<string, number>): string =>
		[...counts].map(([name, count]) => `${name} ${count}`).join(', ')
	const share = (part: number, whole: number): string =>
		whole === 0 ? 'none' : `${((part / whole) * 100).toFixed(2)} %`
	const lines = [
		`messages  ${list(tape.counts)}`,
		`time      ${new Date(tape.first_ms).toISOString()} to ${new Date(tape.last_ms).toISOString()} (${(tape.last_ms - tape.first_ms) / 1000} s)`,
		`told as   ${list(told)}`,
	]
	for (const check of checks)
		lines.push(
			`${check.symbol}`,
			`  depth     ${check.snapshots} snapshots, ${check.applied} updates applied, ${check.old} old, ${check.waiting} before a snapshot, ${check.gaps} gaps`,
			`  agreement ${check.compared} comparisons with bookTicker: prices ${share(check.agreed_in_price, check.compared)}, prices and quantities ${share(check.agreed, check.compared)}, ${check.crossed} crossed books`,
		)
	return [...lines, ...notes.map(note => `note      ${note}`)].join('\n')
}
