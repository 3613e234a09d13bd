import {describe, expect, it} from 'vitest'
import {classifyError, errorCodes, type Failure, type FailureKind} from '../../../src/engine/exchange/classify-error.js'

const failure = (more: Partial<Failure>): Failure => ({left: true, message: '', ...more})

describe('what a failed request means for an order', () => {
	it.each<[string, Partial<Failure>, FailureKind, string]>([
		['held back by the fence', {left: false, fenced: 'KILLED', code: -1007}, 'NOT_SENT', 'KILLED'],
		['never handed to the network', {left: false}, 'NOT_SENT', 'UNREACHABLE'],
		['time-out inside the venue', {http: 408, code: -1007}, 'UNKNOWN', '-1007'],
		['unexpected response inside the venue', {http: 400, code: -1006}, 'UNKNOWN', '-1006'],
		['overload that let nothing through', {http: 503, code: -1008}, 'REFUSED', '-1008'],
		['503 without a code', {http: 503, message: 'Service Unavailable'}, 'UNKNOWN', 'HTTP_503'],
		['502 of a gateway before the venue', {http: 502}, 'UNKNOWN', 'HTTP_502'],
		['a code unknown to us below 500', {http: 400, code: -9999}, 'REFUSED', '-9999'],
		['a code unknown to us from 500', {http: 500, code: -9999}, 'UNKNOWN', '-9999'],
		['an answer that is no JSON', {http: 200}, 'UNKNOWN', 'HTTP_200'],
		['a web firewall', {http: 403}, 'REFUSED', 'HTTP_403'],
		['margin', {http: 400, code: -2019}, 'REFUSED', '-2019'],
		['would trigger at once', {http: 400, code: -2021}, 'REFUSED', '-2021'],
		['leverage not valid is no "no change"', {http: 400, code: -4028}, 'REFUSED', '-4028'],
		['no change', {http: 400, code: -4046}, 'UNCHANGED', '-4046'],
		['duplicate client id', {http: 400, code: -4116}, 'DUPLICATE', '-4116'],
		['nothing to cancel', {http: 400, code: -2011}, 'GONE', '-2011'],
		['no such order', {http: 400, code: -2013}, 'GONE', '-2013'],
		['connection refused', {message: 'fetch failed: connect ECONNREFUSED 127.0.0.1:1'}, 'NOT_SENT', 'UNREACHABLE'],
		['no connection in time', {message: 'fetch failed: Connect Timeout Error'}, 'NOT_SENT', 'UNREACHABLE'],
		['reset after it was written', {message: 'fetch failed: other side closed'}, 'UNKNOWN', 'NO_ANSWER'],
		['no answer in time', {message: 'POST … request timed out (5000 ms)'}, 'UNKNOWN', 'NO_ANSWER'],
	])('%s', (_, more, kind, code) => {
		expect(classifyError(failure(more))).toMatchObject({kind, code})
	})

	it('obeys the silence that 429 and 418 ask for', () => {
		expect(classifyError(failure({http: 429, code: -1003, retry_after_ms: 7_000}))).toMatchObject({
			kind: 'REFUSED',
			hold_ms: 7_000,
		})
		expect(classifyError(failure({http: 418, retry_after_ms: 120_000}))).toMatchObject({
			kind: 'REFUSED',
			hold_ms: 120_000,
		})
		expect(classifyError(failure({http: 429, code: -1015}))).toMatchObject({kind: 'REFUSED', hold_ms: 1_000})
	})

	it('asks for the clock and the settings where they are to blame', () => {
		expect(classifyError(failure({http: 400, code: -1021}))).toMatchObject({kind: 'REFUSED', clock: true})
		expect(classifyError(failure({http: 400, code: -4061}))).toMatchObject({kind: 'REFUSED', settings: true})
	})

	it('says of every code it knows what it means', () => {
		for (const [code, {meaning}] of Object.entries(errorCodes))
			expect(classifyError(failure({http: 400, code: Number(code)})).message).toBe(meaning)
	})
})
