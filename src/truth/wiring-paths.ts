import {DEFAULT_PREFIX, Naming} from '../engine/contracts/naming.js'
import {code} from '../engine/logic/markdown.js'
import {streamByName, units} from '../engine/registry.js'
import {codes, type Section} from './document.js'
import {type Hop, routeBetween, routeText} from './graph.js'
import {backlogOf, backlogText, columnsIf, factOf, groupOf, NOT_SEEN, type Observed, seenOf} from './observed.js'
import {type WalkedPath, walkedPaths} from './paths.js'
import {codesOf} from './stations.js'

const naming = new Naming(DEFAULT_PREFIX)

const stateOf = (unit: string, observed: Observed | undefined): string =>
	seenOf(observed?.status)?.units.find(({name}) => name === unit)?.state ?? NOT_SEEN

const hopGroup = ({stream, reader}: Hop, observed: Observed | undefined) =>
	groupOf(seenOf(observed?.streams), stream, reader)

/** The longest that is known, and whether all are. */
const longestBacklog = (hops: readonly Hop[], observed: Observed | undefined): string => {
	const groups = hops.map(hop => hopGroup(hop, observed))
	const backlogs = groups.map(backlogOf)
	const known = backlogs.filter(backlog => backlog !== undefined)
	const longest = Math.max(0, ...known)
	return known.length === backlogs.length ? String(longest) : `${longest}, ${backlogs.length - known.length} unknown`
}

const contractOf = (stream: string): string => {
	const {version, criticality} = streamByName.get(stream) ?? {version: 0, criticality: ''}
	return `v${version}, ${criticality}`
}

const hopRows = (hops: readonly Hop[], observed: Observed | undefined): readonly (readonly string[])[] =>
	hops.map((hop, index) => [
		...[String(index + 1), code(hop.writer), code(hop.stream), contractOf(hop.stream), code(hop.reader)],
		...[code(naming.group(hop.reader, hop.stream)), codes(codesOf(hop.reader))],
		...columnsIf(observed, [
			stateOf(hop.reader, observed),
			seenOf(observed?.streams) ? backlogText(hopGroup(hop, observed)) : NOT_SEEN,
		]),
	])

const pathSection = ({id, title, what, hops, broken}: WalkedPath, observed: Observed | undefined): Section => ({
	id: `path-${id}`,
	heading: title,
	level: 3,
	text: `${what} ${broken === undefined ? routeText(hops) : `NO ROUTE: ${broken}`}`,
	table: {
		columns: [
			...['Hop', 'Writes', 'Stream', 'Contract', 'Reads', 'Group', 'Reader refuses with'],
			...columnsIf(observed, ['Reader is', 'Backlog']),
		],
		rows: hopRows(hops, observed),
	},
})

/** The state of each path: every reader on it, and the longest backlog. */
const pathStates = (paths: readonly WalkedPath[], observed: Observed | undefined): Section => ({
	id: 'critical-paths',
	heading: 'Critical paths',
	level: 2,
	text: 'Each path is walked from its first unit to its last by what they write and read, the shortest way.',
	observed: [
		...factOf('units on each path', observed?.status),
		...factOf('entries not handled on each path', observed?.streams),
	],
	table: {
		columns: ['Path', 'Hops', 'Way', ...columnsIf(observed, ['Not running', 'Longest backlog'])],
		rows: paths.map(({title, hops, broken}) => {
			const on = [...new Set(hops.flatMap(({writer, reader}) => [writer, reader]))]
			const out = on.filter(name => stateOf(name, observed) !== 'RUNNING')
			const longest = seenOf(observed?.streams) ? longestBacklog(hops, observed) : NOT_SEEN
			const running = seenOf(observed?.status) ? codes(out) : NOT_SEEN
			return [
				...[title, String(hops.length), broken === undefined ? routeText(hops) : `NO ROUTE: ${broken}`],
				...columnsIf(observed, [running, longest]),
			]
		}),
	},
})

const effectUnits = units.filter(({effects = {}}) => Object.keys(effects).length > 0).map(({name}) => name)

/** Where entries begin: each feed, and how far its entries are from each effect. */
const sources: () => Section = () => ({
	id: 'sources',
	heading: 'Sources: what comes in from outside',
	level: 2,
	table: {
		columns: ['Unit', 'Feed', 'What', 'Conflated', 'Reaches (hops)'],
		rows: units.flatMap(({name, feeds = {}}) =>
			Object.entries(feeds).map(([feed, {summary, conflate}]) => [
				...[code(name), code(feed), summary, conflate ? 'yes' : 'no'],
				effectUnits
					.flatMap(to => {
						const hops = routeBetween(name, to)
						return hops ? [`${code(to)} (${hops.length})`] : []
					})
					.join(', ') || '-',
			]),
		),
	},
})

const effects: () => Section = () => ({
	id: 'effects',
	heading: 'Effects: what is done to the outside',
	level: 2,
	text: 'Each is recorded in the step that acknowledges its cause, carried out afterwards, and found again after a crash.',
	table: {
		columns: ['Unit', 'Effect', 'What'],
		rows: units.flatMap(({name, effects: own = {}}) =>
			Object.entries(own).map(([effect, {summary}]) => [code(name), code(effect), summary]),
		),
	},
})

const participant = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '_')

/** The entry path as people draw it. */
const sequence = (path: WalkedPath | undefined): Section => {
	const hops = path?.hops ?? []
	const names = [...new Set(hops.flatMap(({writer, reader}) => [writer, reader]))]
	const lines = [
		'sequenceDiagram',
		...names.map(name => `  participant ${participant(name)} as ${name}`),
		...hops.flatMap(({writer, stream, reader}) => [
			`  ${participant(writer)}->>${participant(reader)}: ${stream}`,
			...(codesOf(reader).length > 0
				? [`  Note over ${participant(reader)}: ${codesOf(reader).length} reasons to refuse`]
				: []),
		]),
	]
	return {
		id: 'sequence',
		heading: 'The entry path in time',
		level: 2,
		diagram: {language: 'mermaid', text: lines.join('\n')},
	}
}

export const pathSections = (observed?: Observed): readonly Section[] => {
	const paths = walkedPaths()
	return [
		sources(),
		effects(),
		pathStates(paths, observed),
		...paths.map(path => pathSection(path, observed)),
		sequence(paths.find(({id}) => id === 'entry')),
	]
}
