import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {MarketEvent} from '../../../src/paper-exchange/market.js'
import {generatedSymbol} from '../../../src/paper-exchange/markets/generated-symbol.js'
import {type MarketConfig, openMarket} from '../../../src/paper-exchange/markets/open-market.js'
import {digest, readUntil} from './market-reading.js'

const START_MS = Date.UTC(2026, 0, 1, 7, 59)
const CONFIG = {kind: 'synthetic', seed: 7, start_ms: START_MS, warmup_ms: 7_200_000} as const satisfies MarketConfig

describe('the synthetic market', () => {
	it('has eight symbols, the one in Chinese script among them, and a history that ends where live begins', async () => {
		const market = await openMarket(CONFIG)
		expect(market.symbols.map(spec => spec.symbol)).toEqual([
			'BTCUSDT',
			'ETHUSDT',
			'SOLUSDT',
			'BNBUSDT',
			'XRPUSDT',
			'AVAXUSDT',
			'LINKUSDT',
			'币安人生USDT',
		])
		const first = readUntil(market, START_MS)
		for (const {symbol} of market.symbols) {
			const history = market.history(symbol, '1m', 0, Number.POSITIVE_INFINITY)
			expect(history).toHaveLength(120)
			const last = history.at(-1)
			expect(last?.open_ms).toBe(START_MS - 60_000)
			const book = first.find(event => event.kind === 'book' && event.symbol === symbol)
			if (book?.kind !== 'book') throw new Error(`no first book of ${symbol}`)
			expect(Math.abs(Math.log(Number(book.bids[0]?.[0]) / Number(last?.close)))).toBeLessThan(0.01)
		}
	})

	it('makes up as many further symbols as are asked for, of whom the others do not hear', async () => {
		const eight = await openMarket(CONFIG)
		const names = [
			...eight.symbols.map(({symbol}) => symbol),
			...Array.from({length: 42}, (_, at) => `SIM${String(at + 1).padStart(3, '0')}USDT`),
		]
		const market = await openMarket({...CONFIG, symbols: names})
		expect(market.symbols.map(({symbol}) => symbol)).toEqual(names)
		expect(market.history('ETHUSDT', '1m', 0, START_MS)).toEqual(eight.history('ETHUSDT', '1m', 0, START_MS))
		for (const {symbol, tick_size, step_size} of market.symbols) {
			const {open, close} = market.history(symbol, '1m', 0, START_MS).at(-1) ?? {open: '0', close: '0'}
			expect(Math.abs(Math.log(Number(close) / Number(open))), symbol).toBeLessThan(0.05)
			expect(Number(tick_size) / Number(close), symbol).toBeLessThan(2e-4)
			expect(Number(step_size) * Number(close), symbol).toBeLessThan(150)
		}
		const books = readUntil(market, START_MS).filter(({kind}) => kind === 'book')
		expect(books.map(event => 'symbol' in event && event.symbol)).toEqual(names)
		expect(generatedSymbol('SIM001USDT', 7)).toEqual(generatedSymbol('SIM001USDT', 7))
		expect(generatedSymbol('SIM001USDT', 8).price).not.toBe(generatedSymbol('SIM001USDT', 7).price)
	})

	it('refuses names that nobody made up', async () => {
		for (const name of ['BTCUST', 'SIM000USDT', 'SIM1USDT', 'DOGEUSDT'])
			await expect(openMarket({...CONFIG, symbols: [name]})).rejects.toThrow('SIM001USDT to SIM999USDT')
		expect(() => generatedSymbol('DOGEUSDT', 1)).toThrow("not 'DOGEUSDT'")
	})

	it('gives the maintenance tiers of BTCUSDT', async () => {
		const market = await openMarket({...CONFIG, warmup_ms: 0})
		expect(market.symbols[0]?.brackets.slice(0, 3)).toEqual([
			{notional_cap: '50000', notional_floor: '0', initial_leverage: 125, maintenance_ratio: '0.004', cum: '0'},
			{notional_cap: '600000', notional_floor: '50000', initial_leverage: 100, maintenance_ratio: '0.005', cum: '50'},
			{
				notional_cap: '3000000',
				notional_floor: '600000',
				initial_leverage: 75,
				maintenance_ratio: '0.0065',
				cum: '950',
			},
		])
	})

	it('is the same bytes for the same seed, however it is read, and others for another', async () => {
		const until = START_MS + 120_000
		const whole = digest(readUntil(await openMarket(CONFIG), until))
		await fc.assert(
			fc.asyncProperty(fc.array(fc.integer({min: 1, max: 30_000}), {minLength: 1, maxLength: 20}), async steps => {
				const market = await openMarket(CONFIG)
				const events: MarketEvent[] = []
				let now = START_MS - 5
				for (const step of steps) {
					now = Math.min(until, now + step)
					events.push(...readUntil(market, now))
				}
				events.push(...readUntil(market, until))
				expect(digest(events)).toBe(whole)
			}),
			{numRuns: 6},
		)
		expect(digest(readUntil(await openMarket({...CONFIG, seed: 8}), until))).not.toBe(whole)
	})

	it('goes on from a snapshot as if it had never stopped, in the middle of a step too', async () => {
		const until = START_MS + 300_000
		const market = await openMarket(CONFIG)
		for (let count = 0; count < 1234; count++) market.next(until)
		market.taken('ETHUSDT', 'BUY', '40')
		const snapshot = JSON.parse(JSON.stringify(market.snapshot()))
		const resumed = await openMarket(CONFIG)
		resumed.restore(snapshot)
		expect(digest(readUntil(resumed, until))).toBe(digest(readUntil(market, until)))
	})

	it('is the same again when its events and what was taken come in the same order, however fast it was read', async () => {
		const takings = fc.array(fc.tuple(fc.integer({min: 1, max: 400}), fc.integer({min: 1, max: 30})), {maxLength: 6})
		await fc.assert(
			fc.asyncProperty(takings, async list => {
				const [stepped, replayed] = [await openMarket(CONFIG), await openMarket(CONFIG)]
				const told: [MarketEvent[], MarketEvent[]] = [[], []]
				for (const [events, size] of list) {
					let now = told[0].at(-1)?.time_ms ?? START_MS
					for (let read = 0; read < events; ) {
						const event = stepped.next(now)
						if (event === undefined) now += 13
						else read = told[0].push(event) && read + 1
					}
					for (let read = 0; read < events; read++) told[1].push(replayed.next(Number.MAX_SAFE_INTEGER) as MarketEvent)
					for (const market of [stepped, replayed])
						market.taken('BTCUSDT', size % 2 === 0 ? 'BUY' : 'SELL', String(size))
				}
				const until = START_MS + 60_000
				expect(digest([...told[1], ...readUntil(replayed, until)])).toBe(
					digest([...told[0], ...readUntil(stepped, until)]),
				)
			}),
			{numRuns: 6},
		)
	})

	it('refuses a snapshot of other settings', async () => {
		const market = await openMarket(CONFIG)
		const other = await openMarket({...CONFIG, seed: 8})
		expect(() => other.restore(market.snapshot())).toThrow(/start it with the settings of the snapshot/)
	})

	it('speaks in time order, prints at prices that its book shows, on the grid', async () => {
		const market = await openMarket(CONFIG)
		const books = new Map<string, Extract<MarketEvent, {kind: 'book'}>>()
		let before = 0
		for (const event of readUntil(market, START_MS + 300_000)) {
			expect(event.time_ms).toBeGreaterThanOrEqual(before)
			before = event.time_ms
			if (event.kind === 'book') {
				books.set(event.symbol, event)
				const bids = event.bids.map(level => Number(level[0]))
				const asks = event.asks.map(level => Number(level[0]))
				expect(bids[0]).toBeLessThan(asks[0] ?? 0)
				expect(bids).toEqual([...new Set(bids)].sort((one, other) => other - one))
				expect(asks).toEqual([...new Set(asks)].sort((one, other) => one - other))
			}
			if (event.kind === 'trade') {
				const side = event.buyer_is_maker ? books.get(event.symbol)?.bids : books.get(event.symbol)?.asks
				expect(side?.map(level => level[0])).toContain(event.price)
				expect(Number(event.quantity)).toBeGreaterThan(0)
			}
			if (event.kind === 'mark') {
				const spec = market.symbols.find(candidate => candidate.symbol === event.symbol)
				const best = Number(books.get(event.symbol)?.bids[0]?.[0])
				expect(event.mark.split('.')[1]).toHaveLength(spec?.price_precision ?? -1)
				expect(Math.abs(Number(event.mark) / best - 1)).toBeLessThan(0.005)
			}
		}
	})

	it('settles funding of every symbol at its own hours, at the rate last announced or close to it', async () => {
		const market = await openMarket({...CONFIG, tick_interval_ms: 5000, depth_levels: 1})
		const events = readUntil(market, START_MS + 5 * 3_600_000)
		const fundings = events.filter(event => event.kind === 'funding')
		expect(fundings.map(event => [new Date(event.time_ms).toISOString().slice(11, 16), event.symbol])).toEqual([
			...market.symbols.map(spec => ['08:00', spec.symbol]),
			['12:00', '币安人生USDT'],
		])
		for (const funding of fundings) expect(Math.abs(Number(funding.rate))).toBeLessThanOrEqual(0.003)
	})

	it('loses depth and moves when somebody takes much, and recovers', async () => {
		const quiet = await openMarket({...CONFIG, symbols: ['LINKUSDT']})
		const taken = await openMarket({...CONFIG, symbols: ['LINKUSDT']})
		readUntil(quiet, START_MS + 10_000)
		readUntil(taken, START_MS + 10_000)
		taken.taken('LINKUSDT', 'BUY', '40000')
		const sum = (events: MarketEvent[], side: 'asks' | 'bids'): number =>
			events
				.filter(event => event.kind === 'book')
				.flatMap(event => event[side])
				.reduce((total, level) => total + Number(level[1]), 0)
		const [before, after] = [readUntil(quiet, START_MS + 13_000), readUntil(taken, START_MS + 13_000)]
		expect(sum(after, 'asks')).toBeLessThan(0.4 * sum(before, 'asks'))
		expect(sum(after, 'bids')).toBeGreaterThan(0.6 * sum(before, 'bids'))
		readUntil(quiet, START_MS + 600_000)
		readUntil(taken, START_MS + 600_000)
		const [later, recovered] = [readUntil(quiet, START_MS + 660_000), readUntil(taken, START_MS + 660_000)]
		expect(sum(recovered, 'asks') / sum(later, 'asks')).toBeGreaterThan(0.7)
	})

	it('names what is wrong with its settings', async () => {
		await expect(openMarket({...CONFIG, seed: -1})).rejects.toThrow(/seed/)
		await expect(openMarket({...CONFIG, symbols: ['DOGEUSDT']})).rejects.toThrow(/symbols/)
	})
})
