import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {UnitStatus} from '../../../src/daemon/client/control-api.js'
import type {SystemStatus} from '../../../src/daemon/client/system-status.js'
import {paintFor, plainPaint} from '../../../src/tui/plain/colour.js'
import {armingLine, statusView} from '../../../src/tui/plain/status-view.js'
import {widthOf} from '../../../src/tui/plain/width.js'

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)
const WIDTHS = [40, 80, 120] as const

const unit = (over: Partial<UnitStatus> = {}): UnitStatus => ({
	name: 'execution-result-bridge',
	target: 'exec',
	process: 'host-exec',
	state: 'RUNNING',
	pid: 4_194_304,
	port: null,
	handled: 1_234_567,
	dead_lettered: 0,
	last_turn_age_ms: 1_200,
	reason: null,
	...over,
})

const status = (over: Partial<SystemStatus> = {}): SystemStatus => ({
	state: 'UP',
	home: '/home/trader/qt',
	daemon: {pid: 12, version: '0.1.0', started_at: new Date(NOW_MS - 200_000).toISOString()},
	mode: 'PAPER',
	market: {kind: 'synthetic'},
	speed: 300,
	kill: false,
	kill_reason: '',
	arm: {epoch: 2, armed: true, time_ms: NOW_MS - 1_000, by: 'ada', reason: 'armed', mode: 'PAPER'},
	stages: [{name: 'core', open: true, requires: [], blocked_by: []}],
	units: [unit()],
	processes: [],
	redis: {url: 'unix:/home/trader/qt/run/redis.sock', pid: 13},
	venue: {rest: 'http://127.0.0.1:8100', ws: 'ws://127.0.0.1:8100'},
	alarms: [],
	...over,
})

describe('the status', () => {
	it('says what runs, for how long, where, and who armed it', () => {
		const shown = statusView(status(), NOW_MS, plainPaint)
		for (const told of ['UP  PAPER, synthetic market, 300x, daemon 12 for 3 min 20 s', 'ARMED by ada since 2026-01-02'])
			expect(shown).toContain(told)
		for (const told of ['venue   http://127.0.0.1:8100, ws://127.0.0.1:8100', '1.2 s', 'core open'])
			expect(shown).toContain(told)
	})

	it('shows who is not known as unknown', () => {
		expect(armingLine({kill: false, kill_reason: '', arm: null}, plainPaint)).toBe(
			'ARMED by unknown since unknown (epoch unknown)',
		)
	})

	it.each(WIDTHS)('keeps unit, state and why at %i cells', width => {
		const failed = unit({state: 'FAILED', reason: 'port 8002 is held by pid 77'})
		const shown = statusView(status({units: [failed]}), NOW_MS, plainPaint, width)
		const [line = ''] = shown.split('\n').filter(text => text.includes('✗ FAILED'))
		expect(line).toMatch(/^execution-/)
		if (width > 40) expect(line).toContain('port 8002 is held')
	})

	it('has no escapes without colours, whatever units and alarms say', () => {
		const foreign = '\u001b[31mno\nroom\u001b[0m'
		const shown = statusView(
			status({units: [unit({reason: foreign})], alarms: [{at: '2026-01-02T03:04:05Z', message: foreign}]}),
			NOW_MS,
			plainPaint,
		)
		expect(shown).not.toContain('\u001b')
		expect(shown).toContain('2026-01-02 03:04:05 UTC  no room')
	})

	it('fits any width, whatever it says', () => {
		const text = fc.string({unit: 'grapheme', maxLength: 80})
		const number = fc.option(fc.nat())
		const units = fc.array(
			fc.record({
				name: fc.constantFrom('governor', 'execution-result-bridge', 'exit-monitor'),
				target: fc.constantFrom('core', 'brains'),
				process: text,
				state: fc.constantFrom('RUNNING', 'STARTING', 'STOPPED', 'FAILED', 'NOT APPLICABLE'),
				pid: number,
				port: number,
				handled: number,
				dead_lettered: number,
				last_turn_age_ms: number,
				reason: fc.option(text),
			}),
		)
		const documents = fc.record({
			state: fc.constantFrom('UP', 'PARTIAL', 'STARTING', 'DEGRADED', 'UNSUPERVISED', 'STOPPED'),
			home: fc.string({maxLength: 120}),
			kill: fc.boolean(),
			kill_reason: text,
			units,
			alarms: fc.array(fc.record({at: fc.constantFrom('2026-01-02T03:04:05Z', 'never'), message: text})),
			daemon: fc.constantFrom(null, status().daemon),
			redis: fc.constantFrom(null, status().redis),
			speed: fc.constantFrom(null, 300, 'lockstep' as const),
		})
		const paints = fc.constantFrom(plainPaint, paintFor({isTTY: true}, {}))
		fc.assert(
			fc.property(documents, paints, fc.constantFrom(...WIDTHS), (over, paint, width) => {
				const shown = statusView(status(over as Partial<SystemStatus>), NOW_MS, paint, width)
				for (const line of shown.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width)
			}),
		)
	})
})
