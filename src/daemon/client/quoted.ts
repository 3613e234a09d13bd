const SHOWN_CHARS_MAX = 60

/** What somebody typed, for a message: in quotes, cut, and without anything that a terminal would obey. */
export const quoted = (text: string): string =>
	JSON.stringify(text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text).replaceAll(
		/\p{C}/gu,
		'\ufffd',
	)
