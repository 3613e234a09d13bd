import type {UniverseRow, UniverseView} from '../../daemon/client/universe.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {amount, duration, known} from './terms.js'
import {fitText} from './width.js'

const WHY: Readonly<Record<NonNullable<UniverseRow['reason']>, string>> = {
	NOT_LISTED: 'the venue does not list it',
	NOT_TRADING: 'the venue does not trade it now',
	VOLUME_LOW: 'too little is traded (universe.quote_volume_min_usdt)',
	NOT_IN_TOP10: 'ten others are traded more (universe.mode)',
}

/** Which symbols may open, and why the others may not. */
export const universeView = (view: UniverseView, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {open, symbols, version, age_ms, stale} = view
	const age = `venue read ${duration(age_ms)} ago`
	const head = `${open} of ${symbols.length} symbols may open (policy version ${version}), ${stale ? paint('bad', age) : age}\n`
	const rows = table<UniverseRow>(
		[
			{heading: 'SYMBOL', value: ({symbol}) => symbol},
			{heading: 'MAY', value: row => (row.open ? paint('good', 'open') : paint('busy', 'exits only'))},
			{heading: '24H VOLUME', align: 'right', drop: 2, value: row => amount(String(row.quote_volume_usdt), 0)},
			{
				heading: 'SPREAD',
				align: 'right',
				drop: 3,
				value: ({spread_bps}) => known(spread_bps === undefined ? null : `${spread_bps} bps`),
			},
			{heading: 'SECTOR', drop: 4, value: ({sector}) => sector ?? '-'},
			{heading: 'WHY', drop: 1, value: ({reason}) => (reason === undefined ? '' : WHY[reason])},
		],
		symbols,
		{none: 'the allowlist of the policy is empty: nothing opens', width},
	)
	return `${fitText(head, width)}\n${rows}`
}
