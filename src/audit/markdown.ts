import type {Report} from './report-schema.js'
import type {Rule} from './rule.js'

/** Text inside a cell of a table: a name that others chose must not end the cell, nor become a link or HTML. */
const cell = (text: string | number | null): string =>
	String(text ?? '-')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll(/([\\`*_[\]|])/g, '\\$1')
		.replaceAll('\n', ' ')

/** A command as code; backticks inside need a longer fence, and a bar would end the cell. */
const code = (text: string): string => {
	const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({length}) => length))
	const fence = '`'.repeat(longest + 1)
	const room = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
	return `${fence}${room}${text.replaceAll('|', '\\|')}${room}${fence}`
}

const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
	[headings, headings.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const section = (title: string, body: string): readonly string[] => ['', `## ${title}`, '', body]

const findings = ({findings: all}: Report): string =>
	all.length === 0
		? 'None.'
		: table(
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
			table(
				['Gate', 'Outcome', 'Detail'],
				gates.map(({gate, passed: value, detail}) => [cell(gate), passed(value), cell(detail)]),
			),
		),
		...(unseen.length > 0 ? section('What was not seen', unseen.join('\n')) : []),
		...section(
			'Modules',
			table(
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
						: table(
								['', 'Fact', 'Before', 'Now'],
								report.baseline.differences.map(({kind, fact, before, now}) => [kind, fact, before, now].map(cell)),
							),
				)
			: []),
	].join('\n')}\n`
}

/** The rules as a document. */
export const rulesTable = (rules: readonly Rule[]): string =>
	table(
		['Rule', 'Severity', 'What it finds', 'Remedy'],
		rules.map(({name, severity, summary, remedy}) => [code(name), severity, cell(summary), cell(remedy)]),
	)
