import type {BalanceView} from '../../daemon/client/balance.js'
import type {TradeSums, TradesView} from '../../daemon/client/trades.js'
import type {TradeRow} from '../../engine/logic/journal-rows.js'
import type {LedgerVerdict} from '../../engine/logic/ledger-verify.js'
import type {Paint} from './colour.js'
import {gain} from './orders-view.js'
import {type Column, table} from './table.js'
import {amount, duration, instant, signed} from './terms.js'

export const tradeColumns = (paint: Paint): readonly Column<TradeRow>[] => [
	{heading: 'CLOSED (VENUE)', value: ({closed_ms}) => instant(closed_ms)},
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'SIDE', value: ({side}) => side},
	{heading: 'QUANTITY', align: 'right', value: ({quantity}) => amount(quantity, 6)},
	{heading: 'ENTRY', align: 'right', value: ({entry_price}) => amount(entry_price, 6)},
	{heading: 'EXIT', align: 'right', value: ({exit_price}) => amount(exit_price, 6)},
	{heading: 'HELD', align: 'right', value: ({opened_ms, closed_ms}) => duration(closed_ms - opened_ms)},
	{heading: 'FEES', align: 'right', value: ({fees}) => amount(fees)},
	{heading: 'NET', align: 'right', value: ({net_pnl}) => gain(net_pnl, paint)},
	{heading: 'BY', value: ({exit_reason}) => exit_reason},
	{heading: 'TRADE', value: ({trade_id}) => trade_id},
]

export const sumsLine = ({trades, won, realised_pnl, fees, net_pnl}: TradeSums, paint: Paint): string =>
	`${trades} closed, ${won} won: realised ${signed(realised_pnl)}, fees ${amount(fees)}, net ${gain(net_pnl, paint)} USDT`

export const tradesView = ({trades, sums}: TradesView, paint: Paint): string =>
	trades.length === 0 ? 'no closed trades yet' : `${table(tradeColumns(paint), trades)}\n${sumsLine(sums, paint)}`

export const balanceView = ({balances, unrealised_pnl, equity_usdt, changes}: BalanceView, paint: Paint): string =>
	[
		table(
			[
				{heading: 'ASSET', value: ({asset}) => asset},
				{heading: 'WALLET', align: 'right', value: ({wallet_balance}) => wallet_balance},
			],
			balances,
			'no balance',
		),
		`unrealised ${gain(unrealised_pnl, paint, 8)} USDT, equity ${equity_usdt} USDT`,
		...(changes
			? Object.entries(changes).map(
					([account, sums]) =>
						`${account}  ${Object.entries(sums)
							.map(([asset, sum]) => `${gain(sum, paint, 8)} ${asset}`)
							.join(', ')}`,
				)
			: ['the ledger cannot be read now']),
	].join('\n')

const walletLine = (name: string, wallet: Readonly<Record<string, string>>): string =>
	`${name}  ${
		Object.entries(wallet)
			.map(([asset, sum]) => `${sum} ${asset}`)
			.join(', ') || '0'
	}`

export const ledgerView = (verdict: LedgerVerdict, paint: Paint): string => {
	const {ok, wallet_ledger, wallet_income, wallet_venue, rows, differences} = verdict
	return [
		`${ok ? paint('good', 'BALANCED') : paint('bad', 'DIFFERENT')}: ${rows.ledger} rows of the ledger against ${rows.venue} of the venue`,
		walletLine('wallet by the ledger           ', wallet_ledger),
		walletLine('wallet by the venue’s income   ', wallet_income),
		walletLine('wallet as the venue reports it ', wallet_venue),
		...(differences.length === 0
			? []
			: [
					'',
					table(
						[
							{heading: 'DIFFERENCE', value: ({kind}) => kind},
							{heading: 'TYPE', value: ({type}) => type},
							{heading: 'SYMBOL', value: ({symbol}) => symbol || '-'},
							{heading: 'ID', value: ({id}) => id},
							{heading: 'LEDGER', align: 'right', value: ({ledger}) => ledger || '-'},
							{heading: 'VENUE', align: 'right', value: ({venue}) => venue || '-'},
							{heading: 'ASSET', value: ({asset}) => asset},
						],
						differences,
					),
				]),
	].join('\n')
}
