import {describe, expect, it} from 'vitest'
import type {MarketEvent} from '../../../src/paper-exchange/market.js'
import {openMarket} from '../../../src/paper-exchange/markets/open-market.js'
import {csv, FIRST_MS, folder, rows} from './candle-fixture.js'
import {digest, readUntil} from './market-reading.js'

const HOUR_MS = 3_600_000
const CONFIG = {kind: 'candles', warmup_ms: HOUR_MS, ticks_per_candle: 6} as const

/** Candles of a symbol as its prints give them. */
function printed(events: readonly MarketEvent[], symbol: string): string[] {
	const minutes = new Map<number, {prices: number[]; volume: number}>()
	for (const event of events) {
		if (event.kind !== 'trade' || event.symbol !== symbol) continue
		const open_ms = Math.floor(event.time_ms / 60_000) * 60_000
		const minute = minutes.get(open_ms) ?? {prices: [], volume: 0}
		minutes.set(open_ms, {
			prices: [...minute.prices, Number(event.price)],
			volume: minute.volume + Number(event.quantity),
		})
	}
	return [...minutes].map(([open_ms, {prices, volume}]) => {
		const [open = 0, close = 0] = [prices[0], prices.at(-1)]
		const four = [open, Math.max(...prices), Math.min(...prices), close].map(price => price.toFixed(1))
		return [open_ms, ...four, volume.toFixed(3)].join(',')
	})
}

