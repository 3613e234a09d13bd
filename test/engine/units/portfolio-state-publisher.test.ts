import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {emptyHoldings, snapshotOf, withBalance, withPosition, withTick} from '../../../src/engine/logic/portfolio.js'
import {portfolioStatePublisher} from '../../../src/engine/units/state/portfolio-state-publisher.js'
import {drive, HandClock} from '../../support/drive.js'

const balance = (wallet_balance: string, asset = 'USDT') => ({asset, wallet_balance, change: '0', reason: 'ORDER'})
const position = (amount: string, symbol = 'BTCUSDT') => ({
	symbol,
	amount,
	entry_price: '100',
	opened_ms: 1,
	source: 'fill',
	stop_resting: true,
})
const tick = (mark_price: string, symbol = 'BTCUSDT') => ({
	symbol,
	bid: '99',
	ask: '101',
	bid_quantity: '1',
	ask_quantity: '1',
	mark_price,
	received_ms: 1,
})
const keyOf = (unit: Awaited<ReturnType<typeof drive>>) => unit.bus.store.hashAll('test:portfolio:state')
const streamsOf = (emitted: ReadonlyArray<{stream: string}>) => emitted.map(({stream}) => stream)

describe('the portfolio', () => {
	test('is unknown before the wallet is', async () => {
		const unit = await drive(portfolioStatePublisher)
		expect(await unit.send('position', position('1'))).toEqual([])
		unit.clock.advance(10_000)
		expect(await unit.timer('flush')).toEqual([])
		expect(keyOf(unit)).toEqual({})
		const [state] = await unit.send('balance', balance('1000'))
		expect(state?.payload).toMatchObject({equity_usdt: '1000', gross_usdt: '100', open_positions: 1})
	})

	test('is written to both streams and the key in one step, with its own time', async () => {
		const unit = await drive(portfolioStatePublisher)
		await unit.send('position', position('-2'))
		const told = await unit.send('balance', balance('1000'))
		expect(streamsOf(told)).toEqual(['portfolio.state', 'portfolio.snapshot_updated'])
		const snapshot = told[1]?.payload.snapshot as {positions: unknown[]}
		expect(snapshot.positions).toEqual([
			{
				symbol: 'BTCUSDT',
				amount: '-2',
				entry_price: '100',
				price: '100',
				notional_usdt: '-200',
				unrealised_pnl: '0',
				price_ms: unit.clock.venue(),
			},
		])
		const {positions, ...fields} = keyOf(unit)
		expect(JSON.parse(positions ?? '')).toEqual(snapshot.positions)
		expect(fields).toEqual({
			equity_usdt: '1000',
			wallet_usdt: '1000',
			unrealised_pnl: '0',
			gross_usdt: '200',
			net_usdt: '-200',
			exposure_ratio: '0.2',
			open_positions: '1',
			price_ms: String(unit.clock.venue()),
			venue_ms: String(unit.clock.venue()),
			machine_ms: String(unit.clock.machine()),
		})
	})

	test('moves once per machine second; what moved in between comes with the timer', async () => {
		const unit = await drive(portfolioStatePublisher)
		await unit.send('balance', balance('1000'))
		await unit.send('position', position('1'))
		unit.clock.advance(999)
		expect(await unit.send('tick', tick('110'))).toEqual([])
		expect(await unit.timer('flush')).toEqual([])
		unit.clock.advance(1)
		const [state] = await unit.timer('flush')
		expect(state?.payload).toMatchObject({unrealised_pnl: '10', equity_usdt: '1010'})
		unit.clock.advance(60_000)
		expect(await unit.timer('flush')).toEqual([])
	})

	test('in lock-step moves once per 5 s of venue time, however little the machine needs for it', async () => {
		const clock = new HandClock(undefined, undefined, 0)
		const unit = await drive(portfolioStatePublisher, {clock})
		await unit.send('balance', balance('1000'))
		await unit.send('position', position('1'))
		clock.venue_ms += 4_999
		expect(await unit.send('tick', tick('110'))).toEqual([])
		clock.venue_ms += 1
		const [state] = await unit.send('tick', tick('111'))
		expect(state?.payload).toMatchObject({unrealised_pnl: '11', price_ms: clock.venue_ms})
	})

	test('is confirmed while nothing moves, in the key only', async () => {
		const unit = await drive(portfolioStatePublisher)
		await unit.send('balance', balance('1000'))
		const published_ms = unit.clock.machine()
		unit.clock.advance(4_999)
		expect(await unit.timer('flush')).toEqual([])
		expect(keyOf(unit).machine_ms).toBe(String(published_ms))
		unit.clock.advance(1)
		expect(await unit.timer('flush')).toEqual([])
		expect(keyOf(unit)).toMatchObject({machine_ms: String(published_ms + 5_000), equity_usdt: '1000'})
	})

	test('does not move by what is only measured', async () => {
		const unit = await drive(portfolioStatePublisher)
		await unit.send('balance', balance('1000'))
		unit.clock.advance(2_000)
		expect(await unit.send('position', position('1'), {authority: 'shadow'})).toEqual([])
		expect(await unit.send('balance', balance('1'), {authority: 'shadow'})).toEqual([])
		expect(await unit.timer('flush')).toEqual([])
	})

	test('takes no notice of ticks in other symbols', async () => {
		const unit = await drive(portfolioStatePublisher)
		await unit.send('balance', balance('1000'))
		unit.clock.advance(2_000)
		expect(await unit.send('tick', tick('5', 'ETHUSDT'))).toEqual([])
		expect(await unit.timer('flush')).toEqual([])
	})
})

