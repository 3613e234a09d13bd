import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import type {QuoteEvent} from '../../../src/engine/logic/quote.js'
import {priceFeed} from '../../../src/engine/units/core/price-feed.js'
import {drive, HandClock} from '../../support/drive.js'

const QUOTE_KEY = 'test:market:quote:BTCUSDT'
const STALE_KEY = 'test:market:stale:BTCUSDT'

const quoteAt = (clock: HandClock, changes: Partial<QuoteEvent> = {}): QuoteEvent => ({
	symbol: 'BTCUSDT',
	bid: '100.1',
	ask: '100.3',
	bid_quantity: '2',
	ask_quantity: '3.50',
	venue_ms: clock.venue(),
	received_ms: clock.machine(),
	...changes,
})
const codes = (emitted: ReadonlyArray<{stream: string; payload: Record<string, unknown>}>) =>
	emitted.map(({stream, payload}) => (stream === 'alerts' ? payload.code : stream))
const start = async (speed = 1) => {
	const clock = new HandClock(1_750_000_000_000, 1_700_000_000_000, speed)
	return {clock, unit: await drive(priceFeed, {clock})}
}

describe('quotes', () => {
	test('a quote becomes a tick and the quote key, decimals as they came', async () => {
		const {clock, unit} = await start()
		const emitted = await unit.feed(
			'quotes',
			quoteAt(clock, {mark_price: '100.20', funding_rate: '-0.0001', next_funding_ms: 5}),
		)
		expect(emitted.map(({payload}) => payload)).toEqual([
			{
				symbol: 'BTCUSDT',
				bid: '100.1',
				ask: '100.3',
				bid_quantity: '2',
				ask_quantity: '3.50',
				mark_price: '100.20',
				funding_rate: '-0.0001',
				next_funding_ms: 5,
				received_ms: clock.machine(),
			},
		])
		expect(await unit.bus.hashAll(QUOTE_KEY)).toEqual({
			symbol: 'BTCUSDT',
			bid: '100.1',
			ask: '100.3',
			bid_quantity: '2',
			ask_quantity: '3.50',
			venue_ms: String(clock.venue()),
			machine_ms: String(clock.machine()),
		})
	})

	test.each<{why: string; changes: Partial<QuoteEvent>; after_ms?: number; ticks: boolean}>([
		{why: 'bid moved', changes: {bid: '100.2'}, ticks: true},
		{why: 'ask moved', changes: {ask: '100.4'}, ticks: true},
		{why: 'mark price moved', changes: {mark_price: '100.25'}, ticks: true},
		{why: 'nothing moved', changes: {}, ticks: false},
		{why: 'only quantities moved', changes: {bid_quantity: '9'}, ticks: false},
		{why: 'the mark price is left out', changes: {mark_price: undefined}, ticks: false},
		{why: 'nothing moved, but readers of ticks would soon call it stale', changes: {}, after_ms: 5_000, ticks: true},
	])('$why: tick $ticks, and the key is fresh anyway', async ({changes, after_ms = 100, ticks}) => {
		const {clock, unit} = await start()
		await unit.feed('quotes', quoteAt(clock, {mark_price: '100.2', funding_rate: '0.0001'}))
		clock.advance(after_ms)
		const emitted = await unit.feed('quotes', quoteAt(clock, {mark_price: '100.2', ...changes}))
		expect(codes(emitted)).toEqual(ticks ? ['market.tick'] : [])
		if (ticks) expect(emitted[0]?.payload).toMatchObject({funding_rate: '0.0001'})
		expect(await unit.bus.hashAll(QUOTE_KEY)).toMatchObject({venue_ms: String(clock.venue())})
	})

	test.each<{why: string; changes: Partial<QuoteEvent>; says: string}>([
		{why: 'crossed', changes: {bid: '100.4'}, says: 'crossed book: bid 100.4 is above ask 100.3'},
		{why: 'zero bid', changes: {bid: '0'}, says: 'bid: expected a number above 0'},
		{why: 'negative ask', changes: {ask: '-1'}, says: 'ask: expected'},
		{why: 'not a number', changes: {ask: 'NaN'}, says: 'ask: expected a decimal number'},
		{why: 'no mark', changes: {mark_price: '0'}, says: 'mark_price: expected a number above 0'},
		{why: 'no time', changes: {venue_ms: Number.NaN}, says: 'venue_ms: expected a time'},
	])('$why: dropped, with an alert once per machine minute, and no sign of life', async ({changes, says}) => {
		const {clock, unit} = await start()
		await unit.feed('quotes', quoteAt(clock))
		const [alert, ...more] = await unit.feed('quotes', quoteAt(clock, changes))
		expect(alert?.payload).toMatchObject({
			code: 'QUOTE_BROKEN',
			subject: 'BTCUSDT',
			message: expect.stringContaining(says),
		})
		expect(more).toEqual([])
		clock.advance(11_000)
		expect(codes(await unit.feed('quotes', quoteAt(clock, changes)))).toEqual([])
		expect(codes(await unit.timer('silence'))).toEqual(['FEED_SILENT'])
		clock.advance(49_000)
		expect(codes(await unit.feed('quotes', quoteAt(clock, changes)))).toEqual(['QUOTE_BROKEN'])
		expect(await unit.bus.hashAll(QUOTE_KEY)).toMatchObject({bid: '100.1', ask: '100.3'})
	})

	test('a locked book is a book', async () => {
		const {clock, unit} = await start()
		expect(codes(await unit.feed('quotes', quoteAt(clock, {bid: '100.3'})))).toEqual(['market.tick'])
	})

	test.each([
		{why: 'a late message is left', back_ms: 1, taken: false},
		{why: 'a minute is late', back_ms: 60_000, taken: false},
		{why: 'a venue whose clock was set back is followed', back_ms: 60_001, taken: true},
	])('$why', async ({back_ms, taken}) => {
		const {clock, unit} = await start()
		await unit.feed('quotes', quoteAt(clock))
		const emitted = await unit.feed('quotes', quoteAt(clock, {bid: '99', venue_ms: clock.venue() - back_ms}))
		expect(codes(emitted)).toEqual(taken ? ['market.tick'] : [])
	})
})

