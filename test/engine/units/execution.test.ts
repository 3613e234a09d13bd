import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {add, equal, exact} from '../../../src/engine/logic/exact.js'
import {execution} from '../../../src/engine/units/exec/execution.js'
import {drive} from '../../support/drive.js'
import {balance} from './account-events.js'
import {allowed, closed, fills, only, plans, SYMBOL, startExecution, tell, traded} from './executing.js'

describe('a first fill', () => {
	test('is told with its plan and the position; of an order that nobody told of it asks for stops by policy', async () => {
		const unit = await startExecution()
		const emitted = await tell(unit, traded('q-plan', 0.4, {fee: '0.02', maker: true}))
		expect(fills(emitted)).toMatchObject([
			{
				plan_id: 'plan',
				client_order_id: 'q-plan',
				side: 'BUY',
				price: '100',
				quantity: '0.4',
				fee: '0.02',
				maker: true,
				position_amount: '0.4',
			},
		])
		expect(plans(emitted)).toMatchObject([
			{action: 'PROTECT', symbol: SYMBOL, side: 'SELL', stop_price: '97', target_price: '103.99', source: 'execution'},
		])
	})

	test.each([
		[1, {}, '97', '103.99', 'SELL'],
		[-1, {}, '103', '96.01', 'BUY'],
		[1, {stop_price: '95'}, '95', '103.99', 'SELL'],
		[-1, {target_price: '90'}, '103', '90', 'BUY'],
	])(
		'of %d that adds with levels %j gets the rest by policy',
		async (quantity, levels, stop_price, target_price, side) => {
			const unit = await startExecution()
			await unit.send('verdict', allowed('plan', {...levels, action: 'ADD'}))
			expect(plans(await tell(unit, traded('q-plan', quantity)))).toMatchObject([{side, stop_price, target_price}])
		},
	)

	test.each(['web_abc', 'autoclose-1', 'x-other'])(
		'of a foreign order (%s) is protected by policy',
		async client_id => {
			const unit = await startExecution()
			const emitted = await tell(unit, traded(client_id, 1))
			expect(fills(emitted)).toMatchObject([{plan_id: 'foreign'}])
			expect(plans(emitted)).toMatchObject([{action: 'PROTECT', stop_price: '97'}])
		},
	)

	test('asks once, however many parts it comes in', async () => {
		const unit = await startExecution()
		const asked = []
		for (const part of [0.1, 0.2, 0.3]) asked.push(...plans(await tell(unit, traded('q-plan', part))))
		expect(asked).toHaveLength(1)
	})

	test('has levels in plain decimals at any price', async () => {
		const unit = await startExecution()
		const plan = only(plans(await tell(unit, traded('q-plan', 1000, {price: '0.00000012'}))))
		expect([plan.stop_price, plan.target_price]).toEqual(['0.0000001164', '0.000000124788'])
	})
})

