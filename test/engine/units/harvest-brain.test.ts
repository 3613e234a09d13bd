import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {planPayload} from '../../../src/engine/contracts/streams/trade.js'
import {completed} from '../../../src/engine/logic/closing.js'
import {requestOf} from '../../../src/engine/logic/order-steps.js'
import {harvestBrain} from '../../../src/engine/units/exec/harvest-brain.js'
import {drive, type Emitted, HandClock} from '../../support/drive.js'

const live = {harvest: {...defaultPolicy.harvest, mode: 'live' as const}}
const long = {
	symbol: 'BTCUSDT',
	amount: '0.50',
	entry_price: '100',
	opened_ms: 1_749_999_000_000,
	source: 'fill',
	stop_resting: true,
	stop_price: '96',
	stop_client_id: 's-plan-1',
	initial_stop_price: '96',
}
const short = {...long, amount: '-0.50', stop_price: '104', initial_stop_price: '104'}
const part = {
	proposal_id: 'proposal-1',
	symbol: 'BTCUSDT',
	opened_ms: long.opened_ms,
	action: 'HARVEST_PARTIAL',
	close_share: 0.25,
	r: 0.5,
	r_usdt: '2',
	reason: 'first',
	heat: 0,
	factor: 1,
}
const {close_share: _, ...bare} = part
const move = (stop_price: string, changes: Record<string, unknown> = {}) => ({
	...bare,
	action: 'TRAIL_UPDATE',
	reason: 'trail',
	stop_price,
	...changes,
})
const start = async (position: Record<string, unknown> = long, policy: Record<string, unknown> = live, speed = 1) => {
	const clock = new HandClock(1_750_000_000_000, 1_700_000_000_000, speed)
	const unit = await drive(harvestBrain, {policy, clock})
	await unit.send('position', position)
	return unit
}
const plansOf = (emitted: readonly Emitted[]) =>
	emitted.filter(({stream}) => stream === 'apply.plan').map(({payload}) => planPayload.parse(payload))
const said = (emitted: readonly Emitted[]) =>
	emitted.filter(({stream}) => stream === 'harvest.suggestions').map(({payload}) => [payload.sent, payload.reason])

describe('live', () => {
	test.each([
		{position: long, side: 'SELL'},
		{position: short, side: 'BUY'},
	])('a part is closed by $side, with an explicit size', async ({position, side}) => {
		const unit = await start(position)
		const emitted = await unit.send('calibrated', part)
		expect(said(emitted)).toEqual([[true, 'first']])
		const [plan] = plansOf(emitted)
		expect(plan).toEqual({
			plan_id: expect.stringMatching(/^[0-9a-f]{16}$/),
			symbol: 'BTCUSDT',
			action: 'HARVEST_PARTIAL',
			side,
			quantity: '0.125',
			source: 'harvest-brain',
			reason: 'harvest first',
		})
		expect(unit.bus.store.get('test:dedup:harvest:BTCUSDT:proposal-1')).toBe(plan?.plan_id)
	})

	test.each([
		{position: long, side: 'SELL', stop: '100.1', action: 'MOVE_SL_BE'},
		{position: short, side: 'BUY', stop: '99.9', action: 'TRAIL_UPDATE'},
	])(
		'$action places a stop for the whole position, then cancels the one that rests',
		async ({position, side, stop, action}) => {
			const unit = await start(position)
			const [plan] = plansOf(await unit.send('calibrated', move(stop, {action})))
			expect(plan).toMatchObject({side, quantity: '0.50', stop_price: stop, cancel_ids: ['s-plan-1'], action})
			if (!plan) throw new Error('expected a plan')
			expect(completed(plan, position.amount, defaultPolicy)).toEqual(plan)
			const input = {plan, epoch: 1, notional_usdt: undefined, quote_price: undefined, operator: false, now_ms: 1}
			const steps = requestOf({...input, policy: defaultPolicy})?.steps
			expect(steps).toEqual([
				expect.objectContaining({do: 'stop', side, trigger_price: stop, quantity: '0.50', close_position: false}),
				{do: 'cancel', client_order_id: 's-plan-1', algo: true},
			])
		},
	)

	test('a hot portfolio takes more, never more than the whole', async () => {
		const quantities: unknown[] = []
		for (const close_share of [0.25, 0.75]) {
			const unit = await start()
			await unit.send('heat', {scope: 'portfolio', heat: 1, factor: 2})
			await unit.send('heat', {scope: 'BTCUSDT', heat: 1, factor: 9})
			const [plan] = plansOf(await unit.send('calibrated', {...part, close_share}))
			quantities.push(plan?.quantity)
		}
		expect(quantities).toEqual(['0.25', '0.5'])
	})
})

