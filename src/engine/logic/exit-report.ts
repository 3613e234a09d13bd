import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import type {exitBrainPnl} from '../contracts/streams/exits.js'
import {priceText} from './exact.js'
import {guardsOf} from './exit-decision.js'
import type {Holding} from './exit-holding.js'
import {gainAt, type Ladder} from './exit-ladder.js'
import type {UrgencyParts} from './exit-urgency.js'

/** What the exit owner sees at a price. */
export type ExitView = Readonly<{
	symbol: string
	holding: Holding
	ladder: Ladder
	price: number
	kill_score: number
	parts: UrgencyParts
}>
type Rules = Pick<Policy, 'exit_brain'>

const DIGITS = 1e6
const share = (value: number): number => Math.round(value * DIGITS) / DIGITS

/** The word of the owner on an open position. */
export const pnlOf = (
	{symbol, holding, ladder, price, kill_score}: ExitView,
	rules: Rules,
): PayloadOf<typeof exitBrainPnl> => {
	const {opened_ms, leverage, taken} = holding
	const gain = gainAt(ladder, price)
	const {stop, trail} = guardsOf(holding, ladder, rules)
	const next = ladder.targets[taken]
	return {
		symbol,
		opened_ms,
		gain: share(gain),
		...(leverage !== undefined && {margin_gain: share(gain * leverage)}),
		kill_score,
		stop_price: priceText(trail ?? stop),
		...(next !== undefined && {next_target_price: priceText(next)}),
		targets_taken: taken,
		trailing: trail !== undefined,
	}
}

/** The same with everything that it follows from, as the fields of a hash. Targets and parts are JSON. */
export const exitStateOf = (view: ExitView, rules: Rules): Readonly<Record<string, string | number | boolean>> => {
	const {holding, ladder, price, parts} = view
	const {amount, entry_price, initial_stop_price, resting, initial_size, skipped, best, pending} = holding
	const {stop, trail} = guardsOf(holding, ladder, rules)
	const {symbol: _, margin_gain, next_target_price, ...pnl} = pnlOf(view, rules)
	return {
		...pnl,
		amount,
		entry_price,
		initial_size,
		price: priceText(price),
		distance: share(ladder.distance),
		internal_stop_price: priceText(stop),
		targets: JSON.stringify(ladder.targets.map(priceText)),
		skipped,
		parts: JSON.stringify(parts),
		...(margin_gain !== undefined && {margin_gain}),
		...(next_target_price !== undefined && {next_target_price}),
		...(initial_stop_price !== undefined && {initial_stop_price}),
		...(resting && {resting_stop_price: resting.price, resting_stop_id: resting.client_id}),
		...(best !== undefined && {best_price: priceText(best)}),
		...(trail !== undefined && {trail_price: priceText(trail)}),
		...(ladder.loss_max_price !== undefined && {loss_max_price: priceText(ladder.loss_max_price)}),
		...(ladder.emergency_price !== undefined && {emergency_price: priceText(ladder.emergency_price)}),
		...(pending && {closing: pending.reason}),
	}
}
