import {describe, expect, test} from 'vitest'
import {reconcileEngine} from '../../../src/engine/units/state/reconcile-engine.js'
import {drive, type Emitted} from '../../support/drive.js'
import {connection, fill} from './account-events.js'
import {inspection, order, venueHolds} from './inspections.js'
import {agreed, alerts, drifted, outcomes, snapshot, start} from './reconciling.js'

describe('when it looks', () => {
	test('at start, then by the clock', async () => {
		const {tick, answer, asked, last} = await start()
		await tick()
		expect(asked()).toBe(1)
		expect(outcomes(await answer(agreed))).toEqual(['CLEAN'])
		expect(last()).toMatchObject({outcome: 'CLEAN', differences: '0', venue_ms: '1750000000000'})
		for (let second = 1; second < 60; second += 1) await tick()
		expect(asked()).toBe(0)
		await tick()
		expect(asked()).toBe(1)
	})
	test('after a resync', async () => {
		const {unit, tick, answer, asked} = await start()
		await tick()
		await answer(agreed)
		await unit.send('account', connection('RESYNCED'))
		await tick()
		expect(asked()).toBe(1)
	})
	test('sooner after a run that was not clean', async () => {
		const {tick, run, asked} = await start()
		expect(outcomes(await run(drifted))).toContain('DRIFT')
		for (let second = 1; second < 5; second += 1) await tick()
		expect(asked()).toBe(0)
		await tick()
		expect(asked()).toBe(1)
	})
	test('one run at a time', async () => {
		const {unit, tick, asked} = await start()
		await tick()
		await unit.send('account', connection('RESYNCED'))
		await tick()
		expect(asked()).toBe(1)
	})
})

describe('a difference', () => {
	test('counts when two inspections in a row show it', async () => {
		const {tick, answer, last} = await start()
		await tick()
		expect(await answer(drifted)).toEqual([])
		await tick()
		const emitted = await answer(drifted)
		expect(outcomes(emitted)).toEqual(['CORRECTION', 'DRIFT'])
		expect(emitted[0]?.payload).toMatchObject({
			invariant: 'R1',
			symbol: 'BTCUSDT',
			expected: '0.1',
			amount: '0.3',
			entry_price: '51000',
			stop_resting: true,
		})
		expect(alerts(emitted)).toEqual(['POSITION_DRIFT'])
		expect(last()).toMatchObject({outcome: 'DRIFT', differences: '1'})
	})

	const moved = {...snapshot, amount: '0.3', entry_price: '51000'}
	type Session = Awaited<ReturnType<typeof start>>
	test.each<[string, (session: Session) => Promise<unknown>]>([
		['an event before the first answer', ({unit}) => unit.send('account', fill({trade_id: '9'}))],
		['a snapshot before the first answer', ({unit}) => unit.send('position', snapshot)],
	])('does not count with %s', async (_, happens) => {
		const session = await start()
		await session.tick()
		await happens(session)
		await session.answer(drifted)
		await session.tick()
		expect(outcomes(await session.answer(drifted))).toEqual([])
		// Quiet since: now it is real.
		await session.tick()
		expect(outcomes(await session.answer(drifted))).toEqual(['CORRECTION', 'DRIFT'])
	})
	test('does not count with an event between the answers', async () => {
		const {unit, tick, answer} = await start()
		await tick()
		await answer(drifted)
		await unit.send('account', fill({trade_id: '9'}))
		await tick()
		expect(outcomes(await answer(drifted))).toEqual([])
		await unit.send('position', moved)
		await tick()
		expect(outcomes(await answer(drifted))).toEqual(['CLEAN'])
	})
	test('does not count when the second inspection shows another one', async () => {
		const {tick, answer} = await start()
		await tick()
		await answer(inspection())
		await tick()
		expect(outcomes(await answer(drifted))).toEqual([])
		await tick()
		expect(outcomes(await answer(agreed))).toEqual(['CLEAN'])
	})
	test('of what moves all the time proves nothing', async () => {
		const {unit, tick, answer} = await start()
		let ended: Emitted[] = []
		for (let turn = 0; turn < 6; turn += 1) {
			await tick()
			await unit.send('account', fill({trade_id: String(turn)}))
			ended = await answer(drifted)
		}
		expect(outcomes(ended)).toEqual(['FAILED'])
	})
	test('events of another symbol do not disturb it', async () => {
		const {unit, tick, answer} = await start()
		await tick()
		await answer(drifted)
		await unit.send('account', fill({symbol: 'ETHUSDT'}))
		await tick()
		expect(outcomes(await answer(drifted))).toEqual(['CORRECTION', 'DRIFT'])
	})
	test('is reported once while it stands', async () => {
		const {run} = await start()
		const foreign = venueHolds('0.1', '50000', undefined, {orders: [order()]})
		expect(alerts(await run(foreign))).toEqual(['FOREIGN_ORDER'])
		expect(alerts(await run(foreign))).toEqual([])
		expect(outcomes(await run(agreed))).toEqual(['CLEAN'])
		expect(alerts(await run(foreign))).toEqual(['FOREIGN_ORDER'])
	})
})