describe('silence', () => {
	test.each([
		{speed: 1, fine_ms: 10_000, why: 'the limit of the policy'},
		{speed: 2, fine_ms: 5_000, why: 'the limit at twice the speed'},
		{speed: 60, fine_ms: 2_000, why: 'the grace of the machine at high speed'},
	])('$why: silent after $fine_ms ms of machine time at speed $speed', async ({speed, fine_ms}) => {
		const {clock, unit} = await start(speed)
		const since_ms = clock.venue()
		await unit.feed('quotes', quoteAt(clock))
		clock.machine_ms += fine_ms
		clock.venue_ms += fine_ms * speed
		expect(codes(await unit.timer('silence'))).toEqual([])
		clock.machine_ms += 1
		const [alert] = await unit.timer('silence')
		expect(alert?.payload).toMatchObject({code: 'FEED_SILENT', subject: 'BTCUSDT', severity: 'warning'})
		expect(await unit.bus.hashAll(STALE_KEY)).toEqual({since_ms: String(since_ms)})
		expect(codes(await unit.timer('silence'))).toEqual([])

		expect(codes(await unit.feed('quotes', quoteAt(clock)))).toEqual(['market.tick', 'FEED_BACK'])
		expect(await unit.bus.hashAll(STALE_KEY)).toEqual({})
		expect(codes(await unit.timer('silence'))).toEqual([])
	})

	test('in lock-step only the time of the market makes stale', async () => {
		const {clock, unit} = await start(0)
		await unit.feed('quotes', quoteAt(clock))
		clock.machine_ms += 3_600_000
		expect(codes(await unit.timer('standstill'))).toEqual([])
		clock.venue_ms += 10_001
		// The machine's timer may come between a step of the market and its quotes.
		expect(codes(await unit.timer('silence'))).toEqual([])
		expect(codes(await unit.timer('standstill'))).toEqual(['FEED_SILENT'])
	})

	test('and while time runs only that of the machine', async () => {
		const {clock, unit} = await start(1)
		await unit.feed('quotes', quoteAt(clock))
		clock.machine_ms += 3_600_000
		expect(codes(await unit.timer('standstill'))).toEqual([])
		expect(codes(await unit.timer('silence'))).toEqual(['FEED_SILENT'])
	})

	test('the timer does nothing before the first quote, and nothing for the clock', async () => {
		const {unit} = await start()
		expect(await unit.timer('silence')).toEqual([])
		await unit.feed('clock', {venue_ms: 1, machine_ms: 2, speed: 3})
		expect(await unit.timer('silence')).toEqual([])
	})
})

