import {describe, expect, test} from 'vitest'
import type {FillDifference} from '../../../src/engine/logic/fill-differences.js'
import {ledgerSync} from '../../../src/engine/units/state/ledger-sync.js'
import {drive, HandClock} from '../../support/drive.js'

const MINUTE_MS = 60_000
const missing: FillDifference = {
	kind: 'missing',
	symbol: '币安人生USDT',
	trade_id: '7',
	ledger: '',
	venue: 'BUY 5 at 0.2 of order 70',
}
const answer = (differences: readonly FillDifference[] = []) => ({
	ok: true as const,
	result: {differences, from_ms: 1_750_000_000_000, fills: 3, symbols: 2},
})

const start = async () => {
	const clock = new HandClock()
	const unit = await drive(ledgerSync, {clock})
	const asks = async (wait_ms: number) => {
		clock.advance(wait_ms)
		await unit.timer('read')
		return unit.effects.length > 0
	}
	return {
		unit,
		asks,
		/** One reading after a while; what was said of it. */
		read: async (wait_ms: number, outcome: Parameters<typeof unit.result>[1] = answer()) => {
			expect(await asks(wait_ms)).toBe(true)
			return (await unit.result('fills', outcome)).map(({payload}) => payload)
		},
	}
}
const codes = (said: ReadonlyArray<Record<string, unknown>>) => said.map(({code, event}) => code ?? event)

describe('ledger-sync', () => {
	test('reads at the start and every 15 minutes, one reading at a time', async () => {
		const {unit, asks, read} = await start()
		expect(await read(0)).toEqual([
			{
				event: 'LEDGER_SYNCED',
				subject: 'ledger',
				detail: '3 fills of 2 symbols since 2025-06-15T15:06:40.000Z: 0 unlike the ledger',
			},
		])
		expect(await asks(15 * MINUTE_MS - 1)).toBe(false)
		expect(await asks(1)).toBe(true)
		expect(unit.effects.map(({request}) => request)).toEqual([{window_ms: 24 * 60 * MINUTE_MS}])
		await asks(60 * MINUTE_MS)
		expect(unit.effects).toHaveLength(1)
	})

	test('a difference that stays is told once, after time to settle', async () => {
		const {asks, read} = await start()
		expect(codes(await read(0, answer([missing])))).toEqual(['LEDGER_SYNCED'])
		expect(await asks(90_000 - 1)).toBe(false)
		expect(await read(1, answer([missing]))).toMatchObject([
			{
				severity: 'critical',
				code: 'LEDGER_DIFFERENCE',
				subject: '币安人生USDT',
				message: 'Fill 7 of 币安人生USDT: missing: ledger none, venue BUY 5 at 0.2 of order 70',
			},
			{event: 'LEDGER_SYNCED'},
		])
		expect(await asks(90_000)).toBe(false)
		expect(codes(await read(15 * MINUTE_MS, answer([missing])))).toEqual(['LEDGER_SYNCED'])
	})

	test('a difference that settles is not told', async () => {
		const {read} = await start()
		await read(0, answer([missing]))
		expect(codes(await read(90_000))).toEqual(['LEDGER_SYNCED'])
		expect(codes(await read(15 * MINUTE_MS, answer([missing])))).toEqual(['LEDGER_SYNCED'])
	})

	test('many are told one by one up to a number', async () => {
		const {read} = await start()
		const many = Array.from({length: 25}, (_, index) => ({...missing, trade_id: String(index)}))
		await read(0, answer(many))
		const said = await read(90_000, answer(many))
		expect(said).toHaveLength(22)
		expect(said.at(-2)).toMatchObject({subject: 'account', message: '5 more fills differ: see qt ledger verify'})
	})

	test('a reading that fails is tried again soon, and told when it goes on', async () => {
		const {read} = await start()
		const failure = {ok: false as const, error: 'no process serves the trade journal now'}
		expect(await read(0, failure)).toEqual([])
		expect(await read(15_000, failure)).toEqual([])
		expect(codes(await read(15_000, failure))).toEqual(['FILLS_UNREAD'])
		expect(await read(15_000, failure)).toEqual([])
		expect(codes(await read(15_000))).toEqual(['LEDGER_SYNCED'])
	})
})
