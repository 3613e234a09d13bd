import {add, negate} from '../../engine/logic/exact.js'
import type {AccountTotals} from '../../engine/logic/ledger.js'
import type {Journal} from './journal.js'
import type {VenueDesk, WalletBalance} from './venue-desk.js'

export type BalanceView = Readonly<{
	/** As the venue reports it now. */
	balances: readonly WalletBalance[]
	/** Sum over open positions, in USDT. */
	unrealised_pnl: string
	/** Wallet and unrealised PnL in USDT. */
	equity_usdt: string
	/** What moved the wallet since the beginning, by account and asset, as it moved it: a fee is below zero. */
	changes: Readonly<Record<string, Readonly<Record<string, string>>>> | null
}>

const changesOf = (totals: AccountTotals): NonNullable<BalanceView['changes']> =>
	Object.fromEntries(
		Object.entries(totals)
			.filter(([account]) => account !== 'wallet')
			.map(([account, sums]) => [
				account,
				Object.fromEntries(Object.entries(sums).map(([asset, amount]) => [asset, negate(amount)])),
			]),
	)

export const readBalance = async (desk: VenueDesk, journal: Journal | undefined): Promise<BalanceView> => {
	const [balances, positions, totals] = await Promise.all([desk.wallet(), desk.positions(), journal?.totals()])
	const unrealised_pnl = add('0', ...positions.map(position => position.unrealised_pnl))
	const usdt = balances.find(({asset}) => asset === 'USDT')?.wallet_balance ?? '0'
	return {
		balances: balances.map(({asset, wallet_balance}) => ({asset, wallet_balance: add(wallet_balance)})),
		unrealised_pnl,
		equity_usdt: add(usdt, unrealised_pnl),
		changes: totals ? changesOf(totals) : null,
	}
}
