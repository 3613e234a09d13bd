import {randomBytes} from 'node:crypto'
import {inspect} from 'node:util'
import {describe, expect, it} from 'vitest'
import {redactError, redactor} from '../../../src/engine/exchange/redact.js'

const drawn = () => randomBytes(24).toString('base64')

describe('a redactor', () => {
	it('takes every secret out, as it is and as an address holds it, and leaves the rest', () => {
		const [key, secret] = [drawn(), `${drawn()}/+=`]
		const redact = redactor([key, secret])
		expect(redact(`a ${key} b ${secret} c ${encodeURIComponent(secret)} d ${key}`)).toBe(
			'a [redacted] b [redacted] c [redacted] d [redacted]',
		)
		expect(redact('币安人生USDT -2015 {"code":-2015}')).toBe('币安人生USDT -2015 {"code":-2015}')
	})

	it.each([
		['an address', 'GET http://x/fapi/v2/account?timestamp=1&signature=0aF9&recvWindow=5', 'signature=[redacted]&recv'],
		['a socket', 'wss://x/private/ws?listenKey=pqia91ma19a5s61cv6a81va65sdf: closed', 'listenKey=[redacted]: closed'],
		['a body', '{"e":"listenKeyExpired","listenKey":"pqia91","E":1}', '"listenKey":"[redacted]","E":1}'],
		['a header', '{"X-MBX-APIKEY": "abc"}', '"X-MBX-APIKEY": "[redacted]"}'],
	])('takes out what authorises a request where it is named: %s', (_, text, shown) => {
		expect(redactor([])(text)).toContain(shown)
	})

	it('is not confused by an empty secret', () => {
		expect(redactor([''])('nothing')).toBe('nothing')
	})

	it('cleans an error with its stack and its causes, which stays what it is', () => {
		const key = drawn()
		class VenueError extends Error {}
		const error = new VenueError(`refused ${key}`, {cause: new Error(`because of ${key}`)})
		expect(redactError(error, redactor([key]))).toBe(error)
		expect(error).toBeInstanceOf(VenueError)
		expect(inspect(error, {showHidden: true})).not.toContain(key)
		expect(error.message).toBe('refused [redacted]')
		expect(redactError('text', redactor([key]))).toBe('text')
	})
})
