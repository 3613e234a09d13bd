import type {z} from 'zod'

/** Flat fields: an object, or a union of objects told apart by one field. */
export type PayloadSchema = z.ZodObject | z.ZodDiscriminatedUnion

/**
 * One Redis stream: what flows through it, who may write it, how long it stays.
 * Readers and writers are derived from the units; `pending` names the unit that will be the missing end.
 */
export type StreamContract<Name extends string = string, Payload extends PayloadSchema = PayloadSchema> = Readonly<{
	kind: 'stream'
	name: Name
	summary: string
	payload: Payload
	version: number
	/** Money is never conflated and never trimmed unread; telemetry may be both. */
	criticality: 'money' | 'telemetry'
	/** Entries kept for people to look at; trimming never removes what a group has not read. */
	retention_max: number
	/** A reader further behind than this is unhealthy. */
	backlog_max: number
	/** Operators may append by hand. */
	operator_writes: boolean
	/** Where entries go that break the contract or fail five times; default: the common dead-letter stream. */
	dead_letter?: string
	/** Holds whole entries of other streams, and so may be longer than any of them. */
	wraps_entries?: true
	pending?: Readonly<{reader?: string; writer?: string}>
	former_names: readonly string[]
	/** Other names of fields, by the name that they stand for: accepted from entries written by hand. */
	field_aliases?: Readonly<Record<string, string>>
}>

type Spec<Name extends string, Payload extends PayloadSchema> = Pick<
	StreamContract<Name, Payload>,
	'name' | 'summary' | 'payload' | 'criticality'
> &
	Partial<Omit<StreamContract<Name, Payload>, 'kind'>>

export const defineStream = <const Name extends string, Payload extends PayloadSchema>(
	spec: Spec<Name, Payload>,
): StreamContract<Name, Payload> =>
	Object.freeze({
		kind: 'stream' as const,
		version: 1,
		retention_max: spec.criticality === 'money' ? 50_000 : 10_000,
		backlog_max: spec.criticality === 'money' ? 100 : 2_000,
		operator_writes: false,
		former_names: [],
		...spec,
	})

export type PayloadOf<Stream> = Stream extends StreamContract<string, infer Payload> ? z.output<Payload> : never
export type InputOf<Stream> = Stream extends StreamContract<string, infer Payload> ? z.input<Payload> : never
