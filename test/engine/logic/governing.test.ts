import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {clientIds, readClientId} from '../../../src/engine/logic/client-id.js'
import {closingQuantity, closingSide, completed} from '../../../src/engine/logic/closing.js'
import {correctedAmount} from '../../../src/engine/logic/correction.js'
import {add, equal, exact} from '../../../src/engine/logic/exact.js'
import {admissionArguments, notionalOf, outcomeOf} from '../../../src/engine/logic/governing.js'
import {fromMicro, toMicro} from '../../../src/engine/logic/micro.js'
import {admission} from '../../../src/engine/scripts/admission.js'

describe('micro-USDT', () => {
	test.each([
		['0', '0', '0'],
		['1', '1000000', '1'],
		['0.000001', '1', '0.000001'],
		['0.0000001', '1', '0.000001'],
		['-0.0000001', '-1', '-0.000001'],
		['-1.5', '-1500000', '-1.5'],
		['200.0000010', '200000001', '200.000001'],
	])('%s is %s, and %s again', (decimal, micro, back) => {
		expect(toMicro(decimal)).toBe(micro)
		expect(fromMicro(micro)).toBe(back)
	})

	test.each(['', 'abc', '1e3', '1.', '.5', '+1', ' 1', 'NaN'])('%j is no amount', text => {
		expect(() => toMicro(text)).toThrow('Expected a decimal amount')
	})

	test('beyond what scripts can count is an error, and a notional is capped before it', () => {
		expect(() => toMicro('9007199254.740992')).toThrow('beyond what scripts can count')
		expect(toMicro('9007199254.740991')).toBe('9007199254740991')
		expect(notionalOf('99999999999999999999', '99999')).toBe(toMicro('1000000000'))
	})

	test('never falls short, by less than one micro', () => {
		fc.assert(
			fc.property(fc.integer({min: 0, max: 2 ** 32}), fc.integer({min: 0, max: 12}), (digits, places) => {
				const amount = exact(digits)
					.div(10 ** places)
					.toFixed()
				const counted = exact(toMicro(amount)).div(1_000_000)
				expect(counted.gte(amount) && counted.sub(amount).lt('0.000001')).toBe(true)
			}),
		)
	})
})

describe('client ids', () => {
	test.each([
		['q-plan_1-A', 'market', 'plan_1-A'],
		['s-0123456789abcdef', 'stop', '0123456789abcdef'],
		['t-plan', 'target', 'plan'],
		['autoclose-1234', 'liquidation', 'foreign'],
		['q-abc', 'foreign', 'foreign'],
		['x-q-plan', 'foreign', 'foreign'],
		['', 'foreign', 'foreign'],
	])('%s: %s of %s', (id, kind, plan_id) => {
		expect(readClientId(id)).toEqual({kind, plan_id})
	})

	test('of any plan are read back, and fit the venue', () => {
		fc.assert(
			fc.property(
				fc.stringMatching(/^[A-Za-z0-9_-]{4,24}$/),
				fc.constantFrom('market', 'stop', 'target'),
				(plan_id, kind) => {
					const id = clientIds[kind](plan_id)
					expect(readClientId(id)).toEqual({kind, plan_id})
					expect(id).toMatch(/^[.A-Z:/a-z0-9_-]{1,36}$/)
				},
			),
		)
	})
})

describe('closing', () => {
	test.each([
		['CLOSE', '1', '1'],
		['FULL_CLOSE_PROPOSED', '-0.3', '0.3'],
		['PARTIAL_CLOSE_25', '0.1', '0.025'],
		['HARVEST_PARTIAL', '0.1', '0.025'],
		['PARTIAL_CLOSE_50', '-0.1', '0.05'],
		['PARTIAL_CLOSE_75', '0.000000000000000001', '0'],
	] as const)('%s of %s is %s', (action, amount, quantity) => {
		expect(closingQuantity(action, amount)).toBe(quantity)
	})

	test('sells a long and buys a short', () => {
		expect([closingSide('0.1'), closingSide('-0.1')]).toEqual(['SELL', 'BUY'])
	})

	const plan = {plan_id: 'plan', symbol: 'BTCUSDT', source: 'hand'}
	test.each([
		[
			{...plan, action: 'CLOSE' as const},
			{side: 'BUY', quantity: '2'},
		],
		[
			{...plan, action: 'CLOSE' as const, side: 'SELL' as const, quantity: '1'},
			{side: 'SELL', quantity: '1'},
		],
		[{...plan, action: 'PROTECT' as const, stop_price: '1'}, {side: 'BUY'}],
		[
			{...plan, action: 'REPLACE_STOP' as const, stop_price: '1', cancel_ids: ['s-old1']},
			{side: 'BUY', quantity: '2'},
		],
	])('%j is completed from a short of 2', (given, added) => {
		expect(completed(given, '-2', defaultPolicy)).toEqual({...given, ...added})
		expect(completed(given, '0', defaultPolicy)).toEqual(given)
	})

	test.each([
		['by the distance of its stop', {reference_price: '100', stop_price: '98'}, 5],
		['as high as policy allows', {reference_price: '100', stop_price: '99.9'}, 10],
		['at least one', {reference_price: '100', stop_price: '50'}, 1],
		['by the stop that policy will give it', {}, 3],
		['and what it asked for is kept, for the gate to judge', {leverage: 7}, 7],
	])('an entry gets its leverage %s', (_, given, leverage) => {
		const entry = {...plan, ...given, action: 'OPEN' as const}
		expect(completed(entry, '0', defaultPolicy)).toEqual({...entry, leverage})
	})
})

