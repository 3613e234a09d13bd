import {describe, expect, it} from 'vitest'
import {verifyBooks} from '../../../src/daemon/client/books.js'
import type {Journal, JournalQuery} from '../../../src/daemon/client/journal.js'
import type {VenueDesk, VenueIncome} from '../../../src/daemon/client/venue-desk.js'
import {fillEntry, incomeEntry, type LedgerEntry} from '../../../src/engine/logic/ledger.js'

const income = (of: Partial<VenueIncome>): VenueIncome => ({
	income_type: 'TRANSFER',
	asset: 'USDT',
	amount: '1000',
	symbol: '',
	transaction_id: '1',
	trade_id: '',
	ts_ms: 10,
	...of,
})
const venueRows = [
	income({}),
	income({
		income_type: 'COMMISSION',
		amount: '-0.09920445',
		symbol: 'SOLUSDT',
		transaction_id: '2',
		trade_id: '31',
		ts_ms: 20,
	}),
	income({
		income_type: 'REALIZED_PNL',
		amount: '4.5',
		symbol: 'SOLUSDT',
		transaction_id: '3',
		trade_id: '31',
		ts_ms: 20,
	}),
	income({income_type: 'FUNDING_FEE', amount: '-0.01', symbol: 'SOLUSDT', transaction_id: '4', ts_ms: 30}),
]
const deposit = incomeEntry({
	income_type: 'TRANSFER',
	asset: 'USDT',
	amount: '1000',
	transaction_id: '1/TRANSFER',
	ts_ms: 10,
})
const fill = (fee = '0.09920445', trade_id = '31', ts_ms = 21) =>
	fillEntry({symbol: 'SOLUSDT', trade_id, realised_pnl: trade_id === '31' ? '4.5' : '0', fee, fee_asset: 'USDT', ts_ms})
const funding = incomeEntry({
	income_type: 'FUNDING_FEE',
	asset: 'USDT',
	amount: '-0.01',
	symbol: 'SOLUSDT',
	transaction_id: '4/FUNDING_FEE',
	ts_ms: 31,
})
const WALLET = '1004.39079555'

const deskOf = (wallets: readonly string[] = [WALLET]): VenueDesk => {
	let reading = 0
	const next = () => wallets[Math.min(reading++, wallets.length - 1)] ?? '0'
	return {
		wallet: async () => [{asset: 'USDT', wallet_balance: next()}],
		income: async () => venueRows,
		cancel: async () => undefined,
		everyPosition: async () => [],
		cancelEntryOrders: async () => [],
		openOrders: async () => [],
		positions: async () => [],
		close: async () => undefined,
	}
}
/** A journal that tells more with each reading. */
const journalOf = (...readings: readonly (readonly LedgerEntry[])[]): Journal => {
	let reading = 0
	return {
		entries: async ({after}: JournalQuery = {}) =>
			after === undefined ? (readings[Math.min(reading++, readings.length - 1)] ?? []) : [],
		trades: async () => [],
		fills: async () => [],
		totals: async () => ({}),
		close: async () => undefined,
	}
}
const verify = (journal: Journal, desk = deskOf(), settle_ms = 0, whole_history = true) =>
	verifyBooks({desk, journal, whole_history, settle_ms})

describe('the books against the venue', () => {
	it('agree to the last decimal', async () => {
		expect(await verify(journalOf([deposit, fill(), funding]))).toMatchObject({
			ok: true,
			differences: [],
			wallet_ledger: {USDT: WALLET},
			wallet_income: {USDT: WALLET},
			wallet_venue: {USDT: WALLET},
		})
	})

	it('name an error of one unit in the last place', async () => {
		const verdict = await verify(journalOf([deposit, fill('0.09920446'), funding]))
		expect(verdict.ok).toBe(false)
		expect(verdict.differences).toEqual([
			{
				kind: 'amount',
				id: '31',
				symbol: 'SOLUSDT',
				type: 'COMMISSION',
				asset: 'USDT',
				ledger: '-0.09920446',
				venue: '-0.09920445',
			},
			expect.objectContaining({id: 'wallet', ledger: '1004.39079554', venue: WALLET}),
		])
	})

	it('wait for rows that the venue has just booked', async () => {
		const waited: number[] = []
		const journal = journalOf([deposit], [deposit, fill()], [deposit, fill(), funding])
		const verdict = await verifyBooks({
			desk: deskOf(),
			journal,
			whole_history: true,
			settle_ms: 10_000,
			onWaiting: rows => waited.push(rows),
		})
		expect(verdict.ok).toBe(true)
		expect(waited).toEqual([3, 1])
	})

	it('leave out what happened after the income was read', async () => {
		expect((await verify(journalOf([deposit, fill(), funding, fill('0.5', '32', 99)]))).ok).toBe(true)
	})

	it('read the wallet again when it moved meanwhile, and give up on one that never rests', async () => {
		expect((await verify(journalOf([deposit, fill(), funding]), deskOf(['1', WALLET]))).ok).toBe(true)
		const restless = deskOf(Array.from({length: 50}, (_, index) => String(index)))
		await expect(verify(journalOf([deposit]), restless)).rejects.toThrow('the wallet moved during each of 20 readings')
	})

	it('compare only what the ledger covers where the venue is older than it', async () => {
		const verdict = await verify(journalOf([fill('0.09920445', '31', 20), funding]), deskOf(), 0, false)
		expect(verdict).toMatchObject({ok: true, rows: {ledger: 3, venue: 3}})
	})
})
