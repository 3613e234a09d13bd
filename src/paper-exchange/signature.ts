import {createHmac, timingSafeEqual} from 'node:crypto'
import type {Params} from './params.js'
import {venueError} from './venue-error.js'

const aheadMax_ms = 1000
const defaultWindow_ms = 5000

/** The signed text: everything before the signature, query and body together, exactly as it was sent. */
const signedText = (query: string, body: string): string =>
	[query, body]
		.map(part => part.replace(/(^|&)signature=[^&]*/, ''))
		.join('')
		.replace(/^&/, '')

const same = (given: string, expected: string): boolean => {
	const [a, b] = [Buffer.from(given), Buffer.from(expected)]
	return a.length === b.length && timingSafeEqual(a, b)
}

type Signed = Readonly<{query: string; body: string; params: Params}>
type Rules = Readonly<{secret: string; now_ms: number; window_max_ms: number}>

/** @throws VenueError -1102, -1021 or -1022 */
export const checkSignature = ({query, body, params}: Signed, rules: Rules): void => {
	const timestamp = params.requiredInteger('timestamp')
	const given = params.required('signature')
	const expected = createHmac('sha256', rules.secret).update(signedText(query, body)).digest('hex')
	if (!same(given, expected)) throw venueError('badSignature')
	const window_ms = Math.min(params.integer('recvWindow') ?? defaultWindow_ms, rules.window_max_ms)
	if (timestamp > rules.now_ms + aheadMax_ms) throw venueError('aheadOfServer')
	if (rules.now_ms - timestamp > window_ms) throw venueError('outsideWindow')
}
