import type {Core} from './core.js'
import {moneyText, text, zero} from './decimal.js'
import {accountRisk, maxNotional, openOrderMargin, positionRisk} from './margin.js'
import type {Position} from './records.js'

/** Every position of the account's mode, the flat ones included. */
export const allPositions = (core: Core, symbol: string | undefined): Position[] => {
	const symbols = symbol === undefined ? [...core.rules.keys()] : [symbol]
	const sides = core.state.account.hedge_mode ? (['LONG', 'SHORT'] as const) : (['BOTH'] as const)
	return symbols.flatMap(name => sides.map(side => core.positionOf(name, side)))
}

/** What version 3 shows: symbols with a position or an open order. */
export const positionsInUse = (core: Core, symbol: string | undefined): Position[] =>
	allPositions(core, symbol).filter(
		position => !position.amount.isZero() || core.state.ordersOpenIn(position.symbol).length > 0,
	)

/** BNB beside the margin asset: listed while there is some, or while it is to pay fees. */
const bnbAsset = (core: Core) => {
	const {bnb_wallet, fee_burn} = core.state.account
	if (bnb_wallet.isZero() && !fee_burn) return []
	const [wallet, none] = [moneyText(bnb_wallet), moneyText(zero)]
	return [
		{
			asset: 'BNB',
			walletBalance: wallet,
			unrealizedProfit: none,
			marginBalance: wallet,
			maintMargin: none,
			initialMargin: none,
			positionInitialMargin: none,
			openOrderInitialMargin: none,
			crossWalletBalance: wallet,
			crossUnPnl: none,
			availableBalance: wallet,
			maxWithdrawAmount: wallet,
			marginAvailable: false,
			updateTime: core.now_ms,
		},
	]
}

const asset = (core: Core) => {
	const risk = accountRisk(core)
	return {
		asset: 'USDT',
		walletBalance: moneyText(risk.wallet),
		unrealizedProfit: moneyText(risk.unrealised),
		marginBalance: moneyText(risk.wallet.add(risk.unrealised)),
		maintMargin: moneyText(risk.maintenance),
		initialMargin: moneyText(risk.position_initial.add(risk.order_initial)),
		positionInitialMargin: moneyText(risk.position_initial),
		openOrderInitialMargin: moneyText(risk.order_initial),
		crossWalletBalance: moneyText(risk.cross_wallet),
		crossUnPnl: moneyText(risk.cross_unrealised),
		availableBalance: moneyText(risk.available),
		maxWithdrawAmount: moneyText(risk.available),
		marginAvailable: true,
		updateTime: core.now_ms,
	}
}

export const accountPosition = (core: Core, position: Position) => {
	const risk = positionRisk(core, position)
	return {
		symbol: position.symbol,
		positionSide: position.side,
		positionAmt: text(position.amount),
		unrealizedProfit: moneyText(risk.unrealised),
		isolatedMargin: moneyText(
			position.isolated ? position.isolated_wallet.add(risk.unrealised) : position.isolated_wallet,
		),
		notional: moneyText(risk.notional),
		isolatedWallet: moneyText(position.isolated_wallet),
		initialMargin: moneyText(risk.initial.add(openOrderMargin(core, position.symbol))),
		maintMargin: moneyText(risk.maintenance),
		updateTime: position.updated_ms,
	}
}

export const accountPositionV2 = (core: Core, position: Position) => {
	const {leverage, isolated} = core.settingsOf(position.symbol)
	return {
		...accountPosition(core, position),
		positionInitialMargin: moneyText(positionRisk(core, position).initial),
		openOrderInitialMargin: moneyText(openOrderMargin(core, position.symbol)),
		leverage: String(leverage),
		isolated,
		entryPrice: text(position.entry),
		breakEvenPrice: text(position.entry),
		maxNotional: text(maxNotional(core.rulesOf(position.symbol).brackets, leverage)),
		bidNotional: '0',
		askNotional: '0',
	}
}

export const accountTotals = (core: Core) => {
	const row = asset(core)
	return {
		totalInitialMargin: row.initialMargin,
		totalMaintMargin: row.maintMargin,
		totalWalletBalance: row.walletBalance,
		totalUnrealizedProfit: row.unrealizedProfit,
		totalMarginBalance: row.marginBalance,
		totalPositionInitialMargin: row.positionInitialMargin,
		totalOpenOrderInitialMargin: row.openOrderInitialMargin,
		totalCrossWalletBalance: row.crossWalletBalance,
		totalCrossUnPnl: row.crossUnPnl,
		availableBalance: row.availableBalance,
		maxWithdrawAmount: row.maxWithdrawAmount,
		assets: [row, ...bnbAsset(core)],
	}
}

export const accountConfig = (core: Core) => ({
	feeTier: 0,
	canTrade: true,
	canDeposit: true,
	canWithdraw: false,
	dualSidePosition: core.state.account.hedge_mode,
	updateTime: 0,
	multiAssetsMargin: false,
	tradeGroupId: -1,
})

export const balance = (core: Core) =>
	[asset(core), ...bnbAsset(core)].map(row => ({
		accountAlias: 'paper',
		asset: row.asset,
		balance: row.walletBalance,
		crossWalletBalance: row.crossWalletBalance,
		crossUnPnl: row.crossUnPnl,
		availableBalance: row.availableBalance,
		maxWithdrawAmount: row.maxWithdrawAmount,
		marginAvailable: row.marginAvailable,
		updateTime: row.updateTime,
	}))
