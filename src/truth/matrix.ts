import {serverUnits} from '../daemon/client/unit-names.js'
import {MASTER_TARGET, targetNames, targets} from '../engine/contracts/targets.js'
import {code} from '../engine/logic/markdown.js'
import {keyList, streamNames, streams, units} from '../engine/registry.js'
import {hostOf, hosts, ownedBy} from './declared.js'
import {codes, type Section, type TruthDocument} from './document.js'
import {formerServices} from './former-services.js'
import {governorSections} from './matrix-control.js'
import {placeSections} from './matrix-places.js'
import {unitSections} from './matrix-units.js'
import {backlogOf, columnsIf, factOf, groupOf, NOT_SEEN, type Observed, seenOf} from './observed.js'

const count = (of: number, one: string): string => `${of} ${one}${of === 1 ? '' : 's'}`

const overview = (observed?: Observed): Section => {
	const status = seenOf(observed?.status)
	const states = new Map<string, number>()
	for (const {state} of status?.units ?? []) states.set(state, (states.get(state) ?? 0) + 1)
	const seen = [...states].map(([state, times]) => `${times} ${state}`).join(', ')
	const audit = seenOf(observed?.audit)
	const gates = audit?.gates.filter(({passed}) => passed === true) ?? []
	const rows = [
		['Units', `${count(units.length, 'unit')} and ${count(serverUnits.length, 'server')}`],
		['Processes', count(hosts().size, 'host')],
		['Streams', String(streams.length)],
		['State keys', count(keyList.length, 'pattern')],
		['Ports', String(units.filter(({port}) => port !== undefined).length)],
		['Stages', targetNames.join(', ')],
		...(observed
			? [
					['System', status?.state ?? NOT_SEEN],
					['States of units', seen || NOT_SEEN],
					['Audit', audit ? `${audit.verdict}, ${count(audit.findings.length, 'finding')}` : NOT_SEEN],
					['Quality gates', audit ? `${gates.length} of ${audit.gates.length} passed` : NOT_SEEN],
				]
			: []),
	]
	return {
		id: 'summary',
		heading: 'Summary',
		level: 2,
		observed: [
			...factOf('state of the system and its units', observed?.status),
			...factOf('verdict and quality gates', observed?.audit),
		],
		table: {columns: ['What', 'How many'], rows},
	}
}

/** Entries that a unit has not handled, over all that it reads. */
const backlogOfUnit = (name: string, reads: readonly string[], observed: Observed): string => {
	const seen = seenOf(observed.streams)
	if (!seen) return NOT_SEEN
	const parts = reads.map(stream => backlogOf(groupOf(seen, stream, name)))
	return parts.includes(undefined) ? 'unknown' : String(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0))
}

const seenCells = (name: string, reads: readonly string[], observed: Observed | undefined): readonly string[] => {
	if (!observed) return []
	const found = seenOf(observed.status)?.units.find(unit => unit.name === name)
	const cells = found ? [found.state, String(found.pid ?? '-')] : [NOT_SEEN, NOT_SEEN]
	return [...cells, backlogOfUnit(name, reads, observed)]
}

const services = (observed?: Observed): Section => ({
	id: 'services',
	heading: 'Service overview',
	level: 2,
	text: 'Ports are defaults over a base that can be moved, or ephemeral; all of them lie on loopback. Every unit has its health at `/health` of its host’s socket, and on its port where it has one; its lease says who runs it.',
	observed: [
		...factOf('state and pid of each unit', observed?.status),
		...factOf('entries not handled yet by each unit', observed?.streams),
	],
	table: {
		columns: [
			...['Unit', 'Port', 'Target', 'Process', 'Kind', 'Health', 'Streams read', 'Streams written', 'Keys owned'],
			...columnsIf(observed, ['State', 'Pid', 'Backlog']),
		],
		rows: [
			...serverUnits.map(({name, target, kind}) => [
				...[code(name), '-', target, name, kind, 'pinged by the daemon', '-', '-', '-'],
				...seenCells(name, [], observed),
			]),
			...units.map(unit => {
				const {name, port, target, kind} = unit
				const reads = streamNames(unit.reads)
				return [
					...[code(name), port === undefined ? '-' : String(port), target, hostOf(unit), kind],
					port === undefined ? 'host socket' : 'host socket, HTTP',
					...[codes(reads), codes(streamNames(unit.writes)), codes(ownedBy(name, keyList))],
					...seenCells(name, reads, observed),
				]
			}),
		],
	},
})

const tree = [
	`${MASTER_TARGET} (all of them)`,
	...targetNames.map((name, index) => {
		const requires: readonly string[] = targets[name].requires
		const needs = requires.length === 0 ? '' : ` [requires: ${requires.join(', ')}]`
		return `  ${index === targetNames.length - 1 ? '└──' : '├──'} ${name} (${targets[name].summary})${needs}`
	}),
].join('\n')

const hierarchy = (observed?: Observed): Section => {
	const stages = seenOf(observed?.status)?.stages
	return {
		id: 'targets',
		heading: 'Target hierarchy',
		level: 2,
		observed: factOf('which stages are open', observed?.status),
		diagram: {language: 'text', text: tree},
		table: {
			columns: ['Target', 'Requires', 'Processes', 'Units', ...columnsIf(observed, ['Open'])],
			rows: targetNames.map(name => {
				const requires: readonly string[] = targets[name].requires
				const own = units.filter(({target}) => target === name)
				const open = stages?.find(stage => stage.name === name)?.open
				return [
					...[code(name), requires.join(', ') || '-', codes([...new Set(own.map(hostOf))])],
					codes([...serverUnits.filter(({target}) => target === name), ...own].map(of => of.name)),
					...columnsIf(observed, [open === undefined ? NOT_SEEN : open ? 'yes' : 'no']),
				]
			}),
		},
	}
}

const former: () => Section = () => ({
	id: 'former-services',
	heading: 'Services of the reference',
	level: 2,
	text: 'Every service that the former system had, and the unit that does its work now.',
	table: {columns: ['Former service', 'Now'], rows: formerServices().map(({name, now}) => [code(name), now])},
})

/** Every unit: where it runs, what it reads and writes, what controls it; with what is seen of it. */
export const matrixDocument = (observed?: Observed): TruthDocument => ({
	name: 'matrix',
	title: 'Service matrix',
	intro:
		'Every unit, where it runs, what it reads and writes, and what controls it. `qt registry matrix` shows the same with what is observed of a running system.',
	sections: [
		overview(observed),
		services(observed),
		hierarchy(observed),
		...governorSections(observed),
		...placeSections(observed),
		...unitSections(),
		former(),
	],
})
