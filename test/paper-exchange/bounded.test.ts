import {mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {dec} from '../../src/paper-exchange/decimal.js'
import {Grid} from '../../src/paper-exchange/markets/grid.js'
import {RequestLog, readRequestLog} from '../../src/paper-exchange/request-log.js'
import {takeSnapshot} from '../../src/paper-exchange/snapshot.js'
import {incomeSum} from '../../src/paper-exchange/state.js'
import {openVenue, play, S, type Step} from './random-play.js'
import {ScriptedMarket} from './scripted-market.js'

let dir: string

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'bounded-'))
})
afterEach(() => rmSync(dir, {recursive: true}))

/** Elements of every array, Map and Set that can be reached from a value, by the way that leads there. */
const collections = (root: object, left_out: ReadonlySet<unknown>): Map<string, number> => {
	const sizes = new Map<string, number>()
	const seen = new Set<unknown>(left_out)
	const waiting: {value: unknown; path: string}[] = [{value: root, path: ''}]
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const {value, path} = next
		if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue
		seen.add(value)
		const listed = Array.isArray(value) || value instanceof Map || value instanceof Set
		const inside = listed ? [...value.values()] : Object.values(value)
		if (listed) sizes.set(path, Math.max(sizes.get(path) ?? 0, inside.length))
		const names = listed ? undefined : Object.keys(value)
		for (const [at, child] of inside.entries()) waiting.push({value: child, path: `${path}.${names?.[at] ?? '*'}`})
	}
	return sizes
}

/** What may be larger after twice as many trades, and how large: candles, prints, and 256 kB of history a block. */
const limits: ReadonlyArray<readonly [end: RegExp, max: number]> = [
	[/\.kept\.\*\.(opens|texts)$/, 1650],
	[/\.partial$/, 8],
	// Digits of a number.
	[/\.d$/, 10],
	[/\.prints\.\*$/, 2000],
	[/\.file\.blocks$/, 40],
]
const limitOf = (path: string): number => limits.find(([end]) => end.test(path))?.[1] ?? 0

const lot = dec('0.01')
/** In, a stop that rests and is withdrawn, out: two orders, a conditional order, two trades and their income. */
const roundTrip: readonly Step[] = [
	{kind: 'market', side: 'BUY', quantity: lot, reduce: false},
	{kind: 'stop', side: 'SELL', quantity: lot, price: 590_000, close: true},
	{kind: 'market', side: 'SELL', quantity: lot, reduce: true},
	{kind: 'cancel'},
]
const trips = 2000
const trade = (venue: ReturnType<typeof openVenue>, market: ScriptedMarket, from: number, to: number): void => {
	for (let trip = from; trip < to; trip += 1) {
		play(venue, market, roundTrip, (trip + 1) * 60_000)
		if (trip % 100 === 99) takeSnapshot(venue)
	}
}

describe('a venue that trades on and on', () => {
	it('holds no collection that grows with its past, and forgets nothing that it is asked for', () => {
		const market = new ScriptedMarket()
		const venue = openVenue(dir, market)
		// Requests come before the events of their millisecond: without this, the first would meet an empty book.
		play(venue, market, [], 0)
		trade(venue, market, 0, trips / 2)
		const before = collections(venue, new Set([market]))
		trade(venue, market, trips / 2, trips)
		const after = collections(venue, new Set([market]))
		expect([...after].filter(([path, size]) => size > Math.max(limitOf(path), before.get(path) ?? 0))).toEqual([])
		const {bytes, blocks} = venue.journal.history
		expect(blocks.length).toBeLessThanOrEqual(bytes / 262_144 + 1)
		const {history, state} = venue.core
		const everything = {latest: false, limit: 1_000_000}
		expect(history.trades({...everything, symbol: S})).toHaveLength(2 * trips)
		expect(history.orders({...everything, symbol: S})).toHaveLength(2 * trips)
		expect(history.algos({...everything, symbol: S})).toHaveLength(trips)
		expect(incomeSum(history.income(everything)).toFixed()).toBe(state.walletBalance().toFixed())
		venue.journal.close()
	}, 120_000)

	it('remembers a bounded number of number texts', () => {
		const grid = new Grid('0.001')
		const texts = Array.from({length: 20_000}, (_, count) => grid.text(count))
		expect(texts[12_345]).toBe('12.345')
		expect(grid.text(12_345)).toBe('12.345')
		expect(grid.remembered).toBeLessThanOrEqual(4096)
	})
})

describe('the request log', () => {
	const lines = (from: number, to: number) =>
		Array.from({length: to - from + 1}, (_, at) => ({seq: from + at, kind: 'request', path: '/币安人生'}))

	it('is closed and numbered at its size, and read whole', () => {
		const limits = {segment_bytes: 1000, segments_kept: 100}
		let log = new RequestLog(dir, limits)
		for (let seq = 1; seq <= 60; seq += 3) {
			log.append(lines(seq, seq + 2))
			if (seq % 2 === 0) continue
			log.close()
			log = new RequestLog(dir, limits)
			expect(log.last_seq).toBe(seq + 2)
		}
		log.close()
		expect([...readRequestLog(dir)]).toEqual(lines(1, 60))
		const sizes = readdirSync(dir).map(name => statSync(join(dir, name)).size)
		expect(sizes.length).toBeGreaterThan(3)
		expect(Math.max(...sizes)).toBeLessThanOrEqual(1000)
	})

	it('goes on where it was when the process died between two files', () => {
		const limits = {segment_bytes: 100, segments_kept: 100}
		const log = new RequestLog(dir, limits)
		for (let seq = 1; seq <= 4; seq += 1) log.append(lines(seq, seq))
		log.close()
		rmSync(join(dir, 'requests.jsonl'))
		const again = new RequestLog(dir, limits)
		const last = again.last_seq
		again.append(lines(last + 1, last + 2))
		again.close()
		expect([...readRequestLog(dir)]).toEqual(lines(1, last + 2))
	})

	it('drops its oldest files beyond the number that is kept', () => {
		const log = new RequestLog(dir, {segment_bytes: 100, segments_kept: 2})
		for (let seq = 1; seq <= 12; seq += 1) log.append(lines(seq, seq))
		log.close()
		const kept = [...readRequestLog(dir)].map(({seq}) => seq)
		expect(readdirSync(dir)).toHaveLength(3)
		expect(kept).toEqual(Array.from({length: kept.length}, (_, at) => 13 - kept.length + at))
	})
})
