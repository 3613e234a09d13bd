import {escaped, hasUnseen} from '../engine/untrusted-text.js'

/** Names that others chose are shown so that they cannot act on a terminal, on a shell or on a document. */

const SHOWN_MAX = 160

/** The text with each unseen character as its code, and cut where it is long. */
export const shown = (text: string): string => {
	const visible = escaped(text)
	if (visible.length <= SHOWN_MAX) return visible
	return `${visible.slice(0, SHOWN_MAX)}… (${text.length} characters)`
}

const PLAIN = /^[\p{L}\p{N}_./:@%+,=-]+$/u
const typedByte = (byte: number): string => {
	const char = String.fromCharCode(byte)
	if (char === "'" || char === '\\') return `\\${char}`
	return byte >= 0x20 && byte < 0x7f ? char : `\\x${byte.toString(16).padStart(2, '0')}`
}

/** The text as one word of a command that a person can paste into a shell. */
export const word = (text: string): string => {
	if (PLAIN.test(text)) return text
	if (!hasUnseen(text)) return `'${text.replaceAll("'", "'\\''")}'`
	return `$'${[...Buffer.from(text)].map(typedByte).join('')}'`
}

/** A command with its arguments, ready to be pasted. */
export const command = (...words: readonly (string | number)[]): string => words.map(of => word(String(of))).join(' ')
