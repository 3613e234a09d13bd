import {describe, expect, it} from 'vitest'
import type {ArmReport} from '../../../src/daemon/client/arming.js'
import type {Arming} from '../../../src/daemon/client/arming-record.js'
import type {GovernorView} from '../../../src/daemon/client/governor.js'
import type {KillReport} from '../../../src/daemon/client/killing.js'
import type {ListedPosition} from '../../../src/daemon/client/positions.js'
import type {GroupStatus, StreamStatus} from '../../../src/daemon/client/stream-status.js'
import type {StreamsReading} from '../../../src/daemon/client/stream-watch.js'
import type {TradeRow} from '../../../src/engine/logic/journal-rows.js'
import {balanceView, tradesView} from '../../../src/tui/plain/books-view.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {governorView} from '../../../src/tui/plain/governor-view.js'
import {armView, killView} from '../../../src/tui/plain/kill-view.js'
import {positionsView} from '../../../src/tui/plain/orders-view.js'
import {sparkline} from '../../../src/tui/plain/sparkline.js'
import {streamsLine, streamsScreen, streamsView} from '../../../src/tui/plain/streams-view.js'
import {widthOf} from '../../../src/tui/plain/width.js'

const WIDTHS = [40, 80, 120] as const
const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf))

const position: ListedPosition = {
	symbol: '币安人生USDT',
	amount: '1188',
	entry_price: '0.00001674',
	mark_price: '0.00001649',
	unrealised_pnl: '-3.0056',
	liquidation_price: '0',
	liquidation_distance: null,
	side: 'LONG',
	notional_usdt: '198.93',
	stop: null,
	target: null,
	foreign: null,
}
const trade: TradeRow = {
	trade_id: '30e75f89d3858a1e',
	symbol: '币安人生USDT',
	side: 'LONG',
	quantity: '1188',
	entry_price: '0.16745',
	exit_price: '0.16492',
	opened_ms: Date.UTC(2026, 0, 1, 12),
	closed_ms: Date.UTC(2026, 0, 1, 13, 5),
	realised_pnl: '-3.00564',
	fees: '0.19742778',
	net_pnl: '-3.20306778',
	plan_id: '78e6736a9edd2a42',
	exit_plan_id: '2dd4301e86a1996e',
	exit_reason: 'stop',
}
const group: GroupStatus = {
	group: 'quantum:group:execution-result-bridge:x',
	unit: 'execution-result-bridge',
	presence: 'PRESENT',
	status: 'UNKNOWN',
	reason: '1 samples over 0.0 s say too little',
	samples: 1,
	span_ms: 3_000,
	in_per_s: null,
	out_per_s: null,
	behind_ms: null,
	drain_ms: null,
	undelivered: null,
	undelivered_min: null,
	undelivered_exact: false,
	lost: null,
	pending: null,
	oldest_pending: null,
	consumers: null,
	last_delivered_id: null,
	acknowledged_id: null,
	history: [null],
}
const stream: StreamStatus = {
	stream: 'trade.execution.res',
	criticality: 'money',
	state: 'PRESENT',
	detail: '',
	length: 7,
	added: 9,
	backlog_max: 100,
	retention_max: 50_000,
	oldest_ms: 90_000,
	newest_ms: 61_000,
	groups: [group],
}
const readingOf = (...streams: readonly StreamStatus[]): StreamsReading => ({
	...{at_ms: Date.UTC(2026, 0, 1, 12), samples: 3, span_ms: 3_000, streams},
})

const neverArmed: Arming = {
	armed: false,
	why: 'never armed',
	last: undefined,
	file: {kind: 'missing'},
	latch: undefined,
}

