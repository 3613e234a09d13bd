import {isGood} from '../daemon/client/stream-status.js'
import {code} from '../engine/logic/markdown.js'
import {streams, units} from '../engine/registry.js'
import {auditFacts, FINDING_COLUMNS, foundRows, WIRING_RULES} from './audited.js'
import type {Section} from './document.js'
import {backlogText, factOf, type Observed, said, seenOf} from './observed.js'

type Row = readonly string[]

const shownBy = (name: string): string => code(`qt registry show ${name}`)

const pendingEnds = (): readonly Row[] => [
	...streams.flatMap(({name, pending = {}}) =>
		Object.entries(pending).map(([end, unit]) => [code(name), `no ${end} yet, to come: ${unit}`, shownBy(name)]),
	),
	...units
		.filter(({reads, feeds = {}, timers = {}}) => [reads, feeds, timers].every(of => Object.keys(of).length === 0))
		.map(({name}) => [code(name), 'nothing reaches it, and it is declared so', shownBy(name)]),
]

/** Streams that are none, and readers that do not keep up. A unit that has not come yet has no group. */
const troubled = (observed: Observed | undefined): readonly Row[] =>
	(seenOf(observed?.streams) ?? []).flatMap(({stream, state, detail, groups}) => [
		...(state === 'OTHER' || state === 'UNREADABLE' || state === 'RETIRED'
			? [[code(stream), `${state} ${said(detail)}`.trim(), code(`qt streams show ${stream}`)]]
			: []),
		...groups
			.filter(group => group.presence !== 'MISSING' && !isGood(group))
			.map(group => [
				code(stream),
				`${group.unit ?? said(group.group)} is ${group.status}: ${said(group.reason)}; backlog ${backlogText(group)}`,
				code(`qt streams show ${stream}`),
			]),
	])

/** Ends that nobody holds; in a running system also readers in trouble, and what the audit finds on the way of entries. */
export const unknownEnds = (observed?: Observed): Section => ({
	id: 'unknown-ends',
	heading: 'Pending and unknown ends, known issues',
	level: 2,
	observed: [
		...factOf('groups of every stream', observed?.streams),
		...auditFacts('streams, groups and consumers against what is declared', observed, WIRING_RULES),
	],
	table: {
		columns: FINDING_COLUMNS,
		rows: [...pendingEnds(), ...troubled(observed), ...foundRows(observed, WIRING_RULES)],
	},
})
