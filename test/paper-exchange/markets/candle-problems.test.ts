import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openMarket} from '../../../src/paper-exchange/markets/open-market.js'
import {csv, FIRST_MS, folder, HEADER, rows} from './candle-fixture.js'

const CONFIG = {kind: 'candles', warmup_ms: 5 * 60_000} as const
const GOOD = rows(30)

/** The good rows with some replaced, left out or put in. */
function spoiled(at: number, removed: number, ...put: string[]): string[] {
	return [...GOOD.slice(0, at), ...put, ...GOOD.slice(at + removed)]
}

function row(at: number, rest: string): string {
	return `${FIRST_MS + at * 60_000},${rest}`
}

/** Line numbers count the header: row 0 is line 2. */
const BAD: ReadonlyArray<[name: string, lines: string[], refusal: RegExp, repair: RegExp]> = [
	[
		'a gap',
		spoiled(10, 3),
		/\.csv:12: gap of 3 minutes from 1746403800000 \(2025-05-05T00:10:00/,
		/:12: 3 flat candles/,
	],
	[
		'a duplicate',
		spoiled(11, 0, row(10, '1,1,1,1,1')),
		/:13: open_time \d+ was already in line 12 of/,
		/:13: duplicate dropped/,
	],
	['disorder', spoiled(10, 2, GOOD[11] ?? '', GOOD[10] ?? ''), /:13: open_time \d+ is earlier/, /:13: row sorted/],
	['no number', spoiled(10, 1, row(10, '1,x,1,1,1')), /:12: high is 'x', expected a decimal/, /:12: row dropped/],
	['NaN', spoiled(10, 1, row(10, 'NaN,1,1,1,1')), /:12: open is 'NaN'/, /:12: row dropped: open is 'NaN'/],
	[
		'a negative number',
		spoiled(10, 1, row(10, '1,1,1,1,-2')),
		/:12: volume is '-2', expected no negative/,
		/:12: row dropped/,
	],
	['a price of zero', spoiled(10, 1, row(10, '1,1,0,1,2')), /:12: low is 0, expected a positive/, /:12: row dropped/],
	['high below low', spoiled(10, 1, row(10, '5,4,6,5,1')), /:12: high 4 is below low 6/, /:12: row dropped/],
	[
		'open above high',
		spoiled(10, 1, row(10, '9,8,6,7,1')),
		/:12: open 9 or close 7 is above high 8/,
		/:12: row dropped/,
	],
	[
		'close below low',
		spoiled(10, 1, row(10, '7,8,6,5,1')),
		/:12: open 7 or close 5 is below low 6/,
		/:12: row dropped/,
	],
	['a field too few', spoiled(10, 1, row(10, '7,8,6,7')), /:12: 5 fields, expected 6/, /:12: row dropped/],
	['seconds', spoiled(10, 1, '1746405600,1,1,1,1,1'), /:12: open_time 1746405600 is too early/, /:12: row dropped/],
	[
		'half a minute',
		spoiled(10, 1, `${FIRST_MS + 630_000},1,1,1,1,1`),
		/:12: .* not the start of a minute/,
		/:12: row dropped/,
	],
]

describe.each(BAD)('candle files with %s', (_, lines, refusal, repair) => {
	it('are refused by file and line', async () => {
		await using files = await folder({'AAAUSDT.csv': csv(lines)})
		const opening = openMarket({...CONFIG, dir: files.dir})
		await expect(opening).rejects.toThrow(refusal)
		await expect(opening).rejects.toThrow(/start with --repair \(on_bad: 'repair'\)/)
	})

	it('are repaired when told, and each repair is reported', async () => {
		await using files = await folder({'AAAUSDT.csv': csv(lines)})
		const repairs: string[] = []
		const market = await openMarket(
			{...CONFIG, dir: files.dir, on_bad: 'repair', from_ms: FIRST_MS + 25 * 60_000, warmup_ms: 25 * 60_000},
			line => repairs.push(line),
		)
		expect(repairs.some(line => repair.test(line))).toBe(true)
		const history = market.history('AAAUSDT', '1m', 0, Number.POSITIVE_INFINITY)
		expect(history.map(candle => candle.open_ms)).toEqual(history.map((__, at) => FIRST_MS + at * 60_000))
		expect(history).toHaveLength(25)
		for (const [at, candle] of history.entries()) {
			if (candle.volume !== '0.000')
				expect(GOOD[at]?.startsWith(`${candle.open_ms},${candle.open},${candle.high},`)).toBe(true)
			else expect(new Set([candle.open, candle.high, candle.low, candle.close, history[at - 1]?.close]).size).toBe(1)
		}
	})
})

describe('candle files that nobody can repair', () => {
	it.each([
		['another header', 'time,o,h,l,c,v\n1,2,3,4,5,6\n', /AAAUSDT\.csv:1: the header is 'time,o,h,l,c,v'/],
		['nothing but a header', `${HEADER}\n`, /AAAUSDT\.csv:1: the file has no candles/],
		['nothing at all', '', /AAAUSDT\.csv:1: the file has no candles/],
		[
			'a gap of weeks',
			csv([...rows(5), ...rows(5, FIRST_MS + 30 * 86_400_000)]),
			/gap of 43195 minutes.*more than the 10080/,
		],
	])('say so: %s', async (_, text, message) => {
		await using files = await folder({'AAAUSDT.csv': text})
		await expect(openMarket({...CONFIG, dir: files.dir, on_bad: 'repair'}, () => {})).rejects.toThrow(message)
	})

	it('name the archive that is cut short', async () => {
		await using files = await folder({'AAAUSDT.csv.gz': csv(GOOD)})
		await writeFile(join(files.dir, 'AAAUSDT.csv.gz'), 'this is no archive')
		await expect(openMarket({...CONFIG, dir: files.dir})).rejects.toThrow(
			/AAAUSDT\.csv\.gz cannot be read: .*gzip file/s,
		)
	})
})

it('names problems of all files in one error, twenty at most', async () => {
	const bad = GOOD.map((line, at) => (at % 3 === 0 ? `${line},7` : line))
	await using few = await folder({'AAAUSDT.csv': csv(spoiled(4, 1)), 'BBBUSDT.csv': csv(spoiled(6, 1))})
	await expect(openMarket({...CONFIG, dir: few.dir})).rejects.toThrow(/2 problems.*AAAUSDT\.csv:6: .*BBBUSDT\.csv:8: /s)
	await using many = await folder({'AAAUSDT.csv': csv(bad), 'BBBUSDT.csv': csv(bad)})
	const error = await openMarket({...CONFIG, dir: many.dir}).catch((reason: Error) => reason.message)
	expect(error).toContain('and perhaps more')
	expect(String(error).match(/\.csv:\d+:/g)).toHaveLength(20)
})
