import {code, markdownTable, plainText} from '../engine/logic/markdown.js'

/** A document as data: what people read as Markdown or on a terminal, and programs as JSON. Cells may hold `names`. */
export type Table = Readonly<{columns: readonly string[]; rows: readonly (readonly string[])[]}>
export type Diagram = Readonly<{language: 'mermaid' | 'text'; text: string}>

export type Section = Readonly<{
	/** Stable: other documents and programs find a section by it. */
	id: string
	heading: string
	level: 2 | 3
	text?: string
	table?: Table
	diagram?: Diagram
	/** What of it was seen in a running system: when, and by which command; or why it could not be seen. */
	observed?: readonly string[]
}>

export type TruthDocument = Readonly<{
	name: string
	title: string
	intro: string
	sections: readonly Section[]
}>

export const codes = (names: readonly string[]): string => names.map(code).join(', ') || '-'
const tableText = ({columns, rows}: Table): string => (rows.length === 0 ? 'None.' : markdownTable(columns, rows))

const blocks = ({heading, level, text, table, diagram, observed = []}: Section): readonly string[] => [
	`${'#'.repeat(level)} ${heading}`,
	...(text === undefined ? [] : [text]),
	...(observed.length === 0 ? [] : [observed.map(fact => `> ${fact}`).join('\n')]),
	...(table ? [tableText(table)] : []),
	...(diagram ? [`\`\`\`${diagram.language}\n${diagram.text}\n\`\`\``] : []),
]

/** The document as Markdown. `note` stands above it as a comment. */
export const markdownOf = ({title, intro, sections}: TruthDocument, note?: string): string =>
	`${[...(note === undefined ? [] : [`<!-- ${note} -->`]), `# ${title}`, intro, ...sections.flatMap(blocks)].join(
		'\n\n',
	)}\n`

/** Cells without the marks of Markdown, for programs. */
export const bareOf = (document: TruthDocument): TruthDocument => ({
	...document,
	sections: document.sections.map(section =>
		section.table
			? {...section, table: {...section.table, rows: section.table.rows.map(row => row.map(plainText))}}
			: section,
	),
})
