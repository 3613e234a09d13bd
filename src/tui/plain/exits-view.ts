import type {ExitsView, ExitTarget, OpenExit, OwnedExit} from '../../daemon/client/exits.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {amount, duration, known, signed} from './terms.js'
import {fitText} from './width.js'

const PLACES = 6
const PERCENT = 100
const share = (value: number): string => `${signed((value * PERCENT).toFixed(2), 2)} %`
const price = (value: string | null): string => known(value === null ? null : amount(value, PLACES))

const positionLine = ({symbol, side, amount: size, entry_price, leverage, opened_by, held_ms}: OpenExit): string => {
	const gear = leverage === null ? '' : ` at ${leverage}x`
	const by = opened_by === null ? '' : `, opened by ${opened_by}`
	const held = held_ms === null ? '' : `, held for ${duration(held_ms)} of venue time`
	return `${symbol} ${side} ${amount(size, PLACES)} at ${amount(entry_price, PLACES)}${gear}${by}${held}`
}

const stopLine = ({initial_stop_price, resting_stop_price, stop_resting, exit}: OpenExit, paint: Paint): string => {
	const resting = stop_resting ? `at the venue ${price(resting_stop_price)}` : paint('bad', 'none rests at the venue')
	return `stops: initial ${price(initial_stop_price)}, internal ${price(exit?.internal_stop_price ?? null)}, ${resting}`
}

const ownerLine = ({owner, stale, exit}: OpenExit, paint: Paint): string => {
	if (exit === null) return `owner: ${owner}, since exitbrain has not spoken of it`
	const said = `exitbrain spoke ${duration(exit.age_ms)} ago`
	return stale ? paint('bad', `owner: ${owner}, since ${said}`) : `owner: ${owner}, ${said}`
}

const gainLine = ({price: at, gain, margin_gain}: OwnedExit, paint: Paint): string => {
	const colour = gain < 0 ? 'bad' : 'good'
	const margin = margin_gain === null ? '' : `, ${share(margin_gain)} of margin`
	return `at ${amount(at, PLACES)}: ${paint(colour, `${share(gain)} of price${margin}`)}`
}

const exitLines = (exit: OwnedExit, kill_score_close: number, paint: Paint): string[] => {
	const {loss_max_price, emergency_price, trail_price, best_price, kill_score, parts, closing} = exit
	const named = Object.entries(parts).map(([name, value]) => `${name} ${amount(value.toFixed(2), 2)}`)
	const score = `kill score ${amount(String(kill_score), 2)}`
	return [
		gainLine(exit, paint),
		`limits: max loss ${price(loss_max_price)}, emergency ${price(emergency_price)}`,
		trail_price === null
			? 'trailing: from target 1 on'
			: `trailing: closes at ${price(trail_price)}, best ${price(best_price)}`,
		`${kill_score >= kill_score_close ? paint('bad', score) : score}, closes from ${kill_score_close}: ${named.join(', ')}`,
		...(closing === null ? [] : [paint('busy', `closing: ${closing}`)]),
	]
}

const targetTable = ({targets, skipped}: OwnedExit, entry: string, paint: Paint, width: number): string => {
	const shown: Readonly<Record<ExitTarget['state'], string>> = {taken: paint('good', 'taken'), next: 'next', later: ''}
	const rows = table(
		[
			{heading: 'TARGET', align: 'right', value: row => row.number},
			{heading: 'PRICE', align: 'right', value: row => amount(row.price, PLACES)},
			{heading: 'FROM ENTRY', align: 'right', drop: 1, value: row => share(Number(row.price) / Number(entry) - 1)},
			{heading: '', value: row => shown[row.state]},
		],
		targets.map((target, index) => ({...target, number: String(index + 1)})),
		{none: 'no targets', width},
	)
	return skipped === 0 ? rows : `${rows}\n${skipped} of them closed nothing: the part is less than the lot size`
}

/** How a position is left, or that there is none. */
export const exitsView = (view: ExitsView, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	if (!view.open) return `${view.symbol} is flat: there is nothing to exit`
	const {exit, entry_price, kill_score_close} = view
	const lines = [
		positionLine(view),
		...(exit ? exitLines(exit, kill_score_close, paint) : []),
		stopLine(view, paint),
		ownerLine(view, paint),
	]
	const head = fitText(lines.join('\n'), width)
	return exit ? `${head}\n\n${targetTable(exit, entry_price, paint, width)}` : head
}
