/** Pieces of Markdown, for every document that is made by code. */

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')

/**
 * Text that others chose, shown as it is: it must not become a link, emphasis, HTML or a line of its own. A bar stays: a
 * table escapes it.
 */
export const literal = (text: string): string =>
	oneLine(text)
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll(/([\\`*_[\]])/g, '\\$1')

/** Text as code; backticks inside need a longer fence. */
export const code = (text: string): string => {
	const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({length}) => length))
	const fence = '`'.repeat(longest + 1)
	const room = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
	return `${fence}${room}${text}${room}${fence}`
}

/** A bar would end the cell, in code too, and a line break the row. */
const cell = (text: string): string => oneLine(text.replaceAll('|', '\\|'))
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** A table; its cells are Markdown. */
export const markdownTable = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
	[columns, columns.map(() => '---'), ...rows].map(line).join('\n')

const MARKS = /(`+)( ?)(.+?)\2\1(?!`)|\\([\\`*_[\]])|&(lt|amp);|\[([^\]]+)\]\([^)]+\)/gs
const ENTITIES: Readonly<Record<string, string>> = {lt: '<', amp: '&'}

/** A cell without its marks: what `literal` and `code` were given, and of a link its text. */
export const plainText = (markdown: string): string =>
	markdown.replaceAll(
		MARKS,
		(_, _fence?: string, _room?: string, inside?: string, escaped?: string, entity = '', label?: string) =>
			inside ?? escaped ?? ENTITIES[entity] ?? label ?? '',
	)
