import {keys} from '../../contracts/keys.js'
import {accountBalance} from '../../contracts/streams/account.js'
import {events} from '../../contracts/streams/ops.js'
import {tradeClosed} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay, type Wish} from '../../contracts/unit.js'
import {annualReturn, CRYPTO_DAYS_PER_YEAR, calmarRatio, sharpeRatio, sortinoRatio} from '../../logic/performance.js'
import {noTrades, type TradeRecord, tradeFigures, withTrade} from '../../logic/trade-record.js'
import {noReturns, rolledTo, type WalletReturns, withBalance} from '../../logic/wallet-returns.js'

type State = Readonly<{wallet: WalletReturns; record: TradeRecord}>

const writes = {event: events}
const ports = {summary: keys.performanceSummary}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>

const WHOLE = ''
/** The asset that positions settle in. Others move by their price, which no trade of ours has earned. */
const ASSET = 'USDT'
const DIGITS = 8

const shown = (value: number | undefined): string | undefined =>
	value === undefined ? undefined : String(Number(value.toPrecision(DIGITS)))

const summaryOf = ({wallet, record}: State) => {
	const {returns, drawdown, value, day, day_value, balance} = wallet
	const {net_pnl, hit_rate, expectancy, profit_factor} = tradeFigures(record)
	const {trades, wins, losses} = record
	return {
		day,
		days: returns.length,
		sharpe: shown(sharpeRatio(returns, CRYPTO_DAYS_PER_YEAR)),
		sortino: shown(sortinoRatio(returns, CRYPTO_DAYS_PER_YEAR)),
		calmar: shown(calmarRatio(returns, CRYPTO_DAYS_PER_YEAR)),
		annual_return: shown(annualReturn(returns, CRYPTO_DAYS_PER_YEAR)),
		max_drawdown: shown(drawdown),
		total_return: shown(value - 1),
		day_return: shown(day_value > 0 ? value / day_value - 1 : undefined),
		wallet_balance: balance === '' ? undefined : balance,
		...{trades, wins, losses, net_pnl},
		hit_rate: shown(hit_rate),
		expectancy: shown(expectancy),
		profit_factor: shown(profit_factor),
	}
}

const stepOf = (state: State, {key, entry}: Ctx, told: readonly Wish[] = []): Step<State> => ({
	state,
	wishes: [key.summary.put({}, {...summaryOf(state), venue_ms: entry.ts}, {replace: true}), ...told],
})

/** The figures as a day ended, before anything of the next one. */
const dayEnded = (state: State, {emit, entry}: Ctx): readonly Wish[] => {
	const {day} = state.wallet
	const wallet = rolledTo(state.wallet, entry.ts)
	if (day === '' || wallet.day === day) return []
	const {day: _, day_return: __, ...figures} = summaryOf({...state, wallet})
	return [emit.event({event: 'PERFORMANCE_DAY', subject: day, detail: JSON.stringify(figures)})]
}

/**
 * Realised performance: returns are those of the wallet, transfers left out, so that what open positions would gain or
 * lose is not in them. Days are UTC days of venue time, a year has 365 of them, the riskless return is nothing.
 */
export const performanceTracker = defineUnit({
	name: 'performance-tracker',
	target: 'obs',
	kind: 'stream',
	summary: 'Sharpe, Sortino, Calmar, drawdown, hit rate, expectancy and profit factor, live.',
	reads: {closed: tradeClosed, balance: accountBalance},
	writes,
	keys: ports,
	initial: (): State => ({wallet: noReturns, record: noTrades}),
	partition: () => WHOLE,
	on: {
		closed: (state, trade, context) => {
			if (context.entry.authority !== 'live' || trade.foreign === 'ignored') return stay
			return stepOf({...state, record: withTrade(state.record, trade.net_pnl)}, context)
		},
		balance: (state, {asset, wallet_balance, transfer}, context) => {
			const {entry} = context
			if (entry.authority !== 'live' || asset !== ASSET) return stay
			const wallet = withBalance(state.wallet, {wallet_balance, transfer, ts_ms: entry.ts})
			return stepOf({...state, wallet}, context, dayEnded(state, context))
		},
	},
})
