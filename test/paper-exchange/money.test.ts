import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type Dec, dec, zero} from '../../src/paper-exchange/decimal.js'
import type {Trade} from '../../src/paper-exchange/records.js'
import {takeSnapshot} from '../../src/paper-exchange/snapshot.js'
import {incomeSum} from '../../src/paper-exchange/state.js'
import type {Venue} from '../../src/paper-exchange/venue.js'
import {openVenue, play, S, step} from './random-play.js'
import {ScriptedMarket} from './scripted-market.js'

/** Position and cash from nothing but the fills. */
const fromTrades = (trades: readonly Trade[]): {amount: Dec; cash: Dec} =>
	trades.reduce(
		({amount, cash}, trade) => {
			const signed = dec(trade.quantity).mul(trade.side === 'BUY' ? 1 : -1)
			return {amount: amount.add(signed), cash: cash.sub(signed.mul(trade.price))}
		},
		{amount: zero, cash: zero},
	)

const inDirectory = (body: (dir: string) => void): void => {
	const dir = mkdtempSync(join(tmpdir(), 'money-'))
	try {
		body(dir)
	} finally {
		rmSync(dir, {recursive: true})
	}
}

const accountOf = (venue: Venue): unknown => {
	const {state, history} = venue.core
	const everything = {latest: false, limit: 1_000_000}
	return JSON.parse(
		JSON.stringify({
			live: state.liveState(),
			orders: history.orders(everything),
			algos: history.algos(everything),
			trades: history.trades(everything),
			income: history.income(everything),
			seq: venue.core.market_seq,
			books: [...venue.core.books].map(([symbol, book]) => [symbol, book.bids, book.asks, book.update_id]),
			klines: venue.klines.snapshot(),
			tape: venue.tape.snapshot(),
		}),
	)
}

describe('the books', () => {
	it('balance to the last decimal whatever happens', () => {
		fc.assert(
			fc.property(fc.array(step, {maxLength: 60}), steps =>
				inDirectory(dir => {
					const market = new ScriptedMarket()
					const venue = openVenue(dir, market)
					play(venue, market, steps)
					const {state} = venue.core
					for (const asset of ['USDT', 'BNB'] as const)
						expect(state.walletBalance(asset).toFixed()).toBe(incomeSum(state.income, asset).toFixed())
					expect(state.walletBalance('BNB').isNegative()).toBe(false)
					expect(state.account.cross_wallet.decimalPlaces()).toBeLessThanOrEqual(8)
					const {amount, cash} = fromTrades(state.trades)
					const position = venue.core.positionOf(S, 'BOTH')
					expect(position.amount.toFixed()).toBe(amount.toFixed())
					if (amount.isZero()) expect(position.isolated_wallet.toFixed()).toBe('0')
					const realised = incomeSum(state.income.filter(row => row.type === 'REALIZED_PNL'))
					const drift = realised.sub(cash).sub(position.amount.mul(position.entry)).abs()
					expect(drift.lte(dec('1e-8').mul(state.trades.length))).toBe(true)
					expect(new Set(state.income.map(row => row.tran_id)).size).toBe(state.income.length)
					for (const trade of state.trades) {
						const rows = state.income.filter(row => row.trade_id === String(trade.id))
						const booked = (type: string, asset?: 'BNB') =>
							incomeSum(
								rows.filter(row => row.type === type),
								asset,
							).toFixed()
						expect([booked('COMMISSION', trade.fee_asset), booked('REALIZED_PNL')]).toEqual([
							dec(trade.fee).neg().toFixed(),
							dec(trade.realised).toFixed(),
						])
					}
					venue.journal.close()
				}),
			),
			{numRuns: 150},
		)
	})

	it('are the same after a restart at any instant, with or without a snapshot', () => {
		fc.assert(
			fc.property(
				fc.array(step, {maxLength: 40}),
				fc.array(step, {maxLength: 20}),
				fc.boolean(),
				(first, second, save) =>
					inDirectory(dir => {
						const market = new ScriptedMarket()
						const venue = openVenue(dir, market)
						play(venue, market, first)
						if (save) takeSnapshot(venue)
						play(venue, market, second, 1000)
						venue.lease(venue.core.now_ms)
						const before = accountOf(venue)
						venue.journal.close()
						market.restore({position: 0})
						const again = openVenue(dir, market)
						again.run(venue.core.now_ms, 1000)
						expect(accountOf(again)).toEqual(before)
						again.journal.close()
					}),
			),
			{numRuns: 100},
		)
	})

	it('balance wherever a crash cuts the state log off', () => {
		inDirectory(dir => {
			const market = new ScriptedMarket()
			const venue = openVenue(dir, market)
			play(venue, market, fc.sample(step, {numRuns: 120, seed: 7}))
			venue.journal.close()
			const whole = readFileSync(join(dir, 'state-0.jsonl'))
			const cut = fc.integer({min: 1, max: whole.length})
			fc.assert(
				fc.property(cut, length =>
					inDirectory(copy => {
						writeFileSync(join(copy, 'state-0.jsonl'), whole.subarray(0, length))
						market.restore({position: 0})
						const again = openVenue(copy, market)
						const {state} = again.core
						expect(state.walletBalance().toFixed()).toBe(incomeSum(state.income).toFixed())
						expect(again.core.positionOf(S, 'BOTH').amount.toFixed()).toBe(fromTrades(state.trades).amount.toFixed())
						again.journal.close()
					}),
				),
				{numRuns: 40},
			)
		})
	})

	it('are logged without a gap, even when a crash comes between state and log', () => {
		inDirectory(dir => {
			const market = new ScriptedMarket()
			const venue = openVenue(dir, market)
			play(venue, market, fc.sample(step, {numRuns: 60, seed: 8}))
			venue.journal.close()
			const path = join(dir, 'requests.jsonl')
			const whole = readFileSync(path, 'utf8')
			const numbers = whole
				.trim()
				.split('\n')
				.map(line => (JSON.parse(line) as {seq: number}).seq)
			expect(numbers).toEqual(numbers.map((_, index) => index + 1))
			writeFileSync(path, whole.slice(0, whole.length - 50))
			market.restore({position: 0})
			openVenue(dir, market).journal.close()
			expect(readFileSync(path, 'utf8')).toBe(whole)
		})
	})
})
