import {setTimeout as pause} from 'node:timers/promises'
import type {FaultKind, FaultKinds} from './fault.js'

const ORDER = {method: 'POST', path: '/fapi/v1/order'}
const STOP = {method: 'POST', path: '/fapi/v1/algoOrder'}

type Match = Readonly<{method?: string; path?: string}>
type Action = Readonly<{kind: string} & Record<string, unknown>>
type Options = Readonly<{after_accept?: boolean; match?: Match; weight?: number; ms?: readonly [number, number]}>

const error = (http: number, code: number, msg: string): Action => ({kind: 'error', http, code, msg})

/** The venue's own fault control does it to the next requests that fit. */
const strikes = (action: Action, {match = ORDER, after_accept = false, weight = 2, ms}: Options = {}): FaultKind => ({
	group: 'venue',
	weight,
	times: [1, 2],
	...(ms && {ms}),
	strike: async ({venue}, fault) => {
		const timed = ms ? {...action, ms: fault.ms} : action
		await venue.control('POST', 'faults', {match, times: fault.times, after_accept, action: timed})
		return `the next ${fault.times}`
	},
})

const accepted = {after_accept: true, weight: 4} as const
const tells = (action: string, ms?: readonly [number, number]): FaultKind => ({
	group: 'account',
	weight: 2,
	times: [1, 6],
	...(ms && {ms}),
	strike: async ({venue}, {times, ms: late_ms}) => {
		await venue.control('POST', 'user-stream', {action, times, ...(ms && {ms: late_ms})})
		return `the next ${times}`
	},
})

/** Requests are judged by another clock for a quarter of the jump. */
const jumps = (direction: 1 | -1): FaultKind => ({
	group: 'venue',
	weight: 1,
	ms: [1_000, 20_000],
	strike: async ({venue}, {ms}) => {
		await venue.control('POST', 'skew', {ms: direction * ms})
		await pause(ms / 4)
		await venue.control('POST', 'skew', {ms: 0})
		return `by ${direction * ms} ms, and back`
	},
})

const TIMED_OUT = error(408, -1007, 'Timeout waiting for response from backend server.')
const UNEXPECTED = error(503, -1006, 'An unexpected response was received from the message bus.')
const UNAVAILABLE = error(503, -1000, 'Unknown error, please check your request or try again later.')
const HANG = {kind: 'hang'}
/** Around the time that a request is waited for. */
const HANG_MS = [4_000, 7_000] as const

/** What the venue does to requests and to messages of the account, whether it carried them out or not. */
export const venueFaults: FaultKinds = {
	'-1007': strikes(TIMED_OUT),
	'-1007 after accepting': strikes(TIMED_OUT, accepted),
	'-1006': strikes(UNEXPECTED),
	'-1006 after accepting': strikes(UNEXPECTED, accepted),
	'503': strikes(UNAVAILABLE),
	'503 after accepting': strikes(UNAVAILABLE, accepted),
	'502 without a code': strikes({kind: 'garbage'}),
	'502 without a code, after accepting': strikes({kind: 'garbage'}, accepted),
	'dropped socket': strikes({kind: 'drop'}),
	'dropped socket after accepting': strikes({kind: 'drop'}, accepted),
	'no answer': strikes(HANG, {ms: HANG_MS}),
	'no answer after accepting': strikes(HANG, {...accepted, ms: HANG_MS}),
	'slow answer': strikes({kind: 'delay'}, {ms: [200, 4_500]}),
	'-1003 with 429': strikes(error(429, -1003, 'Too many requests.'), {weight: 1}),
	'-1003 with 418': strikes(error(418, -1003, 'Way too many requests; IP banned.'), {weight: 1}),
	'-1021': strikes(error(400, -1021, 'Timestamp for this request is outside of the recvWindow.')),
	'-2019': strikes(error(400, -2019, 'Margin is insufficient.'), {weight: 1}),
	'stop: -1007': strikes(TIMED_OUT, {match: STOP}),
	'stop: -1007 after accepting': strikes(TIMED_OUT, {match: STOP, after_accept: true}),
	'stop: dropped socket after accepting': strikes({kind: 'drop'}, {match: STOP, after_accept: true}),
	'stop: 503': strikes(UNAVAILABLE, {match: STOP}),
	'stop: -1021': strikes(error(400, -1021, 'Timestamp for this request is outside of the recvWindow.'), {match: STOP}),
	'query of an order: 503': strikes(UNAVAILABLE, {match: {method: 'GET', path: '/fapi/v1/order'}}),
	'query of an order: 502 without a code': strikes({kind: 'garbage'}, {match: {method: 'GET', path: '/fapi/v1/order'}}),
	'any reading: 503': strikes(UNAVAILABLE, {match: {method: 'GET'}}),
	'any reading: -1003 with 429': strikes(error(429, -1003, 'Too many requests.'), {match: {method: 'GET'}, weight: 1}),
	'any cancel: -1007 after accepting': strikes(TIMED_OUT, {match: {method: 'DELETE'}, after_accept: true}),
	'listen key: 503': strikes(UNAVAILABLE, {match: {path: '/fapi/v1/listenKey'}, weight: 1}),
	'clock ahead': jumps(1),
	'clock back': jumps(-1),
	'events twice': tells('duplicate_next'),
	'events lost': tells('lose_next'),
	'events late': tells('delay_next', [300, 5_000]),
	'events disordered': tells('reverse_next', [300, 3_000]),
	'account sockets dropped': tells('drop_sockets'),
	'listen key expired': {...tells('expire_listen_key'), weight: 1},
}
