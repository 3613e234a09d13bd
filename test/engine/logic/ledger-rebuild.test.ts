import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {JournalRequest, TradeRow} from '../../../src/engine/logic/journal-rows.js'
import {fillEntry, incomeEntry, type LedgerEntry} from '../../../src/engine/logic/ledger.js'
import {rebuildBooks} from '../../../src/engine/logic/ledger-rebuild.js'
import {bookFill, bookIncome, bookTrade, newBook, type SymbolBook} from '../../../src/engine/logic/symbol-book.js'

const money = fc.integer({min: -99_999, max: 99_999}).map(cents => String(cents / 100))
const symbol = fc.constantFrom('BTCUSDT', '币安人生USDT')
const happening = fc.oneof(
	fc.record({
		kind: fc.constant('fill' as const),
		symbol,
		trade_id: fc.integer({min: 8, max: 400}).map(String),
		realised_pnl: money,
		fee: money,
		fee_asset: fc.constantFrom('USDT', 'BNB'),
	}),
	fc
		.record({
			kind: fc.constant('income' as const),
			symbol: fc.constantFrom('BTCUSDT', '币安人生USDT', undefined),
			income_type: fc.constantFrom('FUNDING_FEE', 'TRANSFER', 'INSURANCE_CLEAR'),
			asset: fc.constantFrom('USDT', 'BNB'),
			amount: money,
			n: fc.integer({min: 1, max: 30}),
		})
		// The venue gives a transaction id once: it is that of one symbol.
		.map(({n, ...of}) => ({...of, transaction_id: `${of.symbol ?? 'account'}-${n}`})),
	// The id of a trade is that of one symbol's round trip.
	fc
		.tuple(symbol, fc.integer({min: 1, max: 9}))
		.map(([of, n]) => ({kind: 'trade' as const, symbol: of, trade_id: `${of}-${n}`})),
)

const tradeOf = (of: {symbol: string; trade_id: string}, closed_ms: number): TradeRow => ({
	...{...of, side: 'LONG', quantity: '1', entry_price: '1', exit_price: '1', opened_ms: 1, closed_ms},
	...{realised_pnl: '0', fees: '0', net_pnl: '0', plan_id: 'a', exit_plan_id: 'b', exit_reason: 'stop'},
})

test('books made of the journal are those that were booked, whatever is on disk and whatever only recorded', () => {
	fc.assert(
		fc.property(fc.array(happening, {maxLength: 60}), fc.nat(60), fc.nat(5), (all, written, both) => {
			const live = new Map<string, SymbolBook>()
			const asked: JournalRequest[] = []
			for (const [index, of] of all.entries()) {
				const ts_ms = 1_000 + index
				const name = of.symbol ?? ''
				const book = live.get(name) ?? newBook
				const next =
					of.kind === 'fill'
						? bookFill(book, {...of, ts_ms})?.book
						: of.kind === 'income'
							? bookIncome(book, of)
							: bookTrade(book, {...of, closed_ms: ts_ms})
				if (!next) continue
				live.set(name, next)
				if (of.kind === 'trade') asked.push({kind: 'trade', trade: tradeOf(of, ts_ms)})
				else if (of.kind === 'income') asked.push({kind: 'income', entry: incomeEntry({...of, ts_ms})})
				else {
					const venue = {order_id: '1', client_order_id: 'q-1', price: '1', quantity: '1', maker: false}
					const {kind: _kind, ...fill} = of
					asked.push({kind: 'fill', entry: fillEntry({...of, ts_ms}), fill: {...venue, ...fill, side: 'BUY', ts_ms}})
				}
			}
			// The rest may have reached the disk although its record is still there.
			const disk = asked.slice(0, written + both)
			const entries = disk.flatMap((of): LedgerEntry[] =>
				of.kind === 'fill' || of.kind === 'income' ? [of.entry] : [],
			)
			const trades = disk.flatMap(of => (of.kind === 'trade' ? [of.trade] : []))
			const books = rebuildBooks({entries: entries.reverse(), trades, unfinished: asked.slice(written)})
			expect(Object.fromEntries(books)).toEqual(Object.fromEntries(live))
		}),
		{numRuns: 60},
	)
})