describe('a closed trade', () => {
	test('from flat to flat, in parts, with all that it cost', async () => {
		const unit = await startExecution()
		await unit.send('verdict', allowed('plan', {reason: 'trend'}))
		await unit.send('verdict', allowed('exit', {action: 'PARTIAL_CLOSE_50', side: 'SELL', reason: 'trailing'}))
		await tell(unit, traded('q-plan', 1, {price: '100', fee: '0.05'}))
		unit.clock.advance(1_000)
		await tell(unit, traded('q-add', 1, {price: '110', fee: '0.055'}))
		await tell(unit, traded('q-part', -0.5, {price: '120', fee: '0.03', realised_pnl: '7.5'}))
		unit.clock.advance(1_000)
		const emitted = await tell(unit, traded('q-exit', -1.5, {price: '104', fee: '0.078', realised_pnl: '-1.5'}))
		expect(closed(emitted)).toMatchObject([
			{
				symbol: SYMBOL,
				side: 'LONG',
				quantity: '2',
				entry_price: '105',
				exit_price: '108',
				realised_pnl: '6',
				fees: '0.213',
				net_pnl: '5.787',
				opened_ms: unit.clock.venue() - 2_000,
				closed_ms: unit.clock.venue(),
				plan_id: 'plan',
				exit_plan_id: 'exit',
				exit_reason: 'trailing',
			},
		])
		expect(fills(emitted)).toMatchObject([{position_amount: '0'}])
	})

	test.each([
		['s-protect1', 'stop', 'protect1'],
		['t-protect1', 'target', 'protect1'],
		['autoclose-99', 'liquidation', 'foreign'],
		['adl_autoclose', 'adl', 'foreign'],
		['settlement_autoclose-7', 'settlement', 'foreign'],
		['web_abc', 'foreign', 'foreign'],
		['q-unknown', 'exit', 'unknown'],
	])('by an order of client id %s: %s', async (client_id, exit_reason, exit_plan_id) => {
		const unit = await startExecution()
		await tell(unit, traded('q-plan', -1))
		const emitted = await tell(unit, traded(client_id, 1, {price: '99', realised_pnl: '1'}))
		expect(closed(emitted)).toMatchObject([{side: 'SHORT', exit_reason, exit_plan_id, net_pnl: '1'}])
		expect(plans(emitted)).toEqual([])
	})

	test('with fees in another asset, apart from those in its own', async () => {
		const unit = await startExecution()
		await tell(unit, traded('q-long', 1, {fee: '0.0003', fee_asset: 'BNB'}))
		await tell(unit, traded('q-part', -0.4, {fee: '0.02', realised_pnl: '1'}))
		const emitted = await tell(unit, traded('q-exit', -0.6, {fee: '0.0002', fee_asset: 'BNB', realised_pnl: '2'}))
		expect(closed(emitted)).toMatchObject([{fees: '0.02', other_fees: {BNB: '0.0005'}, net_pnl: '2.98'}])
		await tell(unit, traded('q-next', 1, {fee: '0.05'}))
		const next = only(closed(await tell(unit, traded('q-over', -1, {fee: '0.05'}))))
		expect(next).toMatchObject({fees: '0.1'})
		expect(next).not.toHaveProperty('other_fees')
	})

	test('that turns through flat with fees in another asset: each bears its part', async () => {
		const unit = await startExecution()
		await tell(unit, traded('q-long', 1))
		const turned = await tell(unit, traded('q-turn', -3, {fee: '0.0003', fee_asset: 'BNB'}))
		expect(closed(turned)).toMatchObject([{fees: '0', other_fees: {BNB: '0.0001'}}])
		const last = await tell(unit, traded('q-last', 2, {fee: '0.0001', fee_asset: 'BNB'}))
		expect(closed(last)).toMatchObject([{fees: '0', other_fees: {BNB: '0.0003'}}])
	})

	test('that turns through flat begins the next; each bears its part of the fee', async () => {
		const unit = await startExecution()
		await tell(unit, traded('q-long', 1, {fee: '0.05'}))
		const turned = await tell(unit, traded('q-turn', -3, {price: '90', fee: '0.135', realised_pnl: '-10'}))
		expect(closed(turned)).toMatchObject([{quantity: '1', fees: '0.095', net_pnl: '-10.095', exit_price: '90'}])
		expect(plans(turned)).toMatchObject([{action: 'PROTECT', side: 'BUY', stop_price: '92.7'}])
		expect(fills(turned)).toMatchObject([{position_amount: '-2'}])
		const last = await tell(unit, traded('q-last', 2, {price: '80', fee: '0.08', realised_pnl: '20'}))
		expect(closed(last)).toMatchObject([
			{side: 'SHORT', quantity: '2', entry_price: '90', fees: '0.17', net_pnl: '19.83', plan_id: 'turn'},
		])
	})

	test('counts the fees of the asset that it settles in; others are not money of the same kind', async () => {
		const unit = await startExecution()
		await tell(unit, traded('q-plan', 1, {fee: '0.0001', fee_asset: 'BNB'}))
		expect(closed(await tell(unit, traded('q-exit', -1, {fee: '0.05'})))).toMatchObject([{fees: '0.05'}])
	})

	test('remembers the plan that opened it, however many follow', async () => {
		const unit = await startExecution()
		await unit.send('verdict', allowed('plan', {action: 'ADD', stop_price: '97.5', reason: 'trend'}))
		const first = only(plans(await tell(unit, traded('q-plan', 1))))
		for (let index = 0; index < 40; index += 1)
			await unit.send('verdict', allowed(`exit-${index}`, {action: 'PARTIAL_CLOSE_25', side: 'SELL'}))
		await unit.send('verdict', allowed(first.plan_id, {action: 'PROTECT', side: 'SELL'}))
		unit.clock.advance(5_000)
		expect(plans(await unit.timer('sweep'))).toMatchObject([{action: 'PROTECT', stop_price: '97.5'}])
	})
})

