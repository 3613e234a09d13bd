import type {Core} from './core.js'
import {type Dec, dec, maximum, minimum} from './decimal.js'
import type {AlgoOrder, WorkingType} from './records.js'

export const triggerSource = (core: Core, symbol: string, working: WorkingType): Dec =>
	working === 'MARK_PRICE' ? core.mark(symbol) : core.last(symbol)

/** Stops trigger in the direction of their side, take-profits against it; reaching the price is enough. */
export const crossed = (algo: Pick<AlgoOrder, 'type' | 'side' | 'trigger_price'>, price: Dec): boolean => {
	if (price.isZero()) return false
	const isStop = algo.type === 'STOP' || algo.type === 'STOP_MARKET'
	const upwards = isStop === (algo.side === 'BUY')
	return upwards ? price.gte(algo.trigger_price) : price.lte(algo.trigger_price)
}

const activates = (algo: Pick<AlgoOrder, 'side' | 'activate_price'>, price: Dec): boolean =>
	algo.side === 'SELL' ? price.gte(algo.activate_price) : price.lte(algo.activate_price)

/** Whether a new conditional order is refused, its condition (or a trailing stop's activation) being met already. */
export const triggersAtOnce = (
	algo: Pick<AlgoOrder, 'type' | 'side' | 'trigger_price' | 'activate_price'>,
	price: Dec,
): boolean => {
	if (algo.type !== 'TRAILING_STOP_MARKET') return crossed(algo, price)
	return !algo.activate_price.isZero() && activates(algo, price)
}

/**
 * A trailing stop becomes active when the price reaches its activation price (at once without one), follows the best
 * price since then, and triggers when the price has come back from it by the callback rate.
 */
const trails = (core: Core, algo: AlgoOrder, price: Dec): boolean => {
	const sells = algo.side === 'SELL'
	if (!algo.active) {
		if (!activates(algo, price)) return false
		algo.active = true
		algo.extreme = price
		core.state.touchAlgo(algo)
	}
	const better = sells ? maximum(algo.extreme, price) : minimum(algo.extreme, price)
	if (!better.eq(algo.extreme)) {
		algo.extreme = better
		core.state.touchAlgo(algo)
	}
	const share = algo.callback_rate.div(100)
	const turn = algo.extreme.mul(sells ? dec(1).sub(share) : dec(1).add(share))
	return sells ? price.lte(turn) : price.gte(turn)
}

export const isTriggered = (core: Core, algo: AlgoOrder, price: Dec): boolean =>
	algo.type === 'TRAILING_STOP_MARKET' ? trails(core, algo, price) : crossed(algo, price)
