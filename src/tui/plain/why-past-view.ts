import type {Said, WhyPast} from '../../daemon/client/why-past.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {amount, duration, instant, oneLine} from './terms.js'
import {intentText} from './why-view.js'
import {fitText} from './width.js'

/** What the record comes to, in words. */
export const pastText = ({code, position, newest, at_ms}: WhyPast): string => {
	switch (code) {
		case 'POSITION':
			return `had a position: ${position?.amount ?? ''} at ${amount(position?.entry_price ?? '', 8)}, since ${instant(position?.opened_ms ?? 0)} of the venue’s time`
		case 'UNRECORDED':
			return 'cannot be said: the record does not reach back so far'
		case 'NO_INTENT':
			return 'had no position, and nobody had asked for one'
		case 'TRADED':
			return `was flat again, or not yet in: the newest intent was ${newest ? intentText(newest, at_ms) : ''}`
		default:
			return `had no position: the newest intent was ${newest ? intentText(newest, at_ms) : ''}`
	}
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 23)

const values = ({used, limit, detail}: Said): string =>
	oneLine(
		[used === '' ? '' : limit === '' ? used : `${used} of ${limit}`, detail].filter(part => part !== '').join('; '),
	)

/** What the record says of an instant, and what it does not say any more. */
export const whyPastView = (past: WhyPast, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {symbol, at_ms, data, held, operator, entries, unrecorded} = past
	const head = [
		`${symbol} at ${instant(at_ms)} UTC (machine time) ${paint(past.code === 'POSITION' ? 'good' : 'bad', pastText(past))}`,
		'',
		...data.map(
			({stream, age_ms}) =>
				`${stream}: ${age_ms === null ? 'not recorded any more' : `newest ${duration(age_ms)} before`}`,
		),
		...held.map(
			said =>
				`${said.stream}: ${oneLine(`${said.said} ${said.reason} ${values(said)}`)}, ${duration(at_ms - said.at_ms)} before`,
		),
		operator
			? `last by hand: ${oneLine(`${operator.what} by ${operator.who}, ${operator.outcome}: ${operator.why}`)}, ${duration(at_ms - operator.time_ms)} before`
			: 'last by hand: nothing on record',
	].join('\n')
	const told = table(
		[
			{heading: 'TIME', value: ({at_ms: of_ms}) => clock(of_ms)},
			{heading: 'STREAM', value: ({stream}) => stream},
			{heading: 'BY', drop: 2, value: ({unit}) => oneLine(unit)},
			{heading: 'SAID', value: ({said}) => oneLine(said)},
			{heading: 'REASON', value: ({reason}) => oneLine(reason)},
			{heading: 'VALUES', prose: true, value: values},
			{heading: 'ID', drop: 1, value: ({id}) => oneLine(id)},
		],
		entries,
		{none: 'nothing is recorded of the symbol within two minutes of it', width},
	)
	return `${fitText(head, width)}\n\n${told}\n\n${fitText(`not recorded: ${unrecorded.join('; ')}`, width)}`
}