test('in any story, restarted or not: entries a second apart at least, and after the last event all of it is told', async () => {
	const symbol = fc.constantFrom('BTCUSDT', '币安人生USDT')
	const amount = fc.constantFrom('0', '1', '-2', '0.5')
	const event = fc.oneof(
		fc.record({port: fc.constant('position'), payload: fc.tuple(amount, symbol).map(([of, on]) => position(of, on))}),
		fc.record({port: fc.constant('balance'), payload: fc.integer({min: 1, max: 999}).map(of => balance(String(of)))}),
		fc.record({
			port: fc.constant('tick'),
			payload: fc.tuple(fc.integer({min: 50, max: 150}), symbol).map(([of, on]) => tick(String(of), on)),
		}),
	)
	const story = fc.array(fc.tuple(event, fc.integer({min: 0, max: 900}), fc.boolean()), {minLength: 1, maxLength: 40})
	await fc.assert(
		fc.asyncProperty(story, async steps => {
			const tell = async (restarting: boolean) => {
				const clock = new HandClock()
				let unit = await drive(portfolioStatePublisher, {clock})
				const times: number[] = []
				const count = async () => {
					const entries = await unit.bus.range(unit.naming.stream('portfolio.state'), {count: 1_000})
					while (times.length < entries.length) times.push(clock.machine())
				}
				await unit.send('balance', balance('500'))
				await count()
				for (const [{port, payload}, wait_ms, restart] of steps) {
					clock.advance(wait_ms)
					if (restarting && restart) unit = await drive(portfolioStatePublisher, {clock, bus: unit.bus})
					await unit.send(port, payload)
					await count()
				}
				clock.advance(1_000)
				await unit.timer('flush')
				await count()
				const [newest] = await unit.bus.range(unit.naming.stream('portfolio.state'), {count: 1, newest_first: true})
				return {times, key: keyOf(unit), newest: newest?.fields}
			}
			const {times, key, newest} = await tell(false)
			expect((await tell(true)).times).toEqual(times)
			expect((await tell(true)).key).toEqual(key)
			for (const [index, time] of times.entries())
				if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000)

			let holdings = withBalance(emptyHoldings, 'USDT', '500')
			let now_ms = new HandClock().venue()
			for (const [{port, payload}, wait_ms] of steps) {
				now_ms += wait_ms
				if ('asset' in payload) holdings = withBalance(holdings, payload.asset, payload.wallet_balance)
				else if ('amount' in payload) holdings = withPosition(holdings, payload, now_ms)
				else if (port === 'tick') holdings = withTick(holdings, payload, now_ms)
			}
			const {positions: _, ...figures} = snapshotOf(holdings) ?? {positions: []}
			const text = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, String(value)]))
			expect(key).toMatchObject(text)
			expect(newest).toMatchObject(text)
		}),
		{numRuns: 40},
	)
})
