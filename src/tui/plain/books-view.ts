import type {BalanceView} from '../../daemon/client/balance.js'
import type {QualifiedTrade, TradeSums, TradesView} from '../../daemon/client/trades.js'
import type {JournalSummary} from '../../engine/logic/journal-rows.js'
import type {LedgerVerdict} from '../../engine/logic/ledger-verify.js'
import type {Paint} from './colour.js'
import {gain} from './orders-view.js'
import {type Column, table} from './table.js'
import {amount, duration, instant, signed} from './terms.js'
import {fitText} from './width.js'

const excursion = (of: 'mae' | 'mfe' | 'give_back') => ({
	align: 'right' as const,
	value: ({quality}: QualifiedTrade): string => (quality === null ? '' : `${(quality[of] * 100).toFixed(2)} %`),
})

export const tradeColumns = (paint: Paint): readonly Column<QualifiedTrade>[] => [
	{heading: 'CLOSED (VENUE)', drop: 3, value: ({closed_ms}) => instant(closed_ms)},
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'SIDE', drop: 2, value: ({side}) => side},
	{heading: 'QUANTITY', align: 'right', drop: 6, value: ({quantity}) => amount(quantity, 6)},
	{heading: 'ENTRY', align: 'right', drop: 5, value: ({entry_price}) => amount(entry_price, 6)},
	{heading: 'EXIT', align: 'right', drop: 5, value: ({exit_price}) => amount(exit_price, 6)},
	{heading: 'HELD', align: 'right', drop: 4, value: ({opened_ms, closed_ms}) => duration(closed_ms - opened_ms)},
	{heading: 'FEES', align: 'right', drop: 7, value: ({fees}) => amount(fees)},
	{heading: 'NET', align: 'right', value: ({net_pnl}) => gain(net_pnl, paint)},
	{heading: 'WORST', drop: 9, ...excursion('mae')},
	{heading: 'BEST', drop: 9, ...excursion('mfe')},
	{heading: 'GIVEN BACK', drop: 9, ...excursion('give_back')},
	{heading: 'BY', drop: 1, value: ({exit_reason}) => exit_reason},
	{heading: 'TRADE', drop: 8, value: ({trade_id}) => trade_id},
]

export const sumsLine = ({trades, won, realised_pnl, fees, net_pnl}: TradeSums, paint: Paint): string =>
	`${trades} ${trades === 1 ? 'trade' : 'trades'} listed, ${won} won: realised ${signed(realised_pnl)}, fees ${amount(fees)}, net ${gain(net_pnl, paint)} USDT`

export const tradesView = ({trades, sums}: TradesView, paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	trades.length === 0
		? 'no closed trades yet'
		: `${table(tradeColumns(paint), trades, {width})}\n${fitText(sumsLine(sums, paint), width)}`

type Change = Readonly<{account: string; asset: string; sum: string}>
const changeColumns = (paint: Paint): readonly Column<Change>[] => [
	{heading: 'WHAT MOVED IT', value: ({account}) => account.replaceAll('_', ' ')},
	{heading: 'AMOUNT', align: 'right', value: ({sum}) => gain(sum, paint, 8)},
	{heading: 'ASSET', value: ({asset}) => asset},
]

export const balanceView = ({balances, unrealised_pnl, equity_usdt, changes}: BalanceView, paint: Paint): string =>
	[
		table(
			[
				{heading: 'ASSET', value: ({asset}) => asset},
				{heading: 'WALLET', align: 'right', value: ({wallet_balance}) => wallet_balance},
			],
			balances,
			{none: 'no balance'},
		),
		`unrealised ${gain(unrealised_pnl, paint, 8)} USDT, equity ${equity_usdt} USDT`,
		'',
		...(changes
			? [
					table(
						changeColumns(paint),
						Object.entries(changes).flatMap(([account, sums]) =>
							Object.entries(sums).map(([asset, sum]) => ({account, asset, sum})),
						),
						{none: 'the ledger is empty'},
					),
				]
			: ['what moved it is unknown: the ledger cannot be read now']),
	].join('\n')

const walletLine = (name: string, wallet: Readonly<Record<string, string>>): string =>
	`${name}  ${
		Object.entries(wallet)
			.map(([asset, sum]) => `${sum} ${asset}`)
			.join(', ') || '0'
	}`

export const ledgerView = (verdict: LedgerVerdict, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {ok, wallet_ledger, wallet_income, wallet_venue, rows, differences} = verdict
	const head = [
		`${ok ? paint('good', 'BALANCED') : paint('bad', 'DIFFERENT')}: ${rows.ledger} rows of the ledger against ${rows.venue} of the venue`,
		walletLine('wallet by the ledger           ', wallet_ledger),
		walletLine('wallet by the venue’s income   ', wallet_income),
		walletLine('wallet as the venue reports it ', wallet_venue),
	]
	const shown =
		differences.length === 0
			? []
			: [
					'',
					table(
						[
							{heading: 'DIFFERENCE', value: ({kind}) => kind},
							{heading: 'TYPE', drop: 2, value: ({type}) => type},
							{heading: 'SYMBOL', drop: 1, value: ({symbol}) => symbol || '-'},
							{heading: 'ID', value: ({id}) => id},
							{heading: 'LEDGER', align: 'right', value: ({ledger}) => ledger || '-'},
							{heading: 'VENUE', align: 'right', value: ({venue}) => venue || '-'},
							{heading: 'ASSET', drop: 3, value: ({asset}) => asset},
						],
						differences,
						{width},
					),
				]
	return [fitText(head.join('\n'), width), ...shown].join('\n')
}

export const journalLine = ({path, schema, entries, fills, trades, from_ms, to_ms}: JournalSummary): string =>
	`${path}: ${entries} entries, ${fills} fills, ${trades} trades from ${instant(from_ms)} to ${instant(to_ms)} (venue), schema ${schema}`
