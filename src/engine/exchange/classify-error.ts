/** What is known of a request that failed, before any interpretation. */
export type Failure = Readonly<{
	/** The request was handed to the network; false means that it certainly never left. */
	left: boolean
	http?: number
	/** The venue's numeric code. */
	code?: number
	message: string
	retry_after_ms?: number
	/** Why the fence held it back. */
	fenced?: string
}>

/**
 * What a failure means for an order.
 * REFUSED: certainly not placed. UNKNOWN: it may have been placed, ask. DUPLICATE: the client id is already open.
 * GONE: nothing of that id is open or known. UNCHANGED: it already is as asked. NOT_SENT: it never left.
 */
export type FailureKind = 'REFUSED' | 'UNKNOWN' | 'DUPLICATE' | 'GONE' | 'UNCHANGED' | 'NOT_SENT'

export type Classified = Readonly<{
	kind: FailureKind
	/** The venue's code as text, `HTTP_503`, or the reason why it was not sent. */
	code: string
	message: string
	/** Send nothing for this long. */
	hold_ms?: number
	/** The clocks differ: measure again. */
	clock?: true
	/** The account's settings are not what we assumed: assert them again. */
	settings?: true
}>

type Effects = Readonly<{kind: FailureKind; meaning: string; hold?: true; clock?: true; settings?: true}>
const refused = (meaning: string, more: Omit<Effects, 'kind' | 'meaning'> = {}): Effects => ({
	kind: 'REFUSED',
	meaning,
	...more,
})

/** A row per code that we know. A code that is not here means REFUSED below HTTP 500, UNKNOWN from there. */
export const errorCodes: Readonly<Record<number, Effects>> = {
	[-1000]: {kind: 'UNKNOWN', meaning: 'internal error of the venue while processing'},
	[-1001]: {kind: 'UNKNOWN', meaning: 'disconnected inside the venue'},
	[-1002]: refused('not authorised'),
	[-1003]: refused('too many requests, or banned', {hold: true}),
	[-1006]: {kind: 'UNKNOWN', meaning: 'unexpected response inside the venue'},
	[-1007]: {kind: 'UNKNOWN', meaning: 'time-out inside the venue'},
	[-1008]: refused('the venue is overloaded and let it not through', {hold: true}),
	[-1015]: refused('too many orders', {hold: true}),
	[-1021]: refused('timestamp outside the receive window', {clock: true}),
	[-1022]: refused('bad signature'),
	[-1102]: refused('a mandatory parameter is missing'),
	[-1106]: refused('a parameter that does not belong'),
	[-1111]: refused('too many decimals'),
	[-1121]: refused('no such symbol'),
	[-2011]: {kind: 'GONE', meaning: 'nothing to cancel under that id'},
	[-2013]: {kind: 'GONE', meaning: 'no order under that id'},
	[-2014]: refused('malformed API key'),
	[-2015]: refused('API key, address or permission'),
	[-2018]: refused('balance is insufficient'),
	[-2019]: refused('margin is insufficient'),
	[-2020]: refused('unable to fill'),
	[-2021]: refused('the trigger is already behind the price'),
	[-2022]: refused('reduce-only, and there is nothing to reduce'),
	[-2025]: refused('too many open orders'),
	[-2027]: refused('position limit at this leverage', {settings: true}),
	[-2028]: refused('leverage too small for the margin', {settings: true}),
	[-4003]: refused('quantity not above 0'),
	[-4004]: refused('quantity below the minimum'),
	[-4005]: refused('quantity above the maximum'),
	[-4014]: refused('price off the tick'),
	[-4015]: refused('client id not valid'),
	[-4023]: refused('quantity off the step'),
	[-4028]: refused('leverage not valid for the symbol', {settings: true}),
	[-4045]: refused('too many conditional orders'),
	[-4046]: {kind: 'UNCHANGED', meaning: 'margin type is already so'},
	[-4059]: {kind: 'UNCHANGED', meaning: 'position mode is already so'},
	[-4061]: refused('position side does not fit the position mode', {settings: true}),
	[-4116]: {kind: 'DUPLICATE', meaning: 'an open order has that client id'},
	[-4120]: refused('wrong endpoint for a conditional order'),
	[-4130]: refused('a close-position order of that kind is already resting'),
	[-4131]: refused('best price too far from the mark'),
	[-4164]: refused('below the minimum notional'),
	[-4509]: refused('nothing that a close-position order could close'),
	[-5021]: refused('not fillable at once'),
	[-5022]: refused('not fillable as maker'),
	[-5028]: refused('reached the matching engine outside the receive window', {clock: true}),
}

/** Errors of the network that arise before a byte of the request is written. */
const NEVER_CONNECTED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Connect Timeout|CONNECT_TIMEOUT/i
/** Without a header that says more, a limited client is silent this long. */
const HOLD_DEFAULT_MS = 1_000

const hold = ({retry_after_ms}: Failure) => ({hold_ms: retry_after_ms ?? HOLD_DEFAULT_MS})

/** What a failed request means. Branches on the numeric code, then on the HTTP status, then on how the network failed. */
export const classifyError = (failure: Failure): Classified => {
	const {left, http, code, message, fenced} = failure
	if (fenced !== undefined) return {kind: 'NOT_SENT', code: fenced, message}
	if (!left) return {kind: 'NOT_SENT', code: 'UNREACHABLE', message}
	const row = code === undefined ? undefined : errorCodes[code]
	if (code !== undefined && row)
		return {
			kind: row.kind,
			code: String(code),
			message: message === '' ? row.meaning : message,
			...(row.hold || http === 429 || http === 418 ? hold(failure) : {}),
			...(row.clock ? {clock: true} : {}),
			...(row.settings ? {settings: true} : {}),
		}
	if (http === 429 || http === 418) return {kind: 'REFUSED', code: `HTTP_${http}`, message, ...hold(failure)}
	if (http !== undefined && http >= 400 && http < 500 && http !== 408)
		return {kind: 'REFUSED', code: code === undefined ? `HTTP_${http}` : String(code), message}
	if (http !== undefined) return {kind: 'UNKNOWN', code: code === undefined ? `HTTP_${http}` : String(code), message}
	if (NEVER_CONNECTED.test(message)) return {kind: 'NOT_SENT', code: 'UNREACHABLE', message}
	return {kind: 'UNKNOWN', code: 'NO_ANSWER', message}
}
