import {exact} from './exact.js'
import {dayOf} from './income-days.js'

/** Days of returns that are kept: the ratios are taken over these. */
export const DAYS_MAX = 365
const DAY_MS = 86_400_000
const DIGITS = 12
/** No wallet has grown so far by trading: what says so is no figure to go on with, and would not be JSON. */
const VALUE_MAX = 1e15

/** What the wallet of one asset has earned, by UTC day of venue time. JSON. */
export type WalletReturns = Readonly<{
	/** `2025-06-15`; empty before the first balance. */
	day: string
	balance: string
	/** Value that 1 at the beginning has grown to, transfers left out; at the start of the day, and now. */
	day_value: number
	value: number
	peak: number
	/** Deepest fall of `value` from its highest, at most 0: -0.1 = 10 %. */
	drawdown: number
	/** Returns of the closed days, oldest first; a day without a change is a 0. */
	returns: readonly number[]
}>

export const noReturns: WalletReturns = {
	...{day: '', balance: '', day_value: 1, value: 1, peak: 1, drawdown: 0},
	returns: [],
}

const rounded = (value: number): number => Number(value.toPrecision(DIGITS))
const daysBetween = (first: string, last: string): number => Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS)

/** Closes every day up to that of `ts_ms`; a day in the past changes nothing. */
export const rolledTo = (before: WalletReturns, ts_ms: number): WalletReturns => {
	const day = dayOf(ts_ms)
	const passed = before.day === '' ? 0 : daysBetween(before.day, day)
	if (passed <= 0) return before.day === '' ? {...before, day} : before
	const closed = before.day_value > 0 ? rounded(before.value / before.day_value - 1) : 0
	const idle = Array.from({length: Math.min(passed - 1, DAYS_MAX)}, () => 0)
	return {...before, day, day_value: before.value, returns: [...before.returns, closed, ...idle].slice(-DAYS_MAX)}
}

export type WalletMove = Readonly<{wallet_balance: string; transfer?: string | undefined; ts_ms: number}>

/**
 * A new balance. What came in or went out is no return: the change without it is taken over the balance before. A
 * balance of nothing earns nothing.
 */
export const withBalance = (
	before: WalletReturns,
	{wallet_balance, transfer = '0', ts_ms}: WalletMove,
): WalletReturns => {
	const rolled = rolledTo(before, ts_ms)
	const base = exact(before.balance === '' ? '0' : before.balance)
	if (!base.gt(0)) return {...rolled, balance: wallet_balance}
	const earned = exact(wallet_balance).sub(base).sub(transfer).div(base).toNumber()
	const value = rounded(Math.min(VALUE_MAX, Math.max(0, rolled.value * (1 + earned))))
	const peak = Math.max(rolled.peak, value)
	const drawdown = Math.min(rolled.drawdown, rounded(value / peak - 1))
	return {...rolled, balance: wallet_balance, value, peak, drawdown}
}
