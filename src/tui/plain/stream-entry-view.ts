import type {Delivery, InspectedEntry, Linked} from '../../daemon/client/stream-entry.js'
import type {Entry} from '../../engine/bus/bus.js'
import {idTime} from '../../engine/bus/stream-id.js'
import {escaped} from '../../engine/untrusted-text.js'
import type {Paint} from './colour.js'
import {duration, instant} from './terms.js'
import {fitText} from './width.js'

/** Characters of one value, and of a whole line, before it is cut. */
const VALUE_MAX = 120
const LINE_MAX = 2_000

/** What stands before the payload in each line of a tail. */
const HEAD: ReadonlySet<string> = new Set(['unit', 'v', 'id', 'cause', 'ts', 'authority'])

const cutText = (text: string, most: number): string =>
	text.length <= most ? escaped(text) : `${escaped(text.slice(0, most))}…[${text.length} characters]`

/** An entry in one line: its id, when it was written (machine time, UTC), who wrote it, what it says. */
export const tailLine = ({id, fields}: Entry): string => {
	const told = Object.entries(fields).filter(([name, value]) => !HEAD.has(name) && value !== '')
	const text = told.map(([name, value]) => `${cutText(name, VALUE_MAX)}=${cutText(value, VALUE_MAX)}`).join(' ')
	const shadow = fields.authority === 'shadow' ? ' (shadow)' : ''
	const line = text.length <= LINE_MAX ? text : `${text.slice(0, LINE_MAX)}… of ${told.length} fields`
	return `${id}  ${instant(idTime(id))}  ${cutText(fields.unit ?? 'hand', VALUE_MAX)}${shadow}  ${line}`.trimEnd()
}

const linkText = ({stream, stream_id, id, unit, latency_ms}: Linked): string =>
	`${stream} ${stream_id} by ${escaped(unit)}${latency_ms === null ? '' : `, ${latency_ms} ms after`} (${escaped(id)})`

const STATES: Readonly<Record<Delivery['state'], string>> = {
	WAITING: 'has not been given it',
	PENDING: 'has it',
	PASSED: 'has acknowledged it, unless the group began later or its consumer was deleted',
}
const deliveryText = ({unit, group, state, pending}: Delivery): string => {
	const who = unit ?? `${escaped(group)} (undeclared)`
	if (!pending) return `${who} ${STATES[state]}`
	const {consumer, idle_ms, deliveries} = pending
	const times = deliveries === 1 ? 'given once' : `given ${deliveries} times`
	return `${who} ${STATES[state]}: pending for ${escaped(consumer)}, ${times}, last ${duration(idle_ms)} ago`
}

/** One entry whole. */
export const entryView = (entry: InspectedEntry, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {stream, stream_id, envelope, fields, bytes, broken, deliveries, cause, cause_missing, caused} = entry
	const names = Object.keys(fields)
	const widest = Math.min(30, Math.max(0, ...names.map(name => escaped(name).length)))
	const contract = broken
		? `${paint('bad', broken.reason)}: ${escaped(broken.detail)}`
		: paint('good', 'keeps its contract')
	return fitText(
		[
			`${escaped(stream)} ${stream_id}, written ${instant(idTime(stream_id))} UTC (machine time), ${bytes} bytes`,
			`${contract}; ${envelope.authority}, by ${escaped(envelope.unit)}, venue time ${instant(envelope.ts)}`,
			'',
			...names.map(name => `  ${escaped(name).padEnd(widest)}  ${escaped(fields[name] ?? '')}`),
			'',
			...(deliveries.length === 0 ? ['no group reads the stream'] : deliveries.map(deliveryText)),
			'',
			cause
				? `caused by  ${linkText(cause)}`
				: cause_missing
					? `caused by  ${escaped(cause_missing)}, which is on no stream any more`
					: 'caused by nothing that is recorded',
			...(caused.length === 0 ? ['led to nothing'] : caused.map(link => `led to     ${linkText(link)}`)),
		].join('\n'),
		width,
	)
}
