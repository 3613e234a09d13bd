import type {Graph, GraphNode} from './graph.js'
import {idOf} from './graph.js'

export const GRAPH_FORMATS = ['mermaid', 'dot', 'terminal'] as const
export type GraphFormat = (typeof GRAPH_FORMATS)[number]

/** A name that a program takes as an identifier: other scripts and signs become their code points. */
const safe = (id: string): string => id.replaceAll(/[^A-Za-z0-9]/gu, sign => `_${sign.codePointAt(0)?.toString(16)}_`)

const mermaidNode = (node: GraphNode): string => {
	const id = safe(idOf(node))
	if (node.kind === 'stream') return `${id}(["${node.name}"])`
	return node.kind === 'unit' ? `${id}["${node.name}"]` : `${id}(("${node.name}"))`
}

const ARROWS = {writes: '-->', reads: '-->', feed: '==>', effect: '==>', pending: '-.->'} as const

const mermaid = ({nodes, edges}: Graph): string =>
	[
		'flowchart LR',
		...nodes.map(node => `  ${mermaidNode(node)}`),
		...edges.map(({from, to, kind}) => `  ${safe(from)} ${ARROWS[kind]} ${safe(to)}`),
	].join('\n')

const SHAPES = {stream: 'ellipse', unit: 'box', outside: 'doublecircle'} as const
const STYLES = {writes: 'solid', reads: 'solid', feed: 'bold', effect: 'bold', pending: 'dashed'} as const

const dot = ({nodes, edges}: Graph): string =>
	[
		'digraph quantum_trader {',
		'  rankdir=LR;',
		...nodes.map(node => `  "${idOf(node)}" [label="${node.name}", shape=${SHAPES[node.kind]}];`),
		...edges.map(({from, to, kind}) => `  "${from}" -> "${to}" [style=${STYLES[kind]}];`),
		'}',
	].join('\n')

/** Per unit or stream what comes in and what goes out, as lines. */
const terminal = ({nodes, edges}: Graph): string => {
	const label = new Map(nodes.map(node => [idOf(node), node.kind === 'stream' ? `(${node.name})` : node.name]))
	const nameOf = (id: string): string => label.get(id) ?? id
	const shown = nodes.some(({kind}) => kind === 'unit') ? nodes.filter(({kind}) => kind === 'unit') : nodes
	return shown
		.map(node => {
			const id = idOf(node)
			const incoming = edges.filter(({to}) => to === id).map(({from}) => `  <- ${nameOf(from)}`)
			const outgoing = edges
				.filter(({from}) => from === id)
				.flatMap(({to}) => {
					const readers = edges.filter(({from}) => from === to && to !== 'outside').map(edge => nameOf(edge.to))
					return [`  -> ${nameOf(to)}${readers.length > 0 ? ` -> ${readers.join(', ')}` : ''}`]
				})
			return [nameOf(id), ...incoming, ...outgoing].join('\n')
		})
		.join('\n')
}

const WRITERS: Readonly<Record<GraphFormat, (graph: Graph) => string>> = {mermaid, dot, terminal}
export const graphText = (graph: Graph, format: GraphFormat): string => WRITERS[format](graph)
