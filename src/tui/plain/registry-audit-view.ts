import type {Report} from '../../audit/report-schema.js'
import type {Rule} from '../../audit/rule.js'
import type {Meaning, Paint} from './colour.js'
import {table} from './table.js'
import {instant} from './terms.js'
import {fitText} from './width.js'

type Finding = Report['findings'][number]
const VERDICT: Readonly<Record<Report['verdict'], Meaning>> = {CLEAN: 'good', FINDINGS: 'bad', INCOMPLETE: 'busy'}
const SEVERITY: Readonly<Record<Finding['severity'], Meaning>> = {critical: 'bad', warning: 'busy'}
const STATE: Readonly<Record<string, Meaning>> = {
	RUNNING: 'good',
	FAILED: 'bad',
	RESTARTING: 'busy',
	ORPHANED: 'bad',
	UNKNOWN: 'busy',
}

const findingLines = ({severity, rule, subject, declared, observed, remedy, proof}: Finding, paint: Paint): string =>
	[
		`${paint(SEVERITY[severity], severity.toUpperCase())} ${rule}: ${paint('strong', subject)}`,
		`  declared  ${declared}`,
		`  observed  ${observed}`,
		`  remedy    ${remedy}`,
		`  see       ${paint('faint', proof)}`,
	].join('\n')

const counts = ({registry}: Report): string =>
	Object.entries(registry.summary)
		.filter(([name, count]) => name !== 'total_modules' && count > 0)
		.map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
		.join(', ')

const unseen = ({not_looked_at, not_applicable, notes}: Report): readonly string[] => [
	...not_looked_at.map(({part, why, rules}) => {
		const without = rules.length > 0 ? ` (not judged: ${rules.join(', ')})` : ''
		return `not looked at: ${part}: ${why}${without}`
	}),
	...not_applicable.map(({part, why}) => `does not apply: ${part}: ${why}`),
	...notes,
]

const changes = ({baseline}: Report): readonly string[] => {
	if (!baseline) return []
	const {saved_at, differences} = baseline
	const since = instant(Date.parse(saved_at))
	return [`${differences.length === 0 ? 'nothing' : differences.length} changed since the baseline of ${since} UTC`]
}

const gateLine = ({gates}: Report, paint: Paint): string => {
	const failed = gates.filter(({passed}) => passed === false).map(({gate}) => gate)
	const unknown = gates.filter(({passed}) => passed === null).length
	const passed = gates.length - failed.length - unknown
	const rest = unknown > 0 ? `, ${unknown} not looked at` : ''
	return `gates: ${passed} of ${gates.length} passed${rest}${failed.length > 0 ? `; ${paint('bad', 'failed')}: ${failed.join(', ')}` : ''}`
}

/** Findings first, each with what to do and how to see it; then what was not seen. */
export const registryAuditView = (report: Report, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {verdict, findings, home, generated_at, took_ms, registry} = report
	const found = findings.length === 1 ? '1 finding' : `${findings.length} findings`
	return fitText(
		[
			`${paint(VERDICT[verdict], verdict)} ${found} in ${home}, at ${instant(Date.parse(generated_at))} UTC, within ${took_ms} ms`,
			...findings.flatMap(finding => ['', findingLines(finding, paint)]),
			'',
			`${registry.summary.total_modules} modules: ${counts(report)}`,
			gateLine(report, paint),
			...changes(report),
			...unseen(report),
		].join('\n'),
		width,
	)
}

/** The same in one line, for output that is not a terminal. */
export const registryAuditLine = ({verdict, findings, not_looked_at, generated_at}: Report): string => {
	const told = [
		...findings.map(({severity, rule, subject}) => `${severity} ${rule} ${subject}`),
		...not_looked_at.map(({part}) => `not looked at: ${part}`),
	]
	return `${instant(Date.parse(generated_at))} ${verdict}${told.length > 0 ? `: ${told.join('; ')}` : ''}`
}

/** Every module with its state and its proof. */
export const modulesView = ({registry}: Report, paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	table(
		[
			{heading: 'MODULE', value: ({name}) => name},
			{heading: 'STATE', value: ({category}) => paint(STATE[category] ?? 'faint', category)},
			{heading: 'PROCESS', drop: 2, value: ({unit}) => unit ?? '-'},
			{heading: 'PID', align: 'right', drop: 3, value: ({execution}) => String(execution.pid ?? '-')},
			{heading: 'PORT', align: 'right', drop: 4, value: ({runtime}) => String(runtime.port ?? '-')},
			{heading: 'WHY', prose: true, drop: 5, value: ({why}) => why},
			{heading: 'PROOF', prose: true, drop: 1, value: ({proof_line}) => proof_line},
		],
		registry.modules,
		{width},
	)

/** Every rule. */
export const rulesView = (rules: readonly Rule[], paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	table(
		[
			{heading: 'RULE', value: ({name}) => name},
			{heading: 'SEVERITY', drop: 1, value: ({severity}) => paint(SEVERITY[severity], severity)},
			{heading: 'WHAT IT FINDS', prose: true, value: ({summary}) => summary},
			{heading: 'REMEDY', prose: true, drop: 2, value: ({remedy}) => remedy},
		],
		rules,
		{width},
	)

/** What is otherwise than in the baseline. */
export const baselineView = (
	{saved_at, differences}: NonNullable<Report['baseline']>,
	width = Number.POSITIVE_INFINITY,
): string =>
	`${table(
		[
			{heading: '', value: ({kind}) => kind},
			{heading: 'FACT', value: ({fact}) => fact},
			{heading: 'BEFORE', prose: true, value: ({before}) => before ?? '-'},
			{heading: 'NOW', prose: true, value: ({now}) => now ?? '-'},
		],
		differences,
		{none: 'nothing changed', width},
	)}\n\nsince the baseline of ${instant(Date.parse(saved_at))} UTC`
