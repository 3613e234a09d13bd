import type {EssReset, EssRule, EssView} from '../../daemon/client/ess.js'
import type {Meaning, Paint} from './colour.js'
import {essLine} from './ess-line.js'
import {table} from './table.js'
import {amount, duration} from './terms.js'
import {fitText} from './width.js'

const LEVEL: Readonly<Record<EssRule['level'], Meaning>> = {NORMAL: 'good', WARNING: 'busy', CRITICAL: 'bad'}

/** The state, and where every rule stands. */
export const essView = (view: EssView, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {equity_usdt, flatten, rules, age_ms, stale} = view
	const confirmed = `confirmed ${duration(age_ms)} ago`
	const head = [
		essLine({...view, machine_ms: -age_ms}, 0, paint),
		`equity ${equity_usdt === null ? 'unknown' : `${amount(equity_usdt, 2)} USDT`}; CRITICAL ${flatten ? 'closes everything, then disarms' : 'disarms and leaves positions with their stops'}`,
		stale ? paint('bad', confirmed) : confirmed,
		'',
	]
	const rows = table(
		[
			{heading: 'RULE', value: ({rule}) => rule},
			{heading: 'LEVEL', value: ({level}) => paint(LEVEL[level], level)},
			{heading: 'USED', align: 'right', value: ({used}) => used},
			{heading: 'WARNING', align: 'right', value: ({warning}) => warning},
			{heading: 'CRITICAL', align: 'right', value: ({critical}) => critical ?? '-'},
		],
		rules,
		{none: 'no rules', width},
	)
	return `${fitText(head.join('\n'), width)}\n${rows}`
}

export const essResetView = ({outcome, detail, ess}: EssReset, paint: Paint): string =>
	`${paint(outcome === 'RESET' ? 'good' : 'busy', outcome)}  ${detail}\nthe ESS is ${ess.state}${outcome === 'RESET' ? '; arm by: qt go' : ''}`
