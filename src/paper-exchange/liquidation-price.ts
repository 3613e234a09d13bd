import type {Core} from './core.js'
import {type Dec, maximum, zero} from './decimal.js'
import {accountRisk, positionRisk} from './margin.js'
import type {Position} from './records.js'
import type {Bracket} from './symbol-rules.js'

/**
 * Liquidation price of a position by Binance's one-way formula, zero when no positive price liquidates it.
 * The tier is that of the resulting notional, found by trying each.
 */
export const liquidationPrice = (core: Core, position: Position): Dec => {
	if (position.amount.isZero()) return zero
	const account = accountRisk(core)
	const own = positionRisk(core, position)
	const wallet = position.isolated
		? position.isolated_wallet
		: account.cross_wallet
				.sub(account.cross_maintenance.sub(own.maintenance))
				.add(account.cross_unrealised.sub(own.unrealised))
	return liquidationPriceOf(core.rulesOf(position.symbol).brackets, position.amount, position.entry, wallet)
}

/** `wallet` already holds the other positions' unrealised PnL and lacks their maintenance margin. */
export const liquidationPriceOf = (brackets: readonly Bracket[], amount: Dec, entry: Dec, wallet: Dec): Dec => {
	const size = amount.abs()
	const sign = amount.gt(zero) ? 1 : -1
	let last = zero
	for (const bracket of brackets) {
		const numerator = wallet.add(bracket.cum).sub(size.mul(entry).mul(sign))
		last = numerator.div(size.mul(bracket.ratio).sub(size.mul(sign)))
		const notional = last.mul(size)
		if (notional.lte(bracket.cap) && notional.gte(bracket.floor)) break
	}
	return maximum(zero, last)
}