test.each([
	{speed: 60, lockstep: 'false'},
	{speed: 0, lockstep: 'true'},
])('the clock of the venue at speed $speed is a key', async ({speed, lockstep}) => {
	const {unit} = await start()
	expect(await unit.feed('clock', {venue_ms: 5_000, machine_ms: 1_000, speed})).toEqual([])
	expect(await unit.bus.hashAll('test:clock')).toEqual({
		venue_ms: '5000',
		machine_ms: '1000',
		speed: String(speed),
		lockstep,
	})
})

test('symbols do not touch each other', async () => {
	const {clock, unit} = await start()
	const emitted = await unit.feed(
		'quotes',
		quoteAt(clock),
		quoteAt(clock, {symbol: '币安人生USDT', bid: '0.1', ask: '0.2'}),
	)
	expect(emitted.map(({payload}) => payload.symbol)).toEqual(['BTCUSDT', '币安人生USDT'])
	expect(await unit.bus.hashAll('test:market:quote:币安人生USDT')).toMatchObject({bid: '0.1'})
})

test('restarted before every event, it does what it does without', async () => {
	const event = fc.oneof(
		fc.record({
			bid: fc.constantFrom('99', '100', '101', '0', 'x'),
			ask: fc.constantFrom('100', '101'),
			mark_price: fc.constantFrom(undefined, '100', '100.5'),
			late_ms: fc.constantFrom(0, 0, 0, 500, 70_000),
		}),
		fc.constant('silence' as const),
	)
	const story = fc.array(fc.tuple(event, fc.integer({min: 0, max: 8_000})), {minLength: 1, maxLength: 30})
	await fc.assert(
		fc.asyncProperty(story, fc.constantFrom(0, 1, 60), async (steps, speed) => {
			const tell = async (restarting: boolean) => {
				const clock = new HandClock(undefined, undefined, speed)
				let unit = await drive(priceFeed, {clock})
				const told: string[] = []
				for (const [what, wait_ms] of steps) {
					clock.machine_ms += wait_ms
					clock.venue_ms += wait_ms * Math.max(speed, 1)
					if (restarting) unit = await drive(priceFeed, {clock, bus: unit.bus})
					if (what === 'silence') await unit.timer('silence')
					else {
						const {late_ms, ...changes} = what
						await unit.feed('quotes', quoteAt(clock, {...changes, venue_ms: clock.venue() - late_ms}))
					}
				}
				for (const stream of ['market.tick', 'alerts'])
					told.push(
						...(await unit.bus.range(unit.naming.stream(stream), {count: 1_000})).map(({fields: {id, ...fields}}) =>
							// While venue time stands still each start of the unit gives other ids.
							JSON.stringify(speed === 0 ? fields : {id, ...fields}),
						),
					)
				told.push(JSON.stringify(await unit.bus.hashAll(QUOTE_KEY)), JSON.stringify(await unit.bus.hashAll(STALE_KEY)))
				return told
			}
			const told = await tell(false)
			expect(await tell(false)).toEqual(told)
			expect(await tell(true)).toEqual(told)
		}),
		{numRuns: 60},
	)
})

test('the grace of the machine is shorter than the limit, else the rows above prove nothing', () => {
	expect(defaultPolicy.machine_grace_ms).toBeLessThan(defaultPolicy.data_stale_ms / 2)
})
