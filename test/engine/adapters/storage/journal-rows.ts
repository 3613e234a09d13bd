import type {JournalRequest} from '../../../../src/engine/logic/journal-rows.js'
import {fillEntry} from '../../../../src/engine/logic/ledger.js'

type FillChanges = Readonly<{trade_id?: string; symbol?: string; realised_pnl?: string; fee?: string; ts_ms?: number}>

/** What the trade-logger asks for when a fill has been booked. */
export const journalFill = ({
	trade_id = '1',
	symbol = 'BTCUSDT',
	realised_pnl = '0.1',
	fee = '0.02500001',
	ts_ms = 1_750_000_000_000 + Number(trade_id),
}: FillChanges = {}): Extract<JournalRequest, {kind: 'fill'}> => {
	const fill = {
		symbol,
		trade_id,
		order_id: '10',
		client_order_id: 'qt-plan-1',
		side: 'BUY' as const,
		price: '50000.10',
		quantity: '0.001',
		fee,
		fee_asset: 'USDT',
		realised_pnl,
		maker: false,
		ts_ms,
	}
	return {kind: 'fill', fill, entry: fillEntry(fill)}
}
