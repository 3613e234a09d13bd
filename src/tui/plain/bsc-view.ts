import type {BscView} from '../../daemon/client/bsc.js'
import type {BscRule} from '../../daemon/client/bsc-record.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {duration, instant} from './terms.js'
import {fitText} from './width.js'

const standing = ({broken}: BscRule): string => (broken ? 'BROKEN' : 'holds')

/** The state, and where every rule stands. */
export const bscView = (view: BscView, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {state, rule, used, limit, since_ms, rules, age_ms, stale, ess_watch, ess_watch_age_ms} = view
	const tripped = state === 'TRIPPED'
	const why = tripped ? ` since ${instant(since_ms)} (venue), ${rule} at ${used} of ${limit}: nothing opens` : ''
	const watch =
		ess_watch === null ? 'has not looked yet' : `${ess_watch}, looked ${duration(ess_watch_age_ms ?? 0)} ago`
	const ages = `looked ${duration(age_ms)} ago; watch over the ESS: ${watch}`
	const head = [
		`${paint(tripped ? 'bad' : 'good', state)}${why}`,
		stale || ess_watch === 'SILENT' ? paint('bad', ages) : ages,
		'',
	]
	const rows = table(
		[
			{heading: 'RULE', value: (row: BscRule) => row.rule},
			{heading: 'STANDS', value: row => paint(row.broken ? 'bad' : 'good', standing(row))},
			{heading: 'USED', align: 'right', value: row => row.used},
			{heading: 'LIMIT', align: 'right', value: row => row.limit},
		],
		rules,
		{none: 'no rules', width},
	)
	return `${fitText(head.join('\n'), width)}\n${rows}`
}
