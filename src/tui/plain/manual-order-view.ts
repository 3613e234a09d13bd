import type {GateRow} from '../../daemon/client/gate-preview.js'
import type {ManualOrder} from '../../daemon/client/manual-order.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {amount, duration} from './terms.js'
import {fitText} from './width.js'

/** A value of a gate in its unit. */
export const inUnit = ({unit}: Pick<GateRow, 'unit'>, text: string): string => {
	if (unit === '' || text === '' || Number.isNaN(Number(text))) return text
	if (unit === 'ms') return duration(Number(text))
	return unit === 'bps' ? `${text} bps` : `${amount(String(Number(text) / 1e6), 2)} USDT`
}

const outcomeOf = ({outcome, detail, quantity, average_price}: ManualOrder, paint: Paint): string => {
	if (outcome === 'PREVIEW') return 'nothing was sent: a preview'
	if (outcome === 'EXECUTED') {
		const filled = quantity === '' || Number(quantity) === 0 ? '' : ` ${quantity} at ${average_price}`
		return `${paint('good', 'EXECUTED')}${filled}`
	}
	return `${paint('bad', outcome)} ${detail}`
}

/** The leverage beside the highest that the stop allows. */
const leverageText = (leverage: number, max: number | null): string => {
	if (max === null) return `${leverage}x`
	return leverage > max
		? `${leverage}x (the stop allows ${max}x at most)`
		: `${leverage}x of the ${max}x that the stop allows`
}

export const planLine = ({
	plan,
	preview,
	leverage_max,
}: Pick<ManualOrder, 'plan' | 'preview' | 'leverage_max'>): string => {
	const {action, side = '', symbol, quantity, leverage, stop_price} = plan
	const size = quantity ?? (preview.notional_usdt === null ? '' : `${amount(preview.notional_usdt, 2)} USDT`)
	const rest = [
		leverage === undefined ? '' : leverageText(leverage, leverage_max),
		stop_price === undefined ? '' : `stop ${stop_price}`,
	].filter(part => part !== '')
	return [action, side, size, symbol, ...rest].filter(part => part !== '').join(' ')
}

/** What the exchange's own rules make of it. */
const orderLine = ({order}: ManualOrder, paint: Paint): readonly string[] => {
	if (order === null) return []
	if ('quantity' in order) return [`would be sent as ${order.quantity} after rounding to the lot`]
	return [`${paint('bad', 'would not be sent')}: ${order.refused.code}, ${order.refused.message}`]
}

/** Every gate with what it found, then the outcome. */
export const manualOrderView = (order: ManualOrder, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const gates = table(
		[
			{heading: 'GATE', value: ({code}) => code},
			{heading: 'ANSWER', value: ({passed}) => (passed ? paint('good', 'passes') : paint('bad', 'REFUSES'))},
			{heading: 'FOUND', align: 'right', drop: 2, value: row => inUnit(row, row.used)},
			{heading: 'LIMIT', align: 'right', drop: 3, value: row => inUnit(row, row.limit)},
			{heading: 'POLICY', drop: 4, value: ({policy}) => policy},
			{heading: 'REMEDY', drop: 1, value: ({passed, remedy}) => (passed ? '' : remedy)},
		],
		order.preview.gates,
		{width},
	)
	const heading = `${planLine(order)}, plan ${order.plan.plan_id}`
	const foreseen = order.outcome === 'PREVIEW' ? orderLine(order, paint) : []
	const lines = [...foreseen, outcomeOf(order, paint)].map(line => fitText(line, width))
	return `${fitText(heading, width)}\n\n${gates}\n\n${lines.join('\n')}`
}