describe('the candle market', () => {
	it('tells candles as prints that make the same candles again', async () => {
		const lines = rows(300)
		await using files = await folder({'AAAUSDT.csv.gz': csv(lines), 'BBBUSDT.csv': csv(rows(290, FIRST_MS, 50))})
		const market = await openMarket({...CONFIG, dir: files.dir})
		expect([market.start_ms, market.end_ms]).toEqual([FIRST_MS + HOUR_MS, FIRST_MS + 290 * 60_000])
		const events = readUntil(market, Number.POSITIVE_INFINITY)
		expect(printed(events, 'AAAUSDT')).toEqual(lines.slice(60, 290))
		expect(events.map(event => event.time_ms)).toEqual(
			events.map(event => event.time_ms).sort((one, other) => one - other),
		)
	})

	it('prints at the best price of the book before it', async () => {
		await using files = await folder({'AAAUSDT.csv': csv(rows(100))})
		const market = await openMarket({...CONFIG, dir: files.dir})
		let book: Extract<MarketEvent, {kind: 'book'}> | undefined
		for (const event of readUntil(market, Number.POSITIVE_INFINITY)) {
			if (event.kind === 'book') {
				book = event
				expect(Number(event.bids[0]?.[0])).toBeLessThan(Number(event.asks[0]?.[0]))
			}
			if (event.kind === 'trade') expect((event.buyer_is_maker ? book?.bids : book?.asks)?.[0]?.[0]).toBe(event.price)
		}
	})

	it('has the warm-up as history, in every interval, and nothing of what is to come', async () => {
		await using files = await folder({'AAAUSDT.csv': csv(rows(300))})
		const market = await openMarket({...CONFIG, dir: files.dir, from_ms: FIRST_MS + 3 * HOUR_MS})
		const minutes = market.history('AAAUSDT', '1m', 0, Number.POSITIVE_INFINITY)
		expect([minutes.length, minutes[0]?.open_ms]).toEqual([60, FIRST_MS + 2 * HOUR_MS])
		const hours = market.history('AAAUSDT', '1h', 0, Number.POSITIVE_INFINITY)
		const volume = minutes.reduce((sum, candle) => sum + Number(candle.volume), 0)
		expect(hours).toHaveLength(1)
		expect(hours[0]).toMatchObject({open: minutes[0]?.open, close: minutes.at(-1)?.close, volume: volume.toFixed(3)})
	})

	it('goes on from a snapshot, in the middle of a step too', async () => {
		await using files = await folder({'AAAUSDT.csv': csv(rows(90)), 'BBBUSDT.csv': csv(rows(90))})
		for (const read of [0, 1, 2, 3, 7, 36, 200]) {
			const market = await openMarket({...CONFIG, dir: files.dir})
			for (let count = 0; count < read; count++) market.next(Number.POSITIVE_INFINITY)
			const resumed = await openMarket({...CONFIG, dir: files.dir})
			resumed.restore(JSON.parse(JSON.stringify(market.snapshot())))
			expect(digest(readUntil(resumed, Infinity))).toBe(digest(readUntil(market, Infinity)))
		}
	})

	it('takes filters from the data and from what is said instead', async () => {
		await using files = await folder({'AAAUSDT.csv': csv(rows(90)), 'BTCUSDT.csv': csv(rows(90, FIRST_MS, 120_000))})
		const market = await openMarket({
			...CONFIG,
			dir: files.dir,
			specs: {AAAUSDT: {tick_size: '0.05', min_notional: '20'}},
		})
		expect(market.symbols[0]).toMatchObject({
			base_asset: 'AAA',
			tick_size: '0.05',
			step_size: '0.001',
			min_notional: '20',
			price_precision: 2,
		})
		expect(market.symbols[1]).toMatchObject({tick_size: '0.1', step_size: '0.0001', min_notional: '5'})
		for (const event of readUntil(market, market.start_ms + 60_000))
			if (event.kind === 'trade' && event.symbol === 'AAAUSDT') expect(event.price).toMatch(/\.\d[05]$/)
	})

	it('reads several files of a symbol as one, and only the symbols asked for', async () => {
		const lines = rows(200)
		const names = {
			'AAAUSDT-1m-2025-05.csv': csv(lines.slice(0, 120)),
			'AAAUSDT-1m-2025-06.csv.gz': csv(lines.slice(120)),
		}
		await using files = await folder({...names, 'BADUSDT.csv': 'nothing'})
		const market = await openMarket({...CONFIG, dir: files.dir, symbols: ['AAAUSDT']})
		expect(market.end_ms).toBe(FIRST_MS + 200 * 60_000)
		await expect(openMarket({...CONFIG, dir: files.dir, symbols: ['ZZZUSDT']})).rejects.toThrow(/no candle file of ZZZ/)
	})

	it('settles funding at the constant rate, or as a file says', async () => {
		const fundings = [FIRST_MS, FIRST_MS + 4 * HOUR_MS + 7, FIRST_MS + 8 * HOUR_MS]
		const text = fundings.map((time_ms, at) => `${time_ms},AAAUSDT,-0.0000${at + 1}00`)
		await using files = await folder({'AAAUSDT.csv': csv(rows(600))})
		await using rates = await folder({'AAAUSDT.csv': `timestamp,symbol,funding_rate\n${text.join('\n')}\n`})
		const settled = async (more: object): Promise<unknown[]> => {
			const market = await openMarket({...CONFIG, dir: files.dir, ...more})
			return readUntil(market, Infinity).flatMap(event =>
				event.kind === 'funding' ? [[(event.time_ms - FIRST_MS) / HOUR_MS, event.rate]] : [],
			)
		}
		expect(await settled({funding_rate: '0.0003'})).toEqual([[8, '0.0003']])
		expect(await settled({funding_dir: rates.dir})).toEqual([
			[4, '-0.0000200'],
			[8, '-0.0000300'],
		])
	})

	it('says which time the files cover when another is asked for', async () => {
		await using files = await folder({'AAAUSDT.csv': csv(rows(90))})
		await expect(openMarket({...CONFIG, dir: files.dir, warmup_ms: 90 * 60_000})).rejects.toThrow(
			/reach from .*2025-05-05T00:00.* to .*2025-05-05T01:30/,
		)
		await expect(openMarket({...CONFIG, dir: files.dir, files: {}})).rejects.toThrow(/either 'dir' or 'files'/)
		await expect(openMarket({...CONFIG, dir: `${files.dir}/none`})).rejects.toThrow(/cannot be read/)
	})
})
