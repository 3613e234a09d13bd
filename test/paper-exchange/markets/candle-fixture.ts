import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'

export const HEADER = 'open_time,open,high,low,close,volume'
export const FIRST_MS = Date.UTC(2025, 4, 5)

/** A folder that is gone when the test is over. */
export async function folder(files: Readonly<Record<string, string>>): Promise<{dir: string} & AsyncDisposable> {
	const dir = await mkdtemp(join(tmpdir(), 'qt-candles-'))
	for (const [name, text] of Object.entries(files))
		await writeFile(join(dir, name), name.endsWith('.gz') ? gzipSync(text) : text)
	return {dir, [Symbol.asyncDispose]: () => rm(dir, {recursive: true, force: true})}
}

/** Rows of a small walk, `minutes` long, one decimal in prices and three in volumes. */
export function rows(minutes: number, from_ms = FIRST_MS, price = 1000): string[] {
	const written: string[] = []
	let open = price * 10
	for (let at = 0; at < minutes; at++) {
		const close = open + (((at * 7919) % 41) - 20)
		const high = Math.max(open, close) + ((at * 31) % 9)
		const low = Math.min(open, close) - ((at * 17) % 7)
		const prices = [open, high, low, close].map(value => (value / 10).toFixed(1))
		written.push([from_ms + at * 60_000, ...prices, (1 + ((at * 13) % 97) / 8).toFixed(3)].join(','))
		open = close
	}
	return written
}

export function csv(lines: readonly string[]): string {
	return `${[HEADER, ...lines].join('\n')}\n`
}
