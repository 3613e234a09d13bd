const HIDDEN = '[redacted]'

/** What a request or a socket is authorised by, wherever it is named: in an address, a body or a header. */
const NAMED = /(signature|listenKey|X-MBX-APIKEY)("?\s*[=:]\s*"?)[A-Za-z0-9%+/_-]+/gi

/** Takes credentials out of a text that is shown or written. */
export type Redact = (text: string) => string

/**
 * Of these secrets, as they are and as an address holds them, and of every signature and listen key. A venue may say
 * back whatever it was sent, and a client names the address of what failed.
 */
export const redactor = (secrets: readonly string[]): Redact => {
	const known = [...new Set(secrets.flatMap(secret => [secret, encodeURIComponent(secret)]))].filter(Boolean)
	return text =>
		known
			.reduce((shown, secret) => (shown.includes(secret) ? shown.replaceAll(secret, HIDDEN) : shown), text)
			.replace(NAMED, `$1$2${HIDDEN}`)
}

/** Takes them out of an error itself, its causes too: whoever prints it later need not know of them. */
export const redactError = (error: unknown, redact: Redact): unknown => {
	for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
		at.message = redact(at.message)
		if (at.stack !== undefined) at.stack = redact(at.stack)
	}
	return error
}
