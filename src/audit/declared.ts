import {serverUnits} from '../daemon/client/unit-names.js'
import type {KeyContract} from '../engine/contracts/key.js'
import {limits} from '../engine/contracts/limits.js'
import {Naming} from '../engine/contracts/naming.js'
import type {StreamContract} from '../engine/contracts/stream.js'
import {deadLetters} from '../engine/contracts/streams/ops.js'
import {
	keyList,
	readersOf,
	retiredKeys,
	retiredStreams,
	streamNames,
	streams,
	units,
	writersOf,
} from '../engine/registry.js'

export type DeclaredUnit = Readonly<{
	name: string
	target: string
	aliases: readonly string[]
	kind: string
	reads: readonly string[]
	writes: readonly string[]
	/** Where its code is, from the root of the sources; null for a program of others. */
	code: string | null
	/** It is a process of its own, and not handlers in a host. */
	server: boolean
}>

export type DeclaredStream = Readonly<{
	contract: StreamContract
	readers: readonly string[]
	/** Units; `runtime` and `operator` write some too. */
	writers: readonly string[]
}>

export type DeclaredKey = Pick<KeyContract, 'pattern' | 'type' | 'owner' | 'ttl_ms'>

/** From when on something is a finding; machine time, ms. */
export type AuditLimits = Readonly<{
	/** A consumer that was silent for so long will not come back by itself. */
	consumer_idle_ms: number
	/** An entry that was given out and not acknowledged for so long is stuck. */
	pending_idle_ms: number
	/** A reader beyond its limit is behind when its oldest entry waits for so long. */
	behind_ms: number
	heartbeat_stale_ms: number
	deliveries_max: number
}>
export const AUDIT_LIMITS: AuditLimits = {
	consumer_idle_ms: 60_000,
	pending_idle_ms: 60_000,
	behind_ms: 30_000,
	heartbeat_stale_ms: limits.heartbeat_stale_ms,
	deliveries_max: limits.deliveries_max,
}

/** What should be. */
export type Declared = Readonly<{
	home: string
	mode: string
	naming: Naming
	/** The supervisor's name of this home, which every process of it carries. */
	run_id: string | null
	units: readonly DeclaredUnit[]
	streams: readonly DeclaredStream[]
	keys: readonly DeclaredKey[]
	retired: Readonly<{streams: readonly Retired[]; keys: readonly Retired[]}>
	/** TCP ports by the unit that listens there. */
	ports: Readonly<Record<string, number>>
	limits: AuditLimits
}>
export type Retired = Readonly<{name: string; summary: string}>

const declaredUnits = (): readonly DeclaredUnit[] => [
	...serverUnits.map(({summary: _, ...of}) => ({...of, reads: [], writes: [], server: true})),
	...units.map(({name, target, aliases = [], kind, reads, writes}) => ({
		name,
		target,
		aliases,
		kind,
		reads: streamNames(reads),
		writes: streamNames(writes),
		code: `engine/units/${target}/${name}.ts`,
		server: false,
	})),
]

const declaredStream = (contract: StreamContract): DeclaredStream => ({
	contract,
	readers: readersOf(contract.name).map(({name}) => name),
	writers: [
		...writersOf(contract.name).map(({name}) => name),
		...(contract.operator_writes ? ['operator'] : []),
		...(contract.name === deadLetters.name ? ['runtime'] : []),
	],
})

/** Every stream with both its ends. */
export const declaredStreams: readonly DeclaredStream[] = streams.map(declaredStream)

export type Place = Readonly<{
	home: string
	mode: string
	prefix: string
	run_id: string | null
	ports: Readonly<Record<string, number>>
}>

/** The registry, as it applies to one home. */
export const declaredFor = ({prefix, ...place}: Place, audit_limits: AuditLimits = AUDIT_LIMITS): Declared => ({
	...place,
	naming: new Naming(prefix),
	units: declaredUnits(),
	streams: declaredStreams,
	keys: keyList,
	retired: {
		streams: retiredStreams,
		keys: retiredKeys.map(({pattern, summary}) => ({name: pattern, summary})),
	},
	limits: audit_limits,
})
