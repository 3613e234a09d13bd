import type {AnyUnit} from '../engine/contracts/unit.js'
import {code} from '../engine/logic/markdown.js'
import {keyList, streamNames, units} from '../engine/registry.js'
import {hostOf, ownedBy, spanOf} from './declared.js'
import {codes, type Section} from './document.js'
import {codesOf} from './stations.js'

const described = (ports: Readonly<Record<string, {summary: string}>> = {}): string =>
	Object.entries(ports)
		.map(([name, {summary}]) => `${code(name)}: ${summary}`)
		.join(' ') || '-'

const keysLookedAt = ({name, scripts = [], looks = []}: AnyUnit): readonly string[] => [
	...new Set(
		[...scripts.flatMap(script => Object.values(script.keys)), ...looks]
			.filter(({owner}) => owner !== name)
			.map(({pattern}) => pattern),
	),
]

/** Where the handler of a unit is written. */
export const codeOf = ({target, name}: Pick<AnyUnit, 'target' | 'name'>): string =>
	`src/engine/units/${target}/${name}.ts`

/** Values that a unit has nothing of are left out. */
const factsOf = (unit: AnyUnit): readonly (readonly string[])[] => {
	const {name, kind, target, port, aliases = [], timers = {}, scripts = [], conflates = []} = unit
	const facts = [
		['What it does', unit.summary],
		['Runs', `${kind} in ${code(hostOf(unit))} of ${target}${port === undefined ? '' : `, port ${port}`}`],
		['Code', code(codeOf(unit))],
		['Also known as', codes(aliases)],
		['Consumes', codes(streamNames(unit.reads))],
		['Publishes', codes(streamNames(unit.writes))],
		['Owns keys', codes(ownedBy(name, keyList))],
		['Looks at keys', codes(keysLookedAt(unit))],
		['From outside', described(unit.feeds)],
		['Acts outside', described(unit.effects)],
		['Atomic decisions', codes(scripts.map(script => script.name))],
		['Refuses with', codes(codesOf(name))],
		[
			'Timers',
			Object.entries(timers)
				.map(([timer, {every_ms, clock}]) => `${timer} every ${spanOf(every_ms)} (${clock})`)
				.join(', '),
		],
		['Takes only the newest of', codes(conflates.flatMap(port_ => unit.reads[port_]?.name ?? []))],
	]
	return facts.filter(([, value = '']) => value !== '' && value !== '-')
}

/** A section for each unit, as it is declared. */
export const unitSections = (): readonly Section[] => [
	{
		id: 'details',
		heading: 'Service details',
		level: 2,
		text: 'Limits are those of the policy (`qt limits`), not of a unit’s environment; every handler is one file under `src/engine/units`.',
	},
	...units.map(
		(unit): Section => ({
			id: `unit-${unit.name}`,
			heading: unit.name,
			level: 3,
			table: {columns: ['Fact', 'Value'], rows: factsOf(unit)},
		}),
	),
]
