import {z} from 'zod'
import {type Fields, isName} from './field.js'

/** `live` may lead to orders; `shadow` is measured and never traded. */
export const authority = z.enum(['live', 'shadow'])
export type Authority = z.infer<typeof authority>

/** What every entry carries beside its payload, under reserved field names. */
export type Envelope = Readonly<{
	/** Deterministic: the same cause handled again gives the same id. */
	id: string
	/** Id of the entry that caused this one; empty at the source. */
	cause: string
	/** Unit that wrote it; `hand` for an entry without an envelope. */
	unit: string
	/** Event time, venue clock, ms. */
	ts: number
	/** Version of the payload's schema. */
	v: number
	authority: Authority
}>

export const ENVELOPE_FIELDS = ['id', 'cause', 'unit', 'ts', 'v', 'authority'] as const
export const HAND = 'hand'

export const encodeEnvelope = ({id, cause, unit, ts, v, authority: authority_}: Envelope): Record<string, string> => ({
	id,
	cause,
	unit,
	ts: String(ts),
	v: String(v),
	authority: authority_,
})

const NAMES = ['id', 'unit', 'cause'] as const

/** What entries that this one leads to could not carry on: empty where the envelope can be read. */
export const envelopeFlaws = (fields: Fields): readonly string[] =>
	NAMES.filter(name => {
		const value = fields[name]
		return value !== undefined && !isName(value) && !(name === 'cause' && value === '')
	}).map(name => `${name}: expected a name of 1 to 512 characters that is no name of every object`)

/** Reads the envelope; what an entry written by hand leaves out is filled from its stream id and the time it is read. */
export const decodeEnvelope = (fields: Fields, stream_id: string, now_ms: number): Envelope => {
	const ts = Number(fields.ts)
	const v = Number(fields.v)
	return {
		id: fields.id ?? stream_id,
		cause: fields.cause ?? '',
		unit: fields.unit ?? HAND,
		ts: fields.ts !== undefined && Number.isSafeInteger(ts) && ts > 0 ? ts : now_ms,
		v: Number.isSafeInteger(v) && v > 0 ? v : 1,
		authority:
			fields.authority === 'shadow'
				? 'shadow'
				: fields.authority === undefined || fields.authority === 'live'
					? 'live'
					: 'shadow',
	}
}
