import {stringify} from 'yaml'
import type {Applied, PolicyDiff, PolicyHistory, PolicyShown} from '../../daemon/client/policy.js'
import type {Imported} from '../../daemon/client/policy-import.js'
import type {PolicyField, Unit} from '../../engine/contracts/policy/field.js'
import {defaultPolicy, type Policy, policyFields} from '../../engine/contracts/policy.js'
import {valueAt} from '../../engine/logic/policy-check.js'
import type {Direction, PolicyChange} from '../../engine/logic/policy-versions.js'
import type {Meaning, Paint} from './colour.js'
import {table} from './table.js'
import {instant, oneLine} from './terms.js'

const UNIT: Readonly<Record<Unit, string>> = {
	ms: 'ms',
	USDT: 'USDT',
	bps: 'basis points',
	share: 'share, 0.02 = 2 %',
	count: '',
	multiple: '',
	none: '',
}
const LOOSER = {more: 'more is looser', less: 'less is looser', unclear: ''} as const
const COLOUR: Readonly<Record<Direction, Meaning>> = {tightened: 'good', loosened: 'bad', changed: 'busy'}

const fieldLines = (policy: Policy, field: PolicyField): readonly string[] => {
	const {path, description, unit, looser} = field
	const value = valueAt(policy, path)
	const usual = valueAt(defaultPolicy, path)
	const isUsual = JSON.stringify(value) === JSON.stringify(usual)
	const facts = [UNIT[unit], LOOSER[looser], isUsual ? 'default' : `default ${JSON.stringify(usual)}`]
	const indent = '  '.repeat(path.length - 1)
	const body = stringify({[path.at(-1) ?? '']: value}, {flowCollectionPadding: false, lineWidth: 0}).trimEnd()
	return [`# ${description} (${facts.filter(Boolean).join('; ')})`, ...body.split('\n')].map(line => `${indent}${line}`)
}

/** The policy as a YAML file with a comment on each field: what it says can be applied again. */
export const policyYaml = ({line, policy}: PolicyShown): string => {
	const head = line
		? `# version ${line.version} of ${instant(line.time_ms)} UTC by ${line.author} (${line.origin}): ${oneLine(line.reason)}`
		: '# no version yet: the first start makes one'
	const groups = new Set<string>()
	const lines = policyFields.flatMap(field => {
		const [group = ''] = field.path
		const opens = field.path.length > 1 && !groups.has(group)
		groups.add(group)
		return [...(opens ? [`${group}:`] : []), ...fieldLines(policy, field)]
	})
	return `${[head, ...lines].join('\n')}\n`
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(' ') || 'none' : String(value))

const changesTable = (changes: readonly PolicyChange[], paint: Paint, width: number): string =>
	table(
		[
			{heading: 'FIELD', value: ({path}) => path},
			{heading: 'DIRECTION', value: ({direction}) => paint(COLOUR[direction], direction)},
			{heading: 'BEFORE', prose: true, value: ({before}) => shown(before)},
			{heading: 'AFTER', prose: true, value: ({after}) => shown(after)},
		],
		changes,
		{none: 'nothing differs', width},
	)

export const policyDiffView = ({from, to, changes}: PolicyDiff, paint: Paint, width: number): string =>
	`from ${from} to ${to}\n\n${changesTable(changes, paint, width)}`

export const appliedView = ({state, version, changes, running}: Applied, paint: Paint, width: number): string => {
	if (state === 'UNCHANGED') return `${state}  version ${version} says the same`
	const takes =
		running === null
			? 'it takes effect at the next start (qt up)'
			: running === version
				? 'in force in every process'
				: `not in force yet: a process works under version ${running}; see qt status`
	return `${paint('good', `version ${version}`)}  stored; ${takes}\n\n${changesTable(changes, paint, width)}`
}

/** What became of each former name. */
export const importedView = ({taken, left, kept, ...applied}: Imported, paint: Paint, width: number): string => {
	const lines = [
		`read     ${taken.join(' ')}`,
		...kept.map(
			({path, before, after}) =>
				`${paint('busy', 'kept')}     ${path} stays at ${shown(before)}: ${shown(after)} would not tighten, and the mode is LIVE`,
		),
		...left.map(({name, why}) => `${paint('faint', 'not read')} ${name}: ${why}`),
	]
	return [appliedView(applied, paint, width), '', ...lines].join('\n')
}

export const policyHistoryView = ({versions, running}: PolicyHistory, width: number): string =>
	table(
		[
			{heading: 'VERSION', align: 'right', value: ({version}) => String(version)},
			{heading: 'TIME (UTC)', value: ({time_ms}) => instant(time_ms)},
			{heading: 'RUNS', value: ({version}) => (version === running ? 'yes' : '')},
			{heading: 'BY', value: ({author}) => author},
			{heading: 'FROM', drop: 1, value: ({origin, source}) => `${origin}: ${oneLine(source)}`},
			{heading: 'CHANGES', align: 'right', drop: 2, value: ({changes}) => String(changes)},
			{heading: 'REASON', prose: true, value: ({reason}) => oneLine(reason)},
		],
		[...versions].reverse(),
		{none: 'no version yet: the first start makes one', width},
	)