describe('not sent, and said why', () => {
	test.each<{
		why: string
		position?: Record<string, unknown>
		proposal: Record<string, unknown>
		policy?: Record<string, unknown>
	}>([
		{why: 'first (shadow)', proposal: part, policy: {}},
		{why: 'first (no position)', position: {...long, amount: '0'}, proposal: part},
		{why: 'first (of another position)', position: {...long, opened_ms: 1}, proposal: part},
		{why: 'first (the part is nothing)', position: {...long, amount: '0.000000000000000001'}, proposal: part},
		{why: 'first (no part named)', proposal: bare},
		{why: 'trail (the stop at 96 is as good)', proposal: move('96')},
		{why: 'trail (the stop at 96 is as good)', proposal: move('95.9')},
		{why: 'trail (the stop at 104 is as good)', position: short, proposal: move('104.1')},
		{
			why: 'trail (the resting stop is not known)',
			position: {...long, stop_client_id: undefined},
			proposal: move('101'),
		},
	])('$why', async ({why, position = long, proposal, policy = live}) => {
		const emitted = await (await start(position, policy)).send('calibrated', proposal)
		expect(said(emitted)).toEqual([[false, why]])
		expect(plansOf(emitted)).toEqual([])
	})

	test('what is only measured, or was sent before, is not even said', async () => {
		const unit = await start()
		expect(await unit.send('calibrated', part, {authority: 'shadow'})).toEqual([])
		expect(await unit.send('calibrated', part)).toHaveLength(2)
		expect(await unit.send('calibrated', part)).toEqual([])
	})
})

describe('one plan of a symbol at a time', () => {
	const next = {...move('100.1'), proposal_id: 'proposal-2'}
	const waits = async () => {
		const unit = await start()
		const [plan] = plansOf(await unit.send('calibrated', part))
		expect(await unit.send('calibrated', next)).toEqual([])
		expect(await unit.timer('retry')).toEqual([])
		return {unit, plan_id: plan?.plan_id ?? ''}
	}
	const fill = (plan_id: string, effect: string, position_amount: string) => ({
		plan_id,
		symbol: 'BTCUSDT',
		trade_id: '1',
		order_id: '1',
		side: 'SELL',
		price: '102',
		quantity: '0.125',
		notional_usdt: '12.75',
		fee: '0',
		fee_asset: 'USDT',
		realised_pnl: '0.25',
		liquidity: 'TAKER',
		effect,
		position_amount,
	})

	test('the next goes when the size changed', async () => {
		const {unit} = await waits()
		await unit.send('position', {...long, amount: '0.375'})
		expect(plansOf(await unit.timer('retry'))).toMatchObject([{quantity: '0.375', stop_price: '100.1'}])
		expect(await unit.timer('retry')).toEqual([])
	})

	test('or when its own fill was seen, not that of another', async () => {
		const {unit, plan_id} = await waits()
		await unit.send('result', fill('another-plan', 'REDUCE', '0.375'))
		expect(await unit.timer('retry')).toEqual([])
		await unit.send('result', fill(plan_id, 'REDUCE', '0.375'))
		expect(plansOf(await unit.timer('retry'))).toHaveLength(1)
	})

	test('one that was not seen to work for the life of a permit is asked for again, three times in all', async () => {
		const {unit, plan_id} = await waits()
		const asked: unknown[] = []
		for (let look = 0; look < 4; look += 1) {
			unit.clock.advance(30_000)
			expect(plansOf(await unit.timer('retry'))).toEqual([])
			unit.clock.advance(1)
			const emitted = await unit.timer('retry')
			for (const plan of plansOf(emitted)) asked.push([plan.action, plan.quantity, plan.plan_id === plan_id])
		}
		expect(asked).toEqual([
			['HARVEST_PARTIAL', '0.125', false],
			['HARVEST_PARTIAL', '0.125', false],
		])
	})

	test('what waits too long is dropped, and said', async () => {
		const {unit} = await waits()
		unit.clock.advance(60_001)
		expect(said(await unit.timer('retry'))).toEqual([
			[true, 'first'],
			[false, 'trail (another is in flight)'],
		])
	})

	test('nothing waits for a position that is closed', async () => {
		const {unit, plan_id} = await waits()
		await unit.send('result', fill(plan_id, 'CLOSE', '0'))
		unit.clock.advance(60_000)
		expect(await unit.timer('retry')).toEqual([])
		expect(said(await unit.send('calibrated', next))).toEqual([[false, 'trail (no position)']])
	})
})

test('over all symbols at most as many actions within any minute as the policy allows, and stops of a symbol never fall', async () => {
	const policy = {harvest: {...live.harvest, actions_per_minute_max: 3}}
	const step = fc.tuple(fc.constantFrom('AUSDT', 'BUSDT', 'CUSDT', 'DUSDT'), fc.integer({min: 0, max: 15_000}))
	await fc.assert(
		fc.asyncProperty(fc.array(step, {minLength: 4, maxLength: 25}), async steps => {
			const unit = await start(long, policy)
			const sent_ms: number[] = []
			const stops: Record<string, number> = {}
			for (const [index, [symbol, wait_ms]] of steps.entries()) {
				unit.clock.advance(wait_ms)
				const stop_price = String(96 + index / 100)
				const position = {...long, symbol, stop_price, stop_client_id: `s-${index}`}
				await unit.send('position', position)
				const proposal = {...move(String(97 + index / 100)), symbol, proposal_id: `p-${index}`}
				const emitted = [...(await unit.timer('retry')), ...(await unit.send('calibrated', proposal))]
				for (const plan of plansOf(emitted)) {
					sent_ms.push(unit.clock.venue())
					expect(Number(plan.stop_price)).toBeGreaterThanOrEqual(stops[plan.symbol] ?? 0)
					stops[plan.symbol] = Number(plan.stop_price)
				}
			}
			for (const [index, ms] of sent_ms.entries()) {
				const before = sent_ms[index - 3]
				if (before !== undefined) expect(ms - before).toBeGreaterThanOrEqual(60_000)
			}
		}),
		{numRuns: 40},
	)
})