test('corrections and fills commute, and a correction that was taken already changes nothing', () => {
	const amount = fc.integer({min: -5, max: 5}).map(String)
	fc.assert(
		fc.property(amount, amount, fc.integer({min: 1, max: 5}), (expected, venue, quantity) => {
			const correction = {amount: venue, expected}
			const first = add(correctedAmount(expected, correction), String(quantity))
			const last = correctedAmount(add(expected, String(quantity)), correction)
			// A fill that leads to the venue's amount by itself is taken for what the correction is about.
			if (!equal(add(expected, String(quantity)), venue)) expect(last).toBe(first)
			expect(correctedAmount(venue, correction)).toBe(String(Number(venue)))
			expect(correctedAmount('7', {amount: venue, expected: 'unknown'})).toBe(String(Number(venue)))
			expect(correctedAmount('7', {amount: venue})).toBe(String(Number(venue)))
		}),
	)
})

describe('a result means', () => {
	const result = {plan_id: 'plan', symbol: 'BTCUSDT', executed: true, reduce_only: false}
	test.each([
		['OPEN', 'EXECUTED', {filled_quantity: '1', average_price: '100'}, {what: 'executed', quantity: '1', price: '100'}],
		['OPEN', 'EXECUTED', {filled_quantity: '0'}, {what: 'failed'}],
		['ADD', 'EXECUTED', {}, {what: 'failed'}],
		['OPEN', 'FAILED', {error: '-2019'}, {what: 'failed'}],
		['OPEN', 'SKIP', {error: 'KILLED'}, {what: 'failed'}],
		['OPEN', 'SKIP', {error: 'PERMIT_SERVED'}, undefined],
		['OPEN', 'UNKNOWN', {}, undefined],
		[
			'CLOSE',
			'EXECUTED',
			{filled_quantity: '0.5', client_order_id: 'order'},
			{what: 'exit-done', order: 'order', filled: '0.5'},
		],
		['CLOSE', 'FAILED', {}, {what: 'exit-done', order: '', filled: '0'}],
		['CLOSE', 'SKIP', {error: 'PERMIT_SERVED'}, undefined],
		['CLOSE', 'UNKNOWN', {}, undefined],
		['PROTECT', 'EXECUTED', {}, undefined],
	] as const)('%s %s %j: %j', (action, decision, changes, meaning) => {
		expect(outcomeOf({...result, action, decision, ...changes})).toEqual(meaning)
	})
})

describe('the arguments of an admission', () => {
	const entry = {id: 'x', cause: '', unit: 'test', ts: 1_000, v: 1, authority: 'live' as const}
	const at = (speed: number) => ({now_ms: 5_000.4, machine_ms: 9, speed, policy: defaultPolicy, entry, mode: 'PAPER'})
	const plan = {plan_id: 'plan', symbol: 'BTCUSDT', action: 'OPEN' as const, source: 'test'}

	test('are those of its contract', () => {
		expect(Object.keys(admissionArguments(plan, at(1))).sort()).toEqual([...admission.args].sort())
	})

	test.each([
		[1, '30000', '35000'],
		[0, '30000', '35000'],
		[600, '1200000', '1205000'],
	])('at %d times speed a plan may be as old as the machine is slow', (speed, plan_age_max_ms, deadline_ms) => {
		expect(admissionArguments(plan, at(speed))).toMatchObject({
			plan_age_max_ms,
			deadline_ms,
			quote_silence_max_ms: '5000',
		})
	})

	test('never have an exponent in an amount', () => {
		const policy = {...defaultPolicy, notional_per_trade_usdt: 1e-7, notional_total_usdt: 1e21}
		expect(admissionArguments({...plan, notional_usdt: '0.0000001'}, {...at(1), policy})).toMatchObject({
			notional_micro: '1',
			notional_cap_micro: '1',
			total_cap_micro: '1000000000000000',
		})
	})
})
