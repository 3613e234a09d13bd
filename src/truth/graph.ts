import type {AnyUnit} from '../engine/contracts/unit.js'
import {readersOf, streamNames, streams, units} from '../engine/registry.js'

/** Units and streams, and which way entries go between them. */
export type GraphNode = Readonly<{kind: 'unit' | 'stream' | 'outside'; name: string}>
export type Edge = Readonly<{from: string; to: string; kind: 'writes' | 'reads' | 'feed' | 'effect' | 'pending'}>
export type Graph = Readonly<{nodes: readonly GraphNode[]; edges: readonly Edge[]}>

/** Where feeds come from and effects go to. */
export const OUTSIDE = 'outside'
const OPERATOR = 'operator'
const PENDING_MARK = ' (to come)'

const unitEdges = ({name, reads, writes, feeds = {}, effects = {}}: AnyUnit): readonly Edge[] => [
	...streamNames(reads).map(from => ({from, to: name, kind: 'reads' as const})),
	...streamNames(writes).map(to => ({from: name, to, kind: 'writes' as const})),
	...(Object.keys(feeds).length > 0 ? [{from: OUTSIDE, to: name, kind: 'feed' as const}] : []),
	...(Object.keys(effects).length > 0 ? [{from: name, to: OUTSIDE, kind: 'effect' as const}] : []),
]

/** The whole system as declared. */
export const wholeGraph = (): Graph => {
	const edges: readonly Edge[] = [
		...units.flatMap(unitEdges),
		...streams.flatMap(({name, operator_writes, pending = {}}) => [
			...(operator_writes ? [{from: OPERATOR, to: name, kind: 'writes' as const}] : []),
			...(pending.reader ? [{from: name, to: pending.reader + PENDING_MARK, kind: 'pending' as const}] : []),
			...(pending.writer ? [{from: pending.writer + PENDING_MARK, to: name, kind: 'pending' as const}] : []),
		]),
	]
	const known = new Map<string, GraphNode>([
		...units.map(({name}) => [name, {kind: 'unit', name}] as const),
		...streams.map(({name}) => [streamNode(name), {kind: 'stream', name}] as const),
	])
	for (const {from, to} of edges)
		for (const name of [from, to])
			if (!known.has(name) && !known.has(streamNode(name))) known.set(name, {kind: 'outside', name})
	return {nodes: [...known.values()], edges: edges.map(apart)}
}

/** Units and streams share names (portfolio-gate writes a stream of a like name): streams are told apart by a mark. */
export const streamNode = (name: string): string => `stream:${name}`
const apart = (edge: Edge): Edge => {
	const {from, to, kind} = edge
	if (kind === 'reads') return {...edge, from: streamNode(from)}
	if (kind === 'writes') return {...edge, to: streamNode(to)}
	if (kind === 'pending')
		return streams.some(({name}) => name === from) ? {...edge, from: streamNode(from)} : {...edge, to: streamNode(to)}
	return edge
}
export const idOf = ({kind, name}: GraphNode): string => (kind === 'stream' ? streamNode(name) : name)

/** What is kept of a graph when only some nodes are asked for. */
const within = ({nodes, edges}: Graph, kept: ReadonlySet<string>, edgeKept: (edge: Edge) => boolean): Graph => {
	const left = edges.filter(edgeKept)
	const touched = new Set(left.flatMap(({from, to}) => [from, to]))
	return {nodes: nodes.filter(node => kept.has(idOf(node)) || touched.has(idOf(node))), edges: left}
}

/** A unit or stream with its neighbours: of a unit who writes what it reads, and who reads what it writes. */
export const focusOn = (graph: Graph, id: string): Graph => {
	const into = graph.edges.filter(({to}) => to === id).map(({from}) => from)
	const out = graph.edges.filter(({from}) => from === id).map(({to}) => to)
	const isStream = (name: string): boolean => name.startsWith(streamNode(''))
	const kept = ({from, to}: Edge): boolean =>
		from === id || to === id || (isStream(to) && into.includes(to)) || (isStream(from) && out.includes(from))
	return within(graph, new Set([id]), kept)
}

/** The units of a target, the streams they touch, and nothing of other targets but the names of streams. */
export const onlyTarget = (graph: Graph, target: string): Graph => {
	const own = new Set(units.filter(unit => unit.target === target).map(({name}) => name))
	return within(graph, own, ({from, to}) => own.has(from) || own.has(to))
}

export type Hop = Readonly<{writer: string; stream: string; reader: string}>

const readers = new Map(streams.map(({name}) => [name, readersOf(name).map(unit => unit.name)]))
/** Every hop that entries of a unit can take, in the order in which it declares its streams. */
const hopsOf = new Map(
	units.map(({name: writer, writes}): [string, readonly Hop[]] => [
		writer,
		streamNames(writes).flatMap(stream =>
			(readers.get(stream) ?? []).filter(reader => reader !== writer).map(reader => ({writer, stream, reader})),
		),
	]),
)

/** The shortest way of entries from one unit to another, by readers and writers; undefined where there is none. */
export const routeBetween = (from: string, to: string): readonly Hop[] | undefined => {
	const reached = new Map<string, readonly Hop[]>([[from, []]])
	const queue = [from]
	for (let writer = queue.shift(); writer !== undefined; writer = queue.shift()) {
		const so_far = reached.get(writer) ?? []
		if (writer === to) return so_far
		for (const hop of hopsOf.get(writer) ?? []) {
			if (reached.has(hop.reader)) continue
			reached.set(hop.reader, [...so_far, hop])
			queue.push(hop.reader)
		}
	}
	return undefined
}

export const routeText = (hops: readonly Hop[]): string => {
	const [first] = hops
	return first ? [first.writer, ...hops.flatMap(({stream, reader}) => [`(${stream})`, reader])].join(' → ') : ''
}