describe.each(WIDTHS)('at %i cells', width => {
	it('positions keep symbol and the stop that is missing', () => {
		const shown = positionsView([position, {...position, symbol: 'BTCUSDT'}], plainPaint, width)
		expect(widest(shown)).toBeLessThanOrEqual(width)
		const lines = shown.split('\n').slice(1)
		expect(lines.map(line => /^(?:币安人生USDT|BTCUSDT) .*NONE/.test(line))).toEqual([true, true])
		const stops = shown.split('\n').map(line => widthOf(line.slice(0, line.search(/STOP|NONE/) + 4)))
		expect(new Set(stops).size).toBe(1)
	})

	it('trades keep symbol and net', () => {
		const sums = {trades: 1, won: 0, realised_pnl: '-3.00564', fees: '0.19742778', net_pnl: '-3.20306778'}
		const shown = tradesView(
			{trades: [{...trade, quality: {mae: 0.01, mfe: 0.025, give_back: 0.005}}], sums},
			plainPaint,
			width,
		)
		expect(widest(shown)).toBeLessThanOrEqual(width)
		expect(shown.split('\n')[1]).toMatch(/币安人生USDT.*-3\.2031/)
		expect(shown).toContain('1 trade listed, 0 won')
	})

	it('streams keep name, state and backlog, and unknown is not 0', () => {
		const shown = streamsView(readingOf(stream), plainPaint, width)
		expect(widest(shown)).toBeLessThanOrEqual(width)
		const [, line = ''] = shown.split('\n')
		expect(line).toMatch(/^trade\.execution\.res.*UNKNOWN +unknown/)
		expect(line).not.toMatch(/\b0\b/)
	})

	it('a kill keeps each step with its proof', () => {
		const steps = [{name: 'gateways' as const, ok: false, ms: 5_000, detail: `exec: ${'no answer, '.repeat(20)}`}]
		const report: KillReport = {
			state: 'NOT CONFIRMED',
			epoch: 3,
			by: 'ada',
			reason: 'a drill',
			durable_ms: 12,
			steps,
			cancelled: [],
			entries_left: [],
			stops: undefined,
			flat: undefined,
			unrecorded: null,
		}
		const shown = killView(report, plainPaint, width)
		expect(widest(shown)).toBeLessThanOrEqual(width)
		expect(shown).toMatch(/gateways +NO .*exec: no ans/)
	})
})

