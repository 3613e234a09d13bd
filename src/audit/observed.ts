import type {DaemonStatus} from '../daemon/client/control-api.js'
import type {ListedPosition} from '../daemon/client/positions.js'
import type {Listener} from '../daemon/supervision/listeners.js'
import type {Fields} from '../engine/contracts/field.js'
import type {PolicyFileFinding} from '../engine/logic/policy-drift.js'
import type {StreamFacts} from '../engine/logic/stream-backlog.js'

/** What was looked at. What could not be seen is said, and never guessed; `absent`: here is nothing of the kind. */
export type Part<Value> =
	| Readonly<{state: 'seen'; value: Value}>
	| Readonly<{state: 'unseen'; why: string}>
	| Readonly<{state: 'absent'; why: string}>

export const seen = <Value>(value: Value): Part<Value> => ({state: 'seen', value})
export const unseen = (why: string): Part<never> => ({state: 'unseen', why})
export const seenValue = <Value>(part: Part<Value>): Value | undefined =>
	part.state === 'seen' ? part.value : undefined
export const absent = (why: string): Part<never> => ({state: 'absent', why})

/** A process that was started for this home, by the mark that its supervisor gave it. */
export type OwnProcess = Readonly<{
	pid: number
	/** What its supervisor calls it: `redis`, `host-exec`. */
	name: string
	/** It leads its group: the process that was started, not one of its children. */
	leader: boolean
	generation: number
	/** Version and source of the build that started it. */
	version: string
	user: number | null
	directory: string | null
	command: string | null
}>

export type ProcessesSeen = Readonly<{
	own: readonly OwnProcess[]
	/** The daemon that holds this home, by its own record; null when none does. */
	daemon_pid: number | null
	/** Ids of all living processes. */
	living: ReadonlySet<number>
	/** Processes of other users, whose environment and sockets may be hidden from us. */
	hidden: number
}>

export type PortsSeen = Readonly<{listeners: readonly Listener[]}>

/** One of the newest entries; without fields when it is too long to be carried about. */
export type EntrySeen = Readonly<{id: string; bytes: number; fields: Fields | null}>

export type StreamSeen = Readonly<{
	/** Without the prefix. */
	name: string
	facts: StreamFacts
	newest: readonly EntrySeen[]
}>

/** A key that is no stream. `type` is `none` when it ended while it was looked at. */
export type KeySeen = Readonly<{
	/** Without the prefix. */
	name: string
	type: string
	/** Time until it is removed, ms; null when it never is. */
	ttl_ms: number | null
}>

export type LeaseSeen = Readonly<{unit: string; host: string; heartbeat_ms: number; generation: number}>

export type RedisSeen = Readonly<{
	url: string
	streams: readonly StreamSeen[]
	keys: readonly KeySeen[]
	leases: readonly LeaseSeen[]
	/** Names that were not looked at because there are too many. */
	keys_left_out: boolean
}>

export type SystemdUnit = Readonly<{
	name: string
	load: string
	active: string
	sub: string
	/** Null where the unit file is not listed. */
	enabled: string | null
	description: string
}>

/** A file or directory of the home. */
export type FileSeen = Readonly<{path: string; kind: 'file' | 'directory'; mode: number; uid: number; secret: boolean}>

export type BuildSeen = Readonly<{
	root: string
	version: string
	/** Fingerprint of the sources that were compiled. */
	source_hash: string | null
	commit: string | null
	built_at: string | null
	/** The checkout that this program is run from; null outside of one. */
	checkout: Readonly<{commit: string | null; source_hash: string}> | null
	/** Programs of this build that are missing. */
	missing: readonly string[]
}>

/** Positions whose stop is missing were looked at twice, so that one that is just being placed is not told of. */
export type VenueSeen = Readonly<{positions: readonly ListedPosition[]}>

export type Parts = Readonly<{
	ports: PortsSeen
	processes: ProcessesSeen
	daemon: DaemonStatus
	redis: RedisSeen
	systemd: readonly SystemdUnit[]
	files: readonly FileSeen[]
	build: BuildSeen
	venue: VenueSeen
	policy: PolicyFileFinding
}>
export type PartName = keyof Parts
export const PART_NAMES = [
	'ports',
	'processes',
	'daemon',
	'redis',
	'systemd',
	'files',
	'build',
	'venue',
	'policy',
] as const satisfies readonly PartName[]

/** Everything that was seen of one system at one time. */
export type Observed = Readonly<{
	/** Machine time, ms. */
	at_ms: number
	host: string
	parts: Readonly<{[Name in PartName]: Part<Parts[Name]>}>
}>
