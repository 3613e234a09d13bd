import {describe, expect, it} from 'vitest'
import type {ArmReport} from '../../../src/daemon/client/arming.js'
import type {Arming} from '../../../src/daemon/client/arming-record.js'
import type {GovernorView} from '../../../src/daemon/client/governor.js'
import type {KillReport} from '../../../src/daemon/client/killing.js'
import type {ListedPosition} from '../../../src/daemon/client/positions.js'
import type {GroupStatus, StreamStatus} from '../../../src/daemon/client/stream-status.js'
import type {TradeRow} from '../../../src/engine/logic/journal-rows.js'
import {balanceView, tradesView} from '../../../src/tui/plain/books-view.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {governorView} from '../../../src/tui/plain/governor-view.js'
import {armView, killView} from '../../../src/tui/plain/kill-view.js'
import {positionsView} from '../../../src/tui/plain/orders-view.js'
import {streamsView} from '../../../src/tui/plain/streams-view.js'
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
	state: 'UNKNOWN',
	undelivered: null,
	pending: null,
	lost: null,
	consumers: null,
	oldest_undelivered_ms: null,
}
const stream: StreamStatus = {
	stream: 'trade.execution.res',
	criticality: 'money',
	state: 'PRESENT',
	length: 7,
	backlog_max: 100,
	newest_ms: 61_000,
	groups: [group],
}

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
		const shown = streamsView([stream], plainPaint, width)
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
	it('show the age of a stream and of what waits', () => {
		const behind = {...group, state: 'BEHIND' as const, undelivered: 5, oldest_undelivered_ms: 12_400}
		expect(streamsView([{...stream, groups: [behind]}], plainPaint)).toMatch(/1 min 1 s .*BEHIND +5 +12\.4 s/)
		expect(streamsView([{...stream, newest_ms: null, state: 'ABSENT', groups: []}], plainPaint)).toContain('absent')
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