describe('plain views', () => {
	it('show how far behind a reader is, how it got there, and why it is not well', () => {
		const behind: GroupStatus = {
			...{...group, status: 'WARN', reason: '12.4 s behind and not catching up', in_per_s: 120.4, out_per_s: 2.54},
			...{behind_ms: 12_400, undelivered: 5, undelivered_exact: true, pending: 2, lost: 0},
			...{consumers: [{name: 'c', pending: 2, idle_ms: 5}], history: [0, 1, null, 5]},
			oldest_pending: {id: '1-0', consumer: 'c', idle_ms: 900, deliveries: 1, age_ms: 65_000, trimmed: false},
		}
		const bounded: GroupStatus = {...group, undelivered_min: 1_000}
		const counted: GroupStatus = {...group, undelivered: 231_082}
		expect(streamsView(readingOf({...stream, groups: [behind, bounded, counted]}), plainPaint)).toMatchInlineSnapshot(`
			"STREAM               READER                   STATUS   BACKLOG   BEHIND  TREND     IN/S    OUT/S  PENDING  OLDEST PENDING     LOST  CONSUMERS  LENGTH     NEWEST
			trade.execution.res  execution-result-bridge  WARN           5   12.4 s  ▁▂?█       120      2.5        2       1 min 5 s        0          1       7  1 min 1 s
			                     execution-result-bridge  UNKNOWN   >=1000  unknown  ?      unknown  unknown  unknown         unknown  unknown    unknown
			                     execution-result-bridge  UNKNOWN  ~231082  unknown  ?      unknown  unknown  unknown         unknown  unknown    unknown

			WARN  execution-result-bridge on trade.execution.res: 12.4 s behind and not catching up
			UNKNOWN  execution-result-bridge on trade.execution.res: 1 samples over 0.0 s say too little
			UNKNOWN  execution-result-bridge on trade.execution.res: 1 samples over 0.0 s say too little

			3 samples over 3.0 s, machine time"
		`)
		const gone: StreamStatus = {...stream, newest_ms: null, state: 'ABSENT', groups: []}
		expect(streamsView(readingOf(gone), plainPaint)).toContain('absent')
		expect(streamsScreen(readingOf(stream), 'Redis is unreachable', plainPaint, 80)).toMatch(/STALE: Redis is unreach/)
		expect(streamsLine(readingOf({...stream, groups: [behind]}), '')).toBe(
			'2026-01-01 12:00:00 1 WARN: execution-result-bridge on trade.execution.res WARN 5',
		)
	})

	it('spell out what a hostile name would make the terminal do', () => {
		const name = 'a\u001b[2J\r\nb\u0000\u202e\u200f\u2028\ud800'
		const hostile: StreamStatus = {...stream, stream: name, groups: [{...group, unit: null, group: name}]}
		const shown = streamsView(readingOf(hostile), plainPaint)
		expect(shown).toContain('a\\u{1b}[2J\\u{d}\\u{a}b\\u{0}\\u{202e}\\u{200f}\\u{2028}\\u{d800}')
		expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}]/u)
	})

	it('draw what is above nothing above nothing', () => {
		expect(sparkline([0, 1, 1_000, null, 500, 0], 20)).toBe('▁▂█?▅▁')
		expect(sparkline([0, 0, 0], 2)).toBe('▁▁')
		expect(sparkline([], 5)).toBe('')
	})

	it('show how far a position is from liquidation, where it has such a price', () => {
		const near = {...position, liquidation_distance: 0.1234}
		const [, unleveraged = '', leveraged = ''] = positionsView([position, near], plainPaint).split('\n')
		expect(leveraged).toContain(' 12.3 % ')
		expect(unleveraged).not.toContain('%')
	})

	it('tell prices of small symbols apart', () => {
		expect(positionsView([position], plainPaint)).toMatch(/0\.00001674 +0\.00001649/)
	})

	it('what others opened is marked, and left without a stop it is no alarm', () => {
		const shown = (foreign: 'adopted' | 'ignored') =>
			positionsView([position, {...position, symbol: 'BTCUSDT', foreign}], plainPaint).split('\n')
		expect(positionsView([position], plainPaint)).not.toContain('FOREIGN')
		expect(shown('ignored')[0]).toContain('FOREIGN')
		expect(shown('ignored')[2]).toMatch(/^BTCUSDT +ignored/)
		expect([shown('adopted')[2]?.includes('NONE'), shown('ignored')[2]?.includes('NONE')]).toEqual([true, false])
	})

	it('say that the ledger cannot be read instead of showing nothing', () => {
		const balance = {balances: [{asset: 'USDT', wallet_balance: '10'}], unrealised_pnl: '0', equity_usdt: '10'}
		expect(balanceView({...balance, changes: null}, plainPaint)).toContain('what moved it is unknown')
		const changes = {fees: {USDT: '-0.5'}, realised_pnl: {USDT: '12.25'}}
		expect(balanceView({...balance, changes}, plainPaint)).toMatch(
			/fees +-0\.5 {2}USDT\nrealised pnl +\+12\.25 {2}USDT$/,
		)
	})

	it('say what the governor does not know', () => {
		const view: GovernorView = {
			arming: neverArmed,
			mode: null,
			execution: null,
			execution_change: null,
			available_slots: null,
			total_notional_usdt: null,
			reservations: [],
		}
		const shown = governorView(view, plainPaint)
		expect(shown).toContain('KILLED: never armed')
		expect(shown).toMatch(/slots +unknown\nnotional +unknown/)
		expect(shown).not.toMatch(/\b0\b/)
	})

	it('say an epoch once', () => {
		const report: ArmReport = {state: 'ALREADY ARMED', epoch: 2, before: neverArmed, gateways: [], detail: 'epoch 2'}
		expect(armView(report, plainPaint)).toBe('ALREADY ARMED  epoch 2')
	})
})
