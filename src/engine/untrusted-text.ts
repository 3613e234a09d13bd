/** Text that anybody may have written, on its way to a terminal, a shell or a document. */

/** Control, format, private, unassigned and separator characters, halves of pairs: what is not seen, or moves what is. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Whether it holds anything that cannot be seen as it is. */
export const hasUnseen = (text: string): boolean => text.search(UNSEEN) >= 0

/** With what cannot be seen spelled out by its code point: `\u{1b}[2J` clears no screen. */
export const escaped = (text: string): string =>
	text.replaceAll(UNSEEN, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)

const QUOTED_CHARS_MAX = 60

/** What somebody typed, for a message: in quotes, cut, and without anything that a terminal would obey. */
export const quoted = (text: string): string => {
	const cut = text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text
	return `"${escaped(cut.replaceAll(/["\\]/g, '\\$&'))}"`
}
