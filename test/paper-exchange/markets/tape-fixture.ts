import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'

export const TAPE_MS = Date.UTC(2026, 1, 3, 7, 59, 58)
const SYMBOL = 'AAAUSDT'

type Pairs = readonly (readonly [price: string, quantity: string])[]

/** Writes messages of one symbol as a recorder does. */
export class TapeWriter {
	readonly lines: string[] = []
	#time_ms = TAPE_MS

	at(time_ms: number): this {
		this.#time_ms = TAPE_MS + time_ms
		return this
	}

	ticker(u: number, bid: readonly [string, string], ask: readonly [string, string]): this {
		return this.#stream('bookTicker', {e: 'bookTicker', u, b: bid[0], B: bid[1], a: ask[0], A: ask[1]})
	}

	depth(U: number, u: number, pu: number, bids: Pairs, asks: Pairs): this {
		return this.#stream('depth@0ms', {e: 'depthUpdate', U, u, pu, b: bids, a: asks})
	}

	trade(price: string, quantity: string, buyerIsMaker: boolean, more: object = {}): this {
		return this.#stream('trade', {e: 'trade', t: 1, p: price, q: quantity, X: 'MARKET', m: buyerIsMaker, ...more})
	}

	aggTrade(price: string, quantity: string, buyerIsMaker: boolean): this {
		return this.#stream('aggTrade', {e: 'aggTrade', p: price, q: quantity, m: buyerIsMaker})
	}

	snapshot(lastUpdateId: number, bids: Pairs, asks: Pairs): this {
		return this.raw(JSON.stringify({lastUpdateId, E: this.#time_ms, T: this.#time_ms, bids, asks}))
	}

	raw(text: string): this {
		this.lines.push(`${BigInt(this.#time_ms) * 1_000_000n} ${text}`)
		return this
	}

	async save(name = 'tape.gz'): Promise<{file: string} & AsyncDisposable> {
		const dir = await mkdtemp(join(tmpdir(), 'qt-tape-'))
		const file = join(dir, name)
		const text = `${this.lines.join('\n')}\n`
		await writeFile(file, name.endsWith('.gz') ? gzipSync(text) : text)
		return {file, [Symbol.asyncDispose]: () => rm(dir, {recursive: true, force: true})}
	}

	#stream(stream: string, data: object): this {
		const body = {...data, s: SYMBOL, E: this.#time_ms, T: this.#time_ms}
		return this.raw(JSON.stringify({stream: `${SYMBOL.toLowerCase()}@${stream}`, data: body}))
	}
}

/** Some seconds of a market: ticker, an update before the snapshot, the snapshot, updates that chain, prints. */
export function smallTape(): TapeWriter {
	return new TapeWriter()
		.ticker(90, ['100.00', '5.0'], ['100.10', '5.0'])
		.at(100)
		.depth(95, 99, 94, [['99.90', '7.5']], [])
		.depth(
			100,
			110,
			99,
			[['100.00', '4.0']],
			[
				['100.10', '0.0'],
				['100.20', '3.0'],
			],
		)
		.at(200)
		.snapshot(
			105,
			[
				['100.00', '4.0'],
				['99.90', '7.5'],
				['99.50', '1.0'],
			],
			[
				['100.20', '3.0'],
				['100.30', '2.0'],
				['101.00', '9.0'],
			],
		)
		.ticker(110, ['100.00', '4.0'], ['100.20', '3.0'])
		.at(1200)
		.trade('100.20', '0.7', false)
		.ticker(112, ['100.10', '1.5'], ['100.30', '2.0'])
		.at(1300)
		.depth(
			111,
			114,
			110,
			[
				['100.10', '1.5'],
				['99.90', '0.0'],
			],
			[['100.20', '0.0']],
		)
		.ticker(118, ['100.10', '1.5'], ['100.30', '1.0'])
}