describe('what is not known is never flat', () => {
	test('an inspection that failed', async () => {
		const {unit, tick, last} = await start()
		await tick()
		const emitted = await unit.result('inspect', {ok: false, error: 'HTTP 503'})
		expect(outcomes(emitted)).toEqual(['FAILED'])
		expect(alerts(emitted)).toEqual([])
		expect(last()).toMatchObject({outcome: 'FAILED', detail: 'HTTP 503'})
	})
	test('is reported from the second on, once', async () => {
		const {unit, tick} = await start()
		const codes: unknown[] = []
		for (let second = 0; second < 20; second += 1) {
			codes.push(...alerts(await tick()))
			if (unit.effects.length > 0) codes.push(...alerts(await unit.result('inspect', {ok: false, error: 'HTTP 503'})))
		}
		expect(codes).toEqual(['RECONCILE_FAILED'])
	})
	test('one that is not answered, and its answer that comes too late', async () => {
		const {tick, answer, asked} = await start()
		await tick()
		const emitted: Emitted[] = []
		for (let second = 0; second < 30; second += 1) emitted.push(...(await tick()))
		expect(outcomes(emitted)).toEqual(['FAILED'])
		expect(asked()).toBe(1)
		expect(await answer(inspection())).toEqual([])
	})
	test.each(['LOST', 'CONNECTED'] as const)(
		'while the account stream is %s, even without a difference',
		async status => {
			const {run} = await start(status)
			expect(outcomes(await run(agreed))).toEqual(['FAILED'])
		},
	)
	test('a loss is seen at once', async () => {
		const {unit, run, last} = await start()
		await run(agreed)
		await unit.send('account', connection('LOST'))
		expect(outcomes(await run(agreed))).toEqual(['FAILED'])
		expect(last().outcome).toBe('FAILED')
	})
	test('before the first resync differences wait', async () => {
		const {unit, run} = await start('none')
		expect(outcomes(await run(drifted))).toEqual(['FAILED'])
		await unit.send('account', connection('RESYNCED'))
		expect(outcomes(await run(drifted))).toEqual(['CORRECTION', 'DRIFT'])
	})
})

describe('the wallet', () => {
	const poorer = [{asset: 'USDT', wallet_balance: '998'}]
	test('is told when nobody has pushed it, which is no drift', async () => {
		const {run} = await start()
		const emitted = await run(
			venueHolds('0.1', '50000', undefined, {
				balances: [
					{asset: 'BNB', wallet_balance: '1.50'},
					{asset: 'USDC', wallet_balance: '0'},
				],
			}),
		)
		expect(emitted.map(({payload}) => [payload.outcome, payload.invariant, payload.detail, payload.actual])).toEqual([
			['CORRECTION', 'R6', 'BNB', '1.50'],
			['CLEAN', undefined, '', undefined],
		])
	})
	test('is the venue’s, and agreed upon from then on', async () => {
		const {run} = await start()
		const emitted = await run(venueHolds('0.1', '50000', undefined, {balances: poorer}))
		expect(outcomes(emitted)).toEqual(['CORRECTION', 'DRIFT'])
		expect(alerts(emitted)).toEqual(['BALANCE_DRIFT'])
		expect(outcomes(await run(venueHolds('0.1', '50000', undefined, {balances: poorer})))).toEqual(['CLEAN'])
	})
	test('ahead of us together with a position means a fill on its way: that is waited for, not for ever', async () => {
		const {run} = await start()
		const ahead = venueHolds('0.3', '51000', undefined, {balances: poorer})
		for (let held = 0; held < 3; held += 1) expect(outcomes(await run(ahead))).toEqual(['DRIFT'])
		expect(outcomes(await run(ahead))).toEqual(['CORRECTION', 'CORRECTION', 'DRIFT'])
	})
})

test('a position without a stop is an alarm at once, and recommended to be closed when it stays', async () => {
	const {unit, run} = await start()
	await unit.send('position', {...snapshot, stop_resting: false})
	const naked = venueHolds('0.1', '50000', [])
	expect(alerts(await run(naked))).toEqual(['POSITION_WITHOUT_STOP'])
	const closes: Emitted[] = []
	for (let more = 0; more < 8; more += 1)
		closes.push(...(await run(naked)).filter(({stream}) => stream === 'reconcile.close'))
	expect(closes.map(({payload}) => payload)).toMatchObject([{symbol: 'BTCUSDT', amount: '0.1'}])
})

test('a run goes on after a restart', async () => {
	const first = await start()
	await first.tick()
	await first.answer(drifted)
	await first.tick()
	const next = await drive(reconcileEngine, {bus: first.unit.bus, clock: first.unit.clock})
	expect(next.recovered).toHaveLength(1)
	next.effects.push(...next.recovered)
	await next.result('inspect', {ok: true, result: drifted})
	expect(next.bus.store.hashGet('test:reconcile:last', 'outcome')).toBe('DRIFT')
})
