import type {Authority, Envelope} from './envelope.js'
import type {KeyContract, KeyParameters} from './key.js'
import type {Mode} from './mode.js'
import type {Policy} from './policy.js'
import type {ScriptContract} from './script.js'
import type {PayloadOf, StreamContract} from './stream.js'
import type {Target} from './targets.js'

type Streams = Readonly<Record<string, StreamContract>>
type KeyPorts = Readonly<Record<string, KeyContract>>

/** What comes in from outside the streams: a socket, a poll, a file. An adapter of the same name pushes it. */
export type Feed<Event> = Readonly<{
	kind: 'feed'
	summary: string
	/** A newer event of the same partition may replace one that has not been handled: telemetry only. */
	conflate: boolean
	/** Phantom: carries the event's type. */
	event?: Event
}>
export const defineFeed = <Event>(summary: string, {conflate = false} = {}): Feed<Event> => ({
	kind: 'feed',
	summary,
	conflate,
})

/**
 * An action on the outside world. The request is recorded in the same atomic step that acknowledges its cause,
 * then performed by the adapter of the same name; the result comes back as an event that removes the record.
 * After a crash a recorded request is handed to the adapter again, marked as recovered.
 */
export type Effect<Request, Result> = Readonly<{kind: 'effect'; summary: string; request?: Request; result?: Result}>
export const defineEffect = <Request, Result>(summary: string): Effect<Request, Result> => ({kind: 'effect', summary})

type FeedPorts = Readonly<Record<string, Feed<unknown>>>
type EffectPorts = Readonly<Record<string, Effect<unknown, unknown>>>
export type EventOf<Port> = Port extends Feed<infer Event> ? Event : never
export type RequestOf<Port> = Port extends Effect<infer Request, unknown> ? Request : never
export type ResultOf<Port> = Port extends Effect<unknown, infer Result> ? Result : never

/** A deadline sweep: called for each partition that has state. */
export type Timer = Readonly<{every_ms: number; clock: 'venue' | 'machine'}>
type TimerPorts = Readonly<Record<string, Timer>>

/** Wishes: data for the host to carry out, never calls. */
export type Emit = Readonly<{
	kind: 'emit'
	stream: StreamContract
	payload: Readonly<Record<string, unknown>>
	authority?: Authority
	/** Overrides the derived id, for sources whose events have one. */
	id?: string
}>
export type KeyWrite =
	| Readonly<{
			kind: 'put-hash'
			key: KeyContract
			parameters: Readonly<Record<string, string>>
			fields: Readonly<Record<string, string>>
			replace: boolean
	  }>
	| Readonly<{kind: 'put-string'; key: KeyContract; parameters: Readonly<Record<string, string>>; value: string}>
	| Readonly<{
			kind: 'add-members'
			key: KeyContract
			parameters: Readonly<Record<string, string>>
			members: readonly string[]
	  }>
	| Readonly<{
			kind: 'remove-members'
			key: KeyContract
			parameters: Readonly<Record<string, string>>
			members: readonly string[]
	  }>
	| Readonly<{kind: 'remove'; key: KeyContract; parameters: Readonly<Record<string, string>>}>
export type EffectRequest = Readonly<{kind: 'effect'; port: string; idempotency_key: string; request: unknown}>

export type Wish = Emit | KeyWrite | EffectRequest

/** What a handler returns. `state` left out means unchanged. */
export type Step<State> = Readonly<{state?: State; wishes?: readonly Wish[]; decide?: never}>

/** A step that a script takes: the script picks the branch, in the same atomic step that commits it. */
export type DecidedStep<State> = Readonly<{decide: Decision<State>; state?: never; wishes?: never}>
export type Decision<State> = Readonly<{
	script: ScriptContract
	keys: Readonly<Record<string, Readonly<Record<string, string>>>>
	args: Readonly<Record<string, string | number>>
	branches: Readonly<Record<string, Step<State>>>
}>

/** In a branch's payload: filled in by the script from its reply. */
export const fromReply = (name: string): string => `\u0000${name}`

type Fields = Readonly<Record<string, string | number | boolean | undefined>>
type Writer<Contract> = Contract extends {type: 'hash'; pattern: infer Pattern extends string}
	? {
			/** Sets fields, leaves others; `replace` removes what is not named. */
			put(parameters: KeyParameters<Pattern>, fields: Fields, options?: {replace?: boolean}): KeyWrite
			remove(parameters: KeyParameters<Pattern>): KeyWrite
		}
	: Contract extends {type: 'string'; pattern: infer Pattern extends string}
		? {
				put(parameters: KeyParameters<Pattern>, value: string): KeyWrite
				remove(parameters: KeyParameters<Pattern>): KeyWrite
			}
		: Contract extends {type: 'set'; pattern: infer Pattern extends string}
			? {
					add(parameters: KeyParameters<Pattern>, members: readonly string[]): KeyWrite
					drop(parameters: KeyParameters<Pattern>, members: readonly string[]): KeyWrite
					remove(parameters: KeyParameters<Pattern>): KeyWrite
				}
			: never

