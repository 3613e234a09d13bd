import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Decimal} from 'decimal.js'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {walk} from '../support/candles.js'
import {eventually} from '../support/eventually.js'
import {moves, RecordedVenue} from '../support/recorded-venue.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {allProblems, entriesOf} from '../support/system-audit.js'
import {creations, fillsOf, type VenueRecord} from '../support/system-venue.js'
import {type TemporaryHome, temporaryHome} from '../support/temporary-home.js'

const MINUTE_MS = 60_000
const WARMUP_MINUTES = 1_440
const PLAYED_MINUTES = 60
const FIRST_MS = 1_750_032_000_000
const START_MS = FIRST_MS + WARMUP_MINUTES * MINUTE_MS
const END_MS = START_MS + PLAYED_MINUTES * MINUTE_MS
const PRICES = {BTCUSDT: 60_000, ETHUSDT: 3_000, SOLUSDT: 150, AVAXUSDT: 25}
const SYMBOLS = Object.keys(PRICES)
const INTERVALS = ['1m', '15m'] as const
const STARTED_MS = 180_000
const PLAYED_MS = 120_000

/** A folder of candles that move about as much in an hour as the market does in a day. */
const writeCandles = async (dir: string): Promise<void> => {
	await mkdir(dir, {recursive: true})
	for (const [index, [symbol, price]] of Object.entries(PRICES).entries()) {
		const count = WARMUP_MINUTES + PLAYED_MINUTES
		const candles = walk({count, seed: 7 + index, symbol, interval: '1m', start_ms: FIRST_MS, price})
		const rows = candles.map(({open_ms, open, high, low, close, volume}) =>
			[open_ms, ...[open, high, low, close].map(value => Number(value).toFixed(2)), volume].join(),
		)
		await writeFile(join(dir, `${symbol}.csv`), ['open_time,open,high,low,close,volume', ...rows, ''].join('\n'))
	}
}

let folder: TemporaryHome
let system: RunningSystem
let recorded: RecordedVenue

beforeAll(async () => {
	folder = await temporaryHome('qt-k-')
	await writeCandles(folder.path)
	const market = {kind: 'candles', dir: folder.path, ticks_per_candle: 4} as const
	system = await startSystem({settings: {market, speed: 'lockstep'}, daemonOnly: true})
	await system.control.start(['core'])
	const {venue} = await system.status()
	const streams = SYMBOLS.map(symbol => symbol.toLowerCase()).flatMap(symbol => [
		`${symbol}@bookTicker`,
		...INTERVALS.map(interval => `${symbol}@kline_${interval}`),
	])
	// The market stands still until every stage is open: from here on nothing of it can be missed.
	recorded = await eventually(() => RecordedVenue.listen(venue.ws ?? '', streams), {
		within_ms: STARTED_MS,
		every_ms: 50,
		what: 'the venue takes sockets',
	})
	await system.allOpen()
	await system.arm()
}, STARTED_MS)
afterAll(async () => {
	recorded?.close()
	await system?.stop()
	await folder?.remove()
}, STARTED_MS)

/** Fills that opened a position, by the venue's log, with the venue time at which they happened. */
const openings = (log: readonly VenueRecord[]): readonly Readonly<{symbol: string; venue_ms: number}>[] => {
	const amounts = new Map<string, Decimal>()
	return log.flatMap(record =>
		fillsOf([record]).flatMap(({symbol, side, quantity}) => {
			const before = amounts.get(symbol) ?? new Decimal(0)
			amounts.set(symbol, side === 'BUY' ? before.plus(quantity) : before.minus(quantity))
			return before.isZero() ? [{symbol, venue_ms: record.venue_ms}] : []
		}),
	)
}

describe('in lock-step', () => {
	it('the market is played to its end, and the status says so', {timeout: PLAYED_MS}, async () => {
		const lockstep = await eventually(
			async () => {
				const {lockstep: found, alarms} = await system.status()
				if (found?.state !== 'ENDED') throw new Error(JSON.stringify({found, alarms}))
				return found
			},
			{within_ms: PLAYED_MS, every_ms: 100, what: 'the market has ended'},
		)
		expect(lockstep.venue_ms).toBe(END_MS)
		expect(await system.venue.control('GET', 'clock')).toMatchObject({venue_ms: END_MS, ended: true})
	})

	it('every move of every price is handled, in its order', async () => {
		const ticks = await entriesOf(system, 'market.tick')
		for (const symbol of SYMBOLS) {
			const told = recorded.books(symbol)
			const handled = moves(ticks.filter(tick => tick.symbol === symbol).map(({bid, ask}) => `${bid}/${ask}`))
			expect(told.length).toBeGreaterThan(PLAYED_MINUTES)
			// Before the first message the book is asked for by REST.
			expect(handled.slice(-told.length)).toEqual(told)
			expect(handled.length - told.length).toBeLessThanOrEqual(1)
		}
	})

	it('every candle that closes becomes a candle and a vector of features', async () => {
		const told = recorded.candles()
		const names = (entries: Awaited<ReturnType<typeof entriesOf>>) =>
			entries
				.filter(({open_ms}) => told.some(name => name.endsWith(` ${open_ms}`)))
				.map(({symbol, interval, open_ms}) => `${symbol} ${interval} ${open_ms}`)
				.sort()
		expect(told.filter(name => name.includes(' 1m '))).toHaveLength(SYMBOLS.length * PLAYED_MINUTES)
		expect(names(await entriesOf(system, 'market.klines')).filter(name => told.includes(name))).toEqual(told)
		expect(names(await entriesOf(system, 'features')).filter(name => told.includes(name))).toEqual(told)
	})

	it('trades are closed, and everything agrees with the venue', {timeout: PLAYED_MS}, async () => {
		expect((await entriesOf(system, 'trade.closed')).length).toBeGreaterThanOrEqual(3)
		// Income is proven by the machine's clock, beside what the stream tells.
		await eventually(
			async () => {
				expect(await allProblems(system)).toEqual([])
				return true
			},
			{within_ms: PLAYED_MS, every_ms: 200, what: 'everything agrees'},
		)
	})

	it('a position has its stop at the very instant at which it was opened', async () => {
		const log = system.venue.log()
		const opened = openings(log)
		const stops = creations(log).filter(({http, params}) => http === 200 && params?.type === 'STOP_MARKET')
		const bare = opened.filter(
			({symbol, venue_ms}) => !stops.some(stop => stop.params?.symbol === symbol && stop.venue_ms === venue_ms),
		)
		expect(opened.length).toBeGreaterThanOrEqual(3)
		expect(bare).toEqual([])
	})
})
