import {exact, textOf, zero} from './exact.js'

/** What closed trades add up to. Exact decimals, USDT. JSON. */
export type TradeRecord = Readonly<{
	trades: number
	wins: number
	losses: number
	/** Sum of what won, and of what lost as a positive number. */
	gained: string
	lost: string
}>

export const noTrades: TradeRecord = {trades: 0, wins: 0, losses: 0, gained: '0', lost: '0'}

/** @param net_pnl of one more trade, USDT; exactly 0 neither wins nor loses */
export const withTrade = ({trades, wins, losses, gained, lost}: TradeRecord, net_pnl: string): TradeRecord => {
	const net = exact(net_pnl)
	const won = net.gt(zero)
	const fell = net.lt(zero)
	return {
		trades: trades + 1,
		wins: wins + (won ? 1 : 0),
		losses: losses + (fell ? 1 : 0),
		gained: won ? textOf(exact(gained).add(net)) : gained,
		lost: fell ? textOf(exact(lost).sub(net)) : lost,
	}
}

export type TradeFigures = Readonly<{
	/** Sum of the nets, USDT. */
	net_pnl: string
	/** Share of trades that won, 0 to 1; undefined without trades. */
	hit_rate: number | undefined
	/** Mean net per trade, USDT; undefined without trades. */
	expectancy: number | undefined
	/** What was gained over what was lost; undefined while nothing was lost. */
	profit_factor: number | undefined
}>

export const tradeFigures = ({trades, wins, gained, lost}: TradeRecord): TradeFigures => {
	const net = exact(gained).sub(lost)
	return {
		net_pnl: textOf(net),
		hit_rate: trades === 0 ? undefined : wins / trades,
		expectancy: trades === 0 ? undefined : net.div(trades).toNumber(),
		profit_factor: exact(lost).isZero() ? undefined : exact(gained).div(lost).toNumber(),
	}
}