/** Everything a handler may know besides its state and the event. */
export type Context<Writes extends Streams, Keys extends KeyPorts, Effects extends EffectPorts> = Readonly<{
	/** Venue time, ms. */
	now_ms: number
	/** Machine time, ms: leases and liveness only. */
	machine_ms: number
	/** How many times the venue's clock runs faster than the machine's. */
	speed: number
	partition: string
	/** The entry being handled; for feeds and timers made up by the host. */
	entry: Envelope & Readonly<{stream_id: string}>
	policy: Policy
	mode: Mode
	emit: Readonly<{
		[Port in keyof Writes]: (payload: PayloadOf<Writes[Port]>, options?: {authority?: Authority; id?: string}) => Emit
	}>
	key: Readonly<{[Port in keyof Keys]: Writer<Keys[Port]>}>
	effect: Readonly<{
		[Port in keyof Effects]: (idempotency_key: string, request: RequestOf<Effects[Port]>) => EffectRequest
	}>
}>

export type EffectOutcome<Port> =
	| Readonly<{ok: true; idempotency_key: string; result: ResultOf<Port>; request: RequestOf<Port>}>
	| Readonly<{ok: false; idempotency_key: string; error: string; request: RequestOf<Port>}>

export type UnitKind = 'stream' | 'timer' | 'watch' | 'exporter' | 'server'

export type UnitContract<
	Reads extends Streams = Streams,
	Writes extends Streams = Streams,
	Keys extends KeyPorts = KeyPorts,
	Feeds extends FeedPorts = FeedPorts,
	Effects extends EffectPorts = EffectPorts,
	Timers extends TimerPorts = TimerPorts,
	State = unknown,
> = Readonly<{
	name: string
	target: Target
	/** The process of its target that it shares with units of the same word; left out, the target's first. */
	process?: string
	kind: UnitKind
	summary: string
	/** HTTP port over the base, when it has one. */
	port?: number
	aliases?: readonly string[]
	reads: Reads
	/** Ports of which entries that break the contract are left to another reader, who puts them into the dead letters. */
	watches?: readonly (keyof Reads & string)[]
	/** Ports of which only the newest entry per partition of a batch is handled: telemetry only. */
	conflates?: readonly (keyof Reads & string)[]
	writes: Writes
	keys: Keys
	/** Atomic decisions that its steps may take; they look at keys of others. */
	scripts?: readonly ScriptContract[]
	/** Keys that its adapters look at: a fence, a watch. */
	looks?: readonly KeyContract[]
	feeds?: Feeds
	effects?: Effects
	timers?: Timers
	/** State of a partition that has none yet. JSON only. */
	initial: () => State
	/** Which partition an event belongs to; default its `symbol`. One partition is handled in order. */
	partition?: (event: unknown) => string
	on: {
		[Port in keyof Reads]: (
			state: State,
			event: PayloadOf<Reads[Port]>,
			context: Context<Writes, Keys, Effects>,
		) => Step<State> | DecidedStep<State>
	}
	onFeed?: {
		[Port in keyof Feeds]: (
			state: State,
			event: EventOf<Feeds[Port]>,
			context: Context<Writes, Keys, Effects>,
		) => Step<State> | DecidedStep<State>
	}
	onResult?: {
		[Port in keyof Effects]: (
			state: State,
			outcome: EffectOutcome<Effects[Port]>,
			context: Context<Writes, Keys, Effects>,
		) => Step<State> | DecidedStep<State>
	}
	onTimer?: {
		[Port in keyof Timers]: (state: State, context: Context<Writes, Keys, Effects>) => Step<State> | DecidedStep<State>
	}
}>

/** A unit whose exact types are not needed: what hosts and the registry hold. */
export type AnyUnit = UnitContract

export const defineUnit = <
	const Reads extends Streams,
	const Writes extends Streams,
	const Keys extends KeyPorts,
	State,
	const Feeds extends FeedPorts = Record<never, never>,
	const Effects extends EffectPorts = Record<never, never>,
	const Timers extends TimerPorts = Record<never, never>,
>(
	spec: UnitContract<Reads, Writes, Keys, Feeds, Effects, Timers, State>,
): UnitContract<Reads, Writes, Keys, Feeds, Effects, Timers, State> => Object.freeze(spec)

/** Forgets the exact types, so that units of different shapes stand in one list. */
export const anyUnit = (unit: unknown): AnyUnit => unit as AnyUnit

export const stay: Readonly<Record<never, never>> = Object.freeze({})
