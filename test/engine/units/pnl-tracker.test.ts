import {describe, expect, test} from 'vitest'
import type {IncomeReading} from '../../../src/engine/logic/income-days.js'
import {pnlTracker} from '../../../src/engine/units/state/pnl-tracker.js'
import {drive, HandClock} from '../../support/drive.js'
import {balance, fill, income} from './account-events.js'

const DAY = '2025-06-15'
const VENUE_MS = Date.UTC(2025, 5, 15, 15)
const sums = {realised_pnl: '4', commission: '-0.1', funding: '0', transfers: '0', other: '0', net: '3.9', rows: 2}
const missing = {
	kind: 'missing',
	id: '7',
	symbol: 'BTCUSDT',
	type: 'FUNDING_FEE',
	asset: 'USDT',
	ledger: '',
	venue: '-1',
} as const
const answer = (differences: IncomeReading['differences'] = [], venue_ms = VENUE_MS) => ({
	ok: true as const,
	result: {
		days: {[DAY]: {USDT: sums}},
		differences,
		open: differences.length > 0 ? {[DAY]: differences.length} : {},
		venue_ms,
	},
})
const start = () => drive(pnlTracker, {clock: new HandClock(VENUE_MS, 1_700_000_000_000)})
type Unit = Awaited<ReturnType<typeof start>>
const codes = (emitted: ReadonlyArray<{payload: Record<string, unknown>}>) => emitted.map(({payload}) => payload.code)

/** One reading from question to answer. */
const reads = async (unit: Unit, outcome: Parameters<Unit['result']>[1] = answer()) => {
	unit.clock.advance(60_000)
	await unit.timer('read')
	return unit.result('income', outcome)
}

describe('readings', () => {
	test.each([
		{after: 'a fill', event: fill(), wait_ms: 15_000},
		{after: 'an income', event: income(), wait_ms: 15_000},
		{after: 'anything else', event: balance(), wait_ms: 60_000},
	])('after $after the next comes in $wait_ms ms', async ({event, wait_ms}) => {
		const unit = await start()
		await reads(unit)
		await unit.send('account', event)
		unit.clock.advance(wait_ms - 1)
		await unit.timer('read')
		expect(unit.effects).toEqual([])
		unit.clock.advance(1)
		await unit.timer('read')
		expect(unit.effects.map(({request}) => request)).toEqual([{from_ms: Date.UTC(2025, 5, 15)}])
	})

	test('begin with the whole history, one at a time', async () => {
		const unit = await start()
		await unit.timer('read')
		expect(unit.effects.map(({request}) => request)).toEqual([{from_ms: 0}])
		unit.clock.advance(600_000)
		await unit.timer('read')
		expect(unit.effects).toHaveLength(1)
	})

	test.each([
		[Date.UTC(2025, 5, 16, 1, 59), Date.UTC(2025, 5, 15)],
		[Date.UTC(2025, 5, 16, 2), Date.UTC(2025, 5, 16)],
	])('go on from a day until two hours after its end: at %i from %i', async (venue_ms, from_ms) => {
		const unit = await start()
		await reads(unit, answer([], venue_ms))
		unit.clock.advance(60_000)
		await unit.timer('read')
		expect(unit.effects[0]?.request).toEqual({from_ms})
	})

	test('never go back when the venue’s clock does', async () => {
		const unit = await start()
		await reads(unit, answer([], Date.UTC(2025, 5, 18)))
		await reads(unit, answer([], Date.UTC(2025, 5, 10)))
		await unit.send('account', fill())
		unit.clock.advance(60_000)
		await unit.timer('read')
		expect(unit.effects[0]?.request).toEqual({from_ms: Date.UTC(2025, 5, 17)})
	})

	test('are written by day, each with its time', async () => {
		const unit = await start()
		await reads(unit, answer([missing]))
		expect(unit.bus.store.hashAll(`test:pnl:${DAY}`)).toEqual({
			...sums,
			rows: '2',
			differences: '1',
			venue_ms: String(VENUE_MS),
			machine_ms: String(unit.clock.machine()),
		})
	})

	test('that fail are repeated, and reported once when three in a row do', async () => {
		const unit = await start()
		const failed = {ok: false as const, error: 'no answer'}
		const told: unknown[] = []
		for (let count = 0; count < 5; count += 1) told.push(codes(await reads(unit, failed)))
		expect(told).toEqual([[], [], ['INCOME_UNREAD'], [], []])
		expect(codes(await reads(unit))).toEqual([])
		expect(unit.bus.store.hashAll(`test:pnl:${DAY}`)).toMatchObject({net: '3.9'})
	})
})

describe('a difference', () => {
	test('is an alert when it stands for 90 s, once', async () => {
		const unit = await start()
		expect(codes(await reads(unit, answer([missing])))).toEqual([])
		expect(codes(await reads(unit, answer([missing])))).toEqual([])
		const [alert, ...more] = await reads(unit, answer([missing]))
		expect(more).toEqual([])
		expect(alert?.payload).toEqual({
			severity: 'critical',
			code: 'INCOME_DIFFERS',
			subject: 'BTCUSDT',
			message: 'FUNDING_FEE 7: missing: ledger none, venue -1 USDT',
		})
		expect(codes(await reads(unit, answer([missing])))).toEqual([])
	})

	test('that the ledger has meanwhile booked is none, and counts anew when it comes back', async () => {
		const unit = await start()
		await reads(unit, answer([missing]))
		await reads(unit, answer())
		await reads(unit, answer([missing]))
		expect(codes(await reads(unit, answer([missing])))).toEqual([])
		expect(codes(await reads(unit, answer([missing])))).toEqual(['INCOME_DIFFERS'])
	})

	test('among many is one of the first twenty, or counted', async () => {
		const unit = await start()
		const many = Array.from({length: 25}, (_, index) => ({...missing, id: String(index)}))
		for (let count = 0; count < 2; count += 1) await reads(unit, answer(many))
		const told = await reads(unit, answer(many))
		expect(told).toHaveLength(21)
		expect(told.at(-1)?.payload.message).toBe('5 more rows differ: see qt ledger verify')
		expect(await reads(unit, answer(many))).toEqual([])
	})

	test('is remembered over a restart', async () => {
		const first = await start()
		await reads(first, answer([missing]))
		await reads(first, answer([missing]))
		const unit = await drive(pnlTracker, {clock: first.clock, bus: first.bus})
		expect(codes(await reads(unit, answer([missing])))).toEqual(['INCOME_DIFFERS'])
	})
})