test('verdicts that are not ALLOW, and other events of the account, change nothing', async () => {
	const unit = await startExecution()
	await unit.send('verdict', {...allowed('plan', {stop_price: '50'}), verdict: 'REPEAT'})
	expect(await tell(unit, balance())).toEqual([])
	expect(plans(await tell(unit, traded('q-plan', 1)))).toMatchObject([{stop_price: '97'}])
})

/** What the venue reports for a history of fills: signed amount and realised PnL at average cost. */
const story = fc.array(
	fc.record({
		quantity: fc.integer({min: -300, max: 300}).filter(quantity => quantity !== 0),
		cents: fc.integer({min: 5_000, max: 15_000}),
		fee: fc.integer({min: -9, max: 99_999}),
	}),
	{minLength: 1, maxLength: 14},
)

test('over any fills the trades add up to the account, restarted before each of them or not', async () => {
	await fc.assert(
		fc.asyncProperty(story, async steps => {
			const play = async (restarting: boolean) => {
				let unit = await startExecution()
				let amount = '0'
				let value = exact(0)
				const sums = {realised: '0', fees: '0', closing: '0'}
				const trades = []
				const said: unknown[] = []
				for (const [index, {quantity, cents, fee}] of steps.entries()) {
					if (restarting) unit = await drive(execution, {bus: unit.bus, clock: unit.clock})
					if (restarting) await unit.timer('sweep')
					const price = exact(cents).div(100)
					const signed = exact(quantity).div(1000)
					const held = exact(amount)
					// The part that closes realises against the average cost of what is held.
					const closing =
						held.isZero() || held.s === signed.s ? exact(0) : signed.abs().lt(held.abs()) ? signed.abs() : held.abs()
					const average = held.isZero() ? exact(0) : value.div(held)
					const realised = price
						.sub(average)
						.mul(closing)
						.mul(held.s || 1)
						.toDecimalPlaces(8)
					value = value.sub(average.mul(closing).mul(held.s || 1)).add(price.mul(signed.add(closing.mul(held.s || 1))))
					amount = held.add(signed).toFixed()
					if (exact(amount).isZero()) value = exact(0)
					sums.realised = add(sums.realised, realised.toFixed())
					sums.fees = add(sums.fees, exact(fee).div(100_000).toFixed())
					const event = traded('q-plan', 1, {
						trade_id: String(index),
						side: quantity > 0 ? 'BUY' : 'SELL',
						quantity: signed.abs().toFixed(),
						price: price.toFixed(),
						fee: exact(fee).div(100_000).toFixed(),
						realised_pnl: realised.toFixed(),
					})
					const emitted = await unit.send('account', event, {id: `fill-${index}`})
					expect(equal(String(only(fills(emitted)).position_amount), amount)).toBe(true)
					trades.push(...closed(emitted))
					said.push(
						...(restarting ? emitted.filter(({envelope}) => envelope.cause === `fill-${index}`) : emitted).map(
							({fields}) => fields,
						),
					)
				}
				// Closes what is left, so that every sum is in a closed trade.
				if (exact(amount).isZero()) return {trades, sums, said}
				const left = traded('q-end', exact(amount).isPositive() ? -1 : 1, {
					trade_id: 'end',
					quantity: exact(amount).abs().toFixed(),
				})
				trades.push(...closed(await unit.send('account', left, {id: 'end'})))
				return {trades, sums, said}
			}
			const {trades, sums, said} = await play(false)
			const total = (field: string) => trades.reduce((sum, one) => add(sum, String(one[field])), '0')
			expect(total('realised_pnl')).toBe(sums.realised)
			expect(total('fees')).toBe(sums.fees)
			expect(equal(total('net_pnl'), exact(sums.realised).sub(sums.fees).toFixed())).toBe(true)
			for (const {entry_price, exit_price, quantity, side, realised_pnl} of trades.slice(0, -1)) {
				const made = exact(String(exit_price))
					.sub(String(entry_price))
					.mul(String(quantity))
					.mul(side === 'LONG' ? 1 : -1)
				expect(Math.abs(made.sub(String(realised_pnl)).toNumber())).toBeLessThan(1e-6)
			}
			expect((await play(true)).said).toEqual(said)
		}),
		{numRuns: 60},
	)
})
