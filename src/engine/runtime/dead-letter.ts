import type {Entry, Write} from '../bus/bus.js'
import {encodeEnvelope, envelopeFlaws} from '../contracts/envelope.js'
import {encodeFields} from '../contracts/field.js'
import type {Naming} from '../contracts/naming.js'
import {deadLetters} from '../contracts/streams/ops.js'
import type {AnyUnit} from '../contracts/unit.js'
import {idOf} from './identity.js'

const DETAIL_MAX = 2_000

/** The dead-letter entry for one that cannot be handled: whole, with the reason. */
export const deadLetterOf = (options: {
	unit: AnyUnit
	naming: Naming
	port: string
	entry: Entry
	reason: string
	detail: string
	deliveries: number
	now_ms: number
}): Write => {
	const {unit, naming, port, entry, reason, detail, deliveries, now_ms} = options
	const stream = unit.reads[port]
	const name = stream?.name ?? port
	const own = stream?.dead_letter
	const payload = {
		stream: name,
		...(own === undefined && {group: naming.group(unit.name, name)}),
		entry_id: entry.id,
		reason,
		detail: detail.slice(0, DETAIL_MAX),
		deliveries,
		fields: entry.fields,
	}
	const envelope = {
		id: idOf(unit.name, 'dead', name, entry.id),
		// An id that nobody could carry on stays among the fields.
		cause: envelopeFlaws({id: entry.fields.id ?? ''}).length === 0 ? (entry.fields.id ?? '') : entry.id,
		unit: unit.name,
		ts: now_ms,
		v: deadLetters.version,
		authority: 'live' as const,
	}
	return {
		op: 'append',
		stream: naming.stream(own ?? deadLetters.name),
		fields: {...encodeEnvelope(envelope), ...encodeFields(payload)},
	}
}

/** The message, and where it was thrown: the rest of a stack says how the runtime came there. */
export const detailOf = (error: unknown): string => {
	if (!(error instanceof Error)) return String(error)
	const place = /\n\s+at [^\n]+/.exec(error.stack ?? '')?.[0] ?? ''
	return `${error.name}: ${error.message}${place}`
}
