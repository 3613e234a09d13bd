import {describe, expect, it} from 'vitest'
import {instantMs} from '../../../src/daemon/client/time-span.js'
import {gateChecks} from '../../../src/daemon/client/why-gates.js'
import {codeOf, isOf, operatorAt, positionAt, saidOf} from '../../../src/daemon/client/why-past.js'
import {rateWait, unitCheck, waitsOf} from '../../../src/daemon/client/why-system.js'
import {verdictOf, type WhyCheck} from '../../../src/daemon/client/why-verdict.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {verdictText, whyView} from '../../../src/tui/plain/why-view.js'
import {check} from './why-fixture.js'

describe('waits', () => {
	it.each([
		[[], 2, 0],
		[[100], 2, 0],
		[[100, 200], 2, 1_000 - 400],
		[[100, 200, 300], 2, 1_000 - 300],
		[[-900, 200], 2, 0],
	])('entries at %j of at most %i within 1,000 ms: %i ms at 500', (entries, count_max, wait_ms) => {
		expect(rateWait(entries, 1_000, count_max, 500)).toBe(wait_ms)
	})

	it('are told of the gate that refuses, with who is behind it', () => {
		const row = {limit: '60000', meaning: '', remedy: 'wait', unit: 'ms' as const, policy: 'cooldown_ms'}
		const waits = waitsOf({policy: defaultPolicy, now_ms: 10_000, cooldown_ms: 2_000, entries: []})
		const rows = gateChecks({
			rows: [
				{...row, code: 'COOLDOWN', passed: false, used: '8000'},
				{...row, code: 'KILLED', passed: false, used: ''},
				{...row, code: 'PAUSED', passed: true, used: ''},
			],
			behind: {KILLED: 'stopped by ada', PAUSED: 'never shown'},
			waits,
		})
		expect(rows.map(({step, code, used, wait_ms}) => [step, code, used, wait_ms])).toEqual([
			['governor', 'COOLDOWN', '8000', 52_000],
			['system', 'KILLED', 'stopped by ada', null],
			['system', 'PAUSED', '', null],
		])
	})
})

it('does not know whether units run when the daemon is silent', () => {
	expect(unitCheck(undefined, 'ECONNRESET')).toMatchObject({passed: null, used: expect.stringContaining('ECONNRESET')})
})

describe('the words', () => {
	const why = {
		symbol: 'BTCUSDT',
		ask: {side: 'BUY' as const, notional_usdt: '200', from: 'policy' as const},
		position: null,
		newest: null,
		venue_ms: 60_000,
		machine_ms: 5_000,
		speed: 60,
	}
	const cooldown = check('governor', 'COOLDOWN', false, {
		used: '8000',
		limit: '60000',
		unit: 'ms',
		wait_ms: 52_000,
		remedy: 'wait',
	})
	const told = (checks: readonly WhyCheck[], changes: object = {}) => {
		const all = {...why, checks, ...changes}
		return {...all, verdict: verdictOf({held: all.position !== null, checks, signal_counts: true})}
	}
	it('say for how long, at the venue and here', () => {
		expect(verdictText(told([cooldown]))).toBe(
			'BUY 200 USDT would be refused: COOLDOWN for 52.0 s of the venue’s time (866 ms here) more',
		)
	})

	it('say value and limit, and what refuses besides', () => {
		const spread = check('governor', 'SPREAD_WIDE', false, {used: '25', limit: '20', unit: 'bps'})
		expect(verdictText(told([spread, cooldown]))).toBe(
			'BUY 200 USDT would be refused: SPREAD_WIDE: 25 bps, limit 20 bps; COOLDOWN besides',
		)
	})

	it('say since when there is a position, and whether a stop rests', () => {
		const position = {
			amount: '-0.5',
			entry_price: '100',
			opened_ms: 30_000,
			opened_by: 'operator',
			foreign: '',
			stop_resting: false,
			stop_price: '',
		}
		expect(verdictText(told([cooldown], {position}))).toBe(
			'has a position: SHORT -0.5 at 100 since 1970-01-01 00:00:30 of the venue’s time, for 30.0 s, opened by operator; NO stop rests',
		)
	})

	it('do not obey what a terminal would', () => {
		const shown = whyView(told([check('system', 'KILLED', false, {used: 'stopped by \u001b[2Jx'})]), plainPaint)
		expect(shown).not.toContain('\u001b')
		expect(shown).toContain('stopped by x')
	})
})

describe('the past', () => {
	const entry = (fields: Record<string, string>) => ({stream: 'governor.events', stream_id: '1000-0', fields})
	it('tells the values that a verdict carried', () => {
		const fields = {
			plan_id: 'p1',
			symbol: 'BTCUSDT',
			verdict: 'REFUSE',
			reason: 'COOLDOWN',
			used: '8000',
			limit: '60000',
			unit: 'governor',
		}
		expect(saidOf(entry(fields))).toMatchObject({
			said: 'REFUSE',
			reason: 'COOLDOWN',
			used: '8000',
			limit: '60000',
			id: 'p1',
		})
	})

	it.each([
		[{symbol: 'BTCUSDT'}, true],
		[{symbol: 'ETHUSDT'}, false],
		[{fields: '{"symbol":"BTCUSDT"}'}, true],
		[{fields: 'no json'}, false],
		[{}, false],
	])('an entry with %j tells of the symbol: %s', (fields, tells) => {
		expect(isOf(entry(fields), 'BTCUSDT')).toBe(tells)
	})

	it('says what held', () => {
		const position = positionAt(entry({amount: '1', entry_price: '100', opened_ms: '5'}))
		expect(positionAt(entry({amount: '0'}))).toBeNull()
		expect(codeOf({position, newest: null, recorded: true})).toBe('POSITION')
		expect(codeOf({position: null, newest: null, recorded: true})).toBe('NO_INTENT')
		expect(codeOf({position: null, newest: null, recorded: false})).toBe('UNRECORDED')
	})

	it('names the last that people did before', () => {
		const line = (what: string, time_ms: number) => ({
			n: 1,
			who: 'ada',
			what,
			why: 'drill',
			outcome: 'DONE',
			time_ms,
			before: {},
			after: {},
			timings: {},
			previous: '',
			hash: '',
		})
		const lines = [line('go', 10), line('order place', 20), line('kill', 30)]
		expect(operatorAt(lines, 25)).toMatchObject({what: 'go', time_ms: 10})
		expect(operatorAt(lines, 5)).toBeNull()
	})

	it.each([
		['10m ago', 400_000],
		['10m', 400_000],
		['1970-01-01T00:00:01.250Z', 1_250],
		['1970-01-01 00:01', 60_000],
	])('%s is an instant', (text, at_ms) => {
		expect(instantMs('--at', text, 1_000_000)).toBe(at_ms)
	})

	it.each(['', 'soon', '10 m', '-5m', '9999999d', '2026-13-01', '\u001b[2J'])('%j is none', text => {
		expect(() => instantMs('--at', text, 1_000_000)).toThrow(/^--at .*: expected how long ago, or when in UTC$/)
	})
})
