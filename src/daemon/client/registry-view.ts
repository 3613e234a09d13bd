import type {KeyContract} from '../../engine/contracts/key.js'
import {matchPattern} from '../../engine/contracts/key.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {type Target, targetNames, targets} from '../../engine/contracts/targets.js'
import type {AnyUnit} from '../../engine/contracts/unit.js'
import {
	keyList,
	readersOf,
	resolveUnit,
	retiredKeys,
	retiredStreams,
	streamNames,
	streams,
	units,
	writersOf,
} from '../../engine/registry.js'
import {resolveServer, serverUnits, unitNames, unknownName} from './unit-names.js'

export type UnitEntry = Readonly<{
	name: string
	target: string
	kind: string
	port: number | null
	aliases: readonly string[]
	reads: readonly string[]
	writes: readonly string[]
	keys: readonly string[]
	summary: string
}>
export type StreamEntry = Readonly<{
	name: string
	criticality: string
	readers: readonly string[]
	writers: readonly string[]
	pending: Readonly<{reader?: string; writer?: string}> | null
	operator_writes: boolean
	retention_max: number
	backlog_max: number
	former_names: readonly string[]
	summary: string
}>
export type KeyEntry = Readonly<{
	pattern: string
	type: string
	owner: string
	ttl_ms: number | null
	former_names: readonly string[]
	summary: string
}>

export type RegistryView = Readonly<{
	units: readonly UnitEntry[]
	streams: readonly StreamEntry[]
	keys: readonly KeyEntry[]
	targets: ReadonlyArray<Readonly<{name: string; requires: readonly string[]; summary: string}>>
}>

export type RegistryItem =
	| Readonly<{kind: 'unit'; unit: UnitEntry; resolved_from: string | null}>
	| Readonly<{kind: 'stream'; stream: StreamEntry; resolved_from: string | null}>
	| Readonly<{kind: 'key'; key: KeyEntry; resolved_from: string | null}>
	| Readonly<{kind: 'target'; target: RegistryView['targets'][number]; units: readonly string[]; resolved_from: null}>
	| Readonly<{kind: 'retired'; name: string; summary: string; resolved_from: null}>

const unitEntry = (unit: AnyUnit): UnitEntry => {
	const {name, target, kind, port, aliases = [], summary} = unit
	return {
		name,
		target,
		kind,
		port: port ?? null,
		aliases,
		reads: streamNames(unit.reads),
		writes: streamNames(unit.writes),
		keys: Object.values(unit.keys).map(({pattern}) => pattern),
		summary,
	}
}

const serverEntry = ({code: _, aliases, ...of}: (typeof serverUnits)[number]): UnitEntry => ({
	...of,
	aliases,
	port: null,
	reads: [],
	writes: [],
	keys: [],
})

export const streamEntry = (stream: StreamContract): StreamEntry => {
	const {name, criticality, pending = null, operator_writes, retention_max, backlog_max, former_names, summary} = stream
	return {
		name,
		criticality,
		readers: readersOf(name).map(unit => unit.name),
		writers: writersOf(name).map(unit => unit.name),
		pending,
		operator_writes,
		retention_max,
		backlog_max,
		former_names,
		summary,
	}
}

const keyEntry = ({pattern, type, owner, ttl_ms, former_names, summary}: KeyContract): KeyEntry => ({
	pattern,
	type,
	owner,
	ttl_ms: ttl_ms ?? null,
	former_names,
	summary,
})

const targetEntry = (name: Target): RegistryView['targets'][number] => ({name, ...targets[name]})

/** Everything that is declared. */
export const listRegistry = (): RegistryView => ({
	units: [...serverUnits.map(serverEntry), ...units.map(unitEntry)],
	streams: streams.map(streamEntry),
	keys: keyList.map(keyEntry),
	targets: targetNames.map(targetEntry),
})

const findKey = (name: string): KeyContract | undefined =>
	keyList.find(({pattern, former_names}) => pattern === name || former_names.includes(name)) ??
	keyList.find(({pattern}) => matchPattern(pattern, name) !== undefined)

const from = (typed: string, name: string): string | null => (typed === name ? null : typed)

/**
 * A unit, stream, key or target by its name, an alias, a former name, or the full name that Redis shows.
 * @throws OperatorError (usage) with the nearest name
 */
export const showRegistry = (typed: string, prefix: string): RegistryItem => {
	const bare = typed.startsWith(prefix) ? typed.slice(prefix.length).replace(/^stream:/, '') : typed
	const unit = resolveUnit(bare)
	if (unit) return {kind: 'unit', unit: unitEntry(unit), resolved_from: from(typed, unit.name)}
	const server = resolveServer(bare)
	if (server) return {kind: 'unit', unit: serverEntry(server), resolved_from: from(typed, server.name)}
	const stream = streams.find(({name, former_names}) => name === bare || former_names.includes(bare))
	if (stream) return {kind: 'stream', stream: streamEntry(stream), resolved_from: from(typed, stream.name)}
	const target = targetNames.find(name => name === bare)
	if (target) {
		const inside = listRegistry().units.filter(of => of.target === target)
		return {kind: 'target', target: targetEntry(target), units: inside.map(({name}) => name), resolved_from: null}
	}
	const key = findKey(bare)
	if (key) return {kind: 'key', key: keyEntry(key), resolved_from: from(typed, key.pattern)}
	const retired = [...retiredStreams, ...retiredKeys.map(({pattern, summary}) => ({name: pattern, summary}))].find(
		({name}) => name === bare,
	)
	if (retired) return {kind: 'retired', ...retired, resolved_from: null}
	throw unknownName('name', typed, [
		...unitNames(),
		...streams.map(({name}) => name),
		...keyList.map(({pattern}) => pattern),
		...targetNames,
	])
}
