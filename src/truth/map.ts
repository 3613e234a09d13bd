import {declaredStreams} from '../audit/declared.js'
import type {GroupStatus} from '../daemon/client/stream-status.js'
import {DEFAULT_PREFIX, Naming} from '../engine/contracts/naming.js'
import type {StreamContract} from '../engine/contracts/stream.js'
import {code} from '../engine/logic/markdown.js'
import {keyList, retiredKeys, retiredStreams, streams, units} from '../engine/registry.js'
import {authoritySections} from './authorities.js'
import {fieldsOf} from './declared.js'
import {codes, type Section, type TruthDocument} from './document.js'
import {findingsSection} from './findings.js'
import {keySections} from './map-keys.js'
import {unknownsSection} from './map-unknowns.js'
import {backlogText, columnsIf, factOf, NOT_SEEN, type Observed, said, seenOf} from './observed.js'
import {raceSections} from './races.js'

const naming = new Naming(DEFAULT_PREFIX)

const deliveryOf = ({criticality, name}: StreamContract): string => {
	const conflated = units.some(({conflates = [], reads}) => conflates.some(port => reads[port]?.name === name))
	if (criticality === 'money') return 'at least once, acknowledged in the step that commits; never trimmed unread'
	return conflated ? 'at least once; some readers take only the newest' : 'at least once'
}

/** Of a group what a person asks first. */
const groupText = (of: GroupStatus): string => {
	const {unit, group, presence, status, pending, consumers} = of
	const name = unit ?? said(group)
	if (presence === 'MISSING') return `${name}: no group yet`
	return `${name}: ${status}, backlog ${backlogText(of)}, ${pending ?? 'unknown'} pending, ${consumers?.length ?? 'unknown'} consumers`
}

const streamSections = (observed?: Observed): readonly Section[] => {
	const seen = seenOf(observed?.streams)
	const cells = (name: string): readonly string[] => {
		const found = seen?.find(({stream}) => stream === name)
		if (!found) return [NOT_SEEN, NOT_SEEN, NOT_SEEN]
		const {state, detail, length, added, newest_ms, groups} = found
		return [
			state === 'PRESENT'
				? `${length ?? 'unknown'} of ${added ?? 'unknown'} ever added`
				: `${state} ${said(detail)}`.trim(),
			newest_ms === null ? '-' : `${(newest_ms / 1_000).toFixed(1)} s ago`,
			groups.map(groupText).join('; ') || '-',
		]
	}
	return [
		{
			id: 'streams',
			heading: 'Redis streams',
			level: 2,
			text: `A stream is ${code(naming.stream('<name>'))}; a reader’s group is ${code(naming.group('<unit>', '<stream>'))}.`,
			observed: factOf('length and groups of each stream', observed?.streams),
			table: {
				columns: [
					...['Stream', 'What flows', 'Version', 'Writers', 'Readers (groups)', 'Delivery'],
					...[
						'Kept',
						'Unhealthy backlog',
						'Unreadable goes to',
						...columnsIf(observed, ['Length', 'Newest', 'Groups are']),
					],
				],
				rows: declaredStreams.map(({contract, readers, writers}) => {
					const {name, summary, version, retention_max, backlog_max, dead_letter} = contract
					return [
						...[code(name), summary, `v${version}`, codes(writers), codes(readers)],
						...[deliveryOf(contract), `${retention_max} entries`, String(backlog_max)],
						dead_letter === undefined ? 'the common dead letters' : code(dead_letter),
						...columnsIf(observed, cells(name)),
					]
				}),
			},
		},
		{
			id: 'fields',
			heading: 'Fields of each stream',
			level: 2,
			text: 'Beside these, every entry carries id, cause, unit, ts, v and authority. `?` marks what may be left out.',
			table: {
				columns: ['Stream', 'Fields', 'Also accepted'],
				rows: streams.map(stream => [
					...[code(stream.name), codes(fieldsOf(stream))],
					Object.entries(stream.field_aliases ?? {})
						.map(([name, alias]) => `${code(alias)} for ${code(name)}`)
						.join(', ') || '-',
				]),
			},
		},
	]
}

const buffers: () => Section = () => ({
	id: 'buffers',
	heading: 'Buffering points',
	level: 2,
	table: {
		columns: ['Stream', 'Kind', 'Keeps', 'When it is full'],
		rows: streams.map(({name, criticality, retention_max}) => [
			...[code(name), criticality, `${retention_max} entries`],
			criticality === 'money'
				? 'trimmed only where every group has read it'
				: 'the oldest goes; a reader that lost some is shown as LOST',
		]),
	},
})

const retired: () => Section = () => ({
	id: 'former-names',
	heading: 'Former and retired names',
	level: 2,
	table: {
		columns: ['Name', 'Now'],
		rows: [
			...units.flatMap(({name, aliases = []}) => aliases.map(alias => [code(alias), `unit ${code(name)}`])),
			...streams.flatMap(({name, former_names}) => former_names.map(former => [code(former), `stream ${code(name)}`])),
			...keyList.flatMap(({pattern, former_names}) =>
				former_names.map(former => [code(former), `key ${code(pattern)}`]),
			),
			...retiredStreams.map(({name, summary}) => [code(name), `retired: ${summary}`]),
			...retiredKeys.map(({pattern, summary}) => [code(pattern), `retired: ${summary}`]),
		],
	},
})

const positions = (observed: Observed): Section => ({
	id: 'positions',
	heading: 'Open positions',
	level: 2,
	observed: factOf('positions at the venue, and what protects each', observed.positions),
	table: {
		columns: ['Symbol', 'Side', 'Amount', 'Notional', 'Stop'],
		rows: (seenOf(observed.positions) ?? []).map(({symbol, side, amount, notional_usdt, stop}) => [
			...[said(symbol), side, amount, `${notional_usdt} USDT`],
			stop?.trigger_price ?? 'none',
		]),
	},
})

const server = (observed: Observed): Section => ({
	id: 'server',
	heading: 'Redis server',
	level: 2,
	text: 'The system’s own Redis listens on a socket of its home; `qt redis` speaks to it.',
	observed: factOf('what the server says of itself', observed.server),
	table: {
		columns: ['Fact', 'Value'],
		rows: Object.entries(seenOf(observed.server) ?? {}).map(([name, value]) => [code(name), said(value)]),
	},
})

/** What Redis holds, who writes and reads it, what is true where, and what enforces it; with what is seen of it. */
export const mapDocument = (observed?: Observed): TruthDocument => ({
	name: 'map',
	title: 'Redis truth map',
	intro:
		'Every stream and state key, who writes and reads it, which state is true where, and what keeps races out. `qt registry map` shows the same with what is observed of a running system.',
	sections: [
		...streamSections(observed),
		...keySections(observed),
		...authoritySections(),
		...raceSections(),
		buffers(),
		retired(),
		// There is nothing to say of these without a look.
		...(observed ? [positions(observed), server(observed)] : []),
		unknownsSection(observed),
		findingsSection('map'),
	],
})
