import {code, literal, markdownTable} from '../engine/logic/markdown.js'
import type {Report} from './report-schema.js'
import type {Rule} from './rule.js'

/** Names that others chose must not become links or HTML. */
const cell = (text: string | number | null): string => literal(String(text ?? '-'))

const section = (title: string, body: string): readonly string[] => ['', `## ${title}`, '', body]

const findings = ({findings: all}: Report): string =>
	all.length === 0
		? 'None.'
		: markdownTable(
				['Severity', 'Rule', 'Subject', 'Declared', 'Observed', 'Remedy', 'Proof'],
				all.map(({severity, rule, subject, declared, observed, remedy, proof}) => [
					...[severity, rule, subject, declared, observed, remedy].map(cell),
					code(proof),
				]),
			)

const passed = (value: boolean | null): string => (value === null ? 'not looked at' : value ? 'passed' : 'failed')

/** The report as a document. */
export const markdownOf = (report: Report): string => {
	const {verdict, generated_at, home, mode, gates, not_looked_at, not_applicable, notes, registry} = report
	const unseen = [
		...not_looked_at.map(({part, why}) => `- ${cell(part)} could not be looked at: ${cell(why)}`),
		...not_applicable.map(({part, why}) => `- ${cell(part)} does not apply: ${cell(why)}`),
		...notes.map(note => `- ${cell(note)}`),
	]
	const counts = Object.entries(registry.summary).filter(([name, count]) => name === 'total_modules' || count > 0)
	return `${[
		`# Registry audit: ${verdict}`,
		'',
		`${generated_at}, ${cell(home)}, mode ${cell(mode)}: ${counts.map(([name, count]) => `${name.replaceAll('_', ' ')} ${count}`).join(', ')}.`,
		...section('Findings', findings(report)),
		...section(
			'Quality gates',
			markdownTable(
				['Gate', 'Outcome', 'Detail'],
				gates.map(({gate, passed: value, detail}) => [cell(gate), passed(value), cell(detail)]),
			),
		),
		...(unseen.length > 0 ? section('What was not seen', unseen.join('\n')) : []),
		...section(
			'Modules',
			markdownTable(
				['Module', 'State', 'Process', 'Port', 'Why', 'Proof'],
				registry.modules.map(({name, category, unit, runtime, why, proof_line}) => [
					...[name, category, unit, runtime.port, why].map(cell),
					code(proof_line),
				]),
			),
		),
		...(report.baseline
			? section(
					`Since the baseline of ${report.baseline.saved_at}`,
					report.baseline.differences.length === 0
						? 'Nothing changed.'
						: markdownTable(
								['', 'Fact', 'Before', 'Now'],
								report.baseline.differences.map(({kind, fact, before, now}) => [kind, fact, before, now].map(cell)),
							),
				)
			: []),
	].join('\n')}\n`
}

/** The rules as a document. */
export const rulesTable = (rules: readonly Rule[]): string =>
	markdownTable(
		['Rule', 'Severity', 'What it finds', 'Remedy'],
		rules.map(({name, severity, summary, remedy}) => [code(name), severity, cell(summary), cell(remedy)]),
	)
