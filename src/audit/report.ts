import {type Category, classify, type Module} from './classify.js'
import type {Declared} from './declared.js'
import {type Finding, sorted} from './finding.js'
import {gatesOf} from './gates.js'
import {inventoryOf} from './inventory.js'
import {type Observed, PART_NAMES, type Part} from './observed.js'
import type {Report, Summary} from './report-schema.js'
import type {Rule} from './rule.js'

const counted = (modules: readonly Module[]): Summary => {
	const of = (category: Category) => modules.filter(module => module.category === category).length
	return {
		total_modules: modules.length,
		running: of('RUNNING'),
		stopped: of('STOPPED'),
		failed: of('FAILED'),
		restarting: of('RESTARTING'),
		orphaned: of('ORPHANED'),
		unknown: of('UNKNOWN'),
		retired: of('RETIRED'),
		not_applicable: of('NOT APPLICABLE'),
	}
}

/** What limits the view without hiding a whole part. */
const notesOf = ({parts: {processes, redis}}: Observed): readonly string[] => [
	...(processes.state === 'seen' && processes.value.hidden > 0
		? [`${processes.value.hidden} processes of other users may hide their sockets and marks from this user`]
		: []),
	...(redis.state === 'seen' && redis.value.keys_left_out
		? [`only the first ${redis.value.keys.length} keys were looked at`]
		: []),
]

const verdictOf = (findings: readonly Finding[], complete: boolean): Report['verdict'] =>
	findings.length > 0 ? 'FINDINGS' : complete ? 'CLEAN' : 'INCOMPLETE'

const whyOf = (part: Part<unknown>, state: 'unseen' | 'absent'): string | undefined =>
	part.state === state ? part.why : undefined

/** All that follows from what is declared and what was seen. Pure. `took_ms` and `baseline` are filled in by the caller. */
export const reportOf = (declared: Declared, observed: Observed, rules: readonly Rule[]): Report => {
	const looked = rules.map(rule => ({rule, found: rule.apply(declared, observed)}))
	const findings = sorted(looked.flatMap(({found}) => found ?? []))
	const blind = new Set(
		looked.flatMap(({rule, found}) =>
			found === undefined && rule.needs.some(name => observed.parts[name].state === 'unseen') ? [rule.name] : [],
		),
	)
	const needing = (part: string) =>
		rules.filter(({name, needs}) => blind.has(name) && needs.some(of => of === part)).map(({name}) => name)
	const why = (state: 'unseen' | 'absent') =>
		PART_NAMES.flatMap(part => {
			const reason = whyOf(observed.parts[part], state)
			return reason === undefined ? [] : [{part, why: reason}]
		})
	const not_looked_at = why('unseen').map(of => ({...of, rules: needing(of.part)}))
	const modules = classify(declared, observed)
	const inventory = inventoryOf(declared, observed)
	const generated_at = new Date(observed.at_ms).toISOString()
	const [streams, ports] = [inventory.streams.length, inventory.ports.length]
	return {
		schema_version: 1,
		verdict: verdictOf(findings, not_looked_at.length === 0),
		generated_at,
		took_ms: 0,
		home: declared.home,
		mode: declared.mode,
		findings: [...findings],
		gates: [...gatesOf({modules, findings, blind, streams, ports})],
		not_looked_at,
		not_applicable: why('absent'),
		notes: [...notesOf(observed)],
		registry: {generated_at, host: observed.host, modules: [...modules], summary: counted(modules)},
		inventory,
		baseline: null,
	}
}
