import type {FlowQuery} from '../../../src/daemon/client/flow-audit.js'
import type {FlowEntry} from '../../../src/daemon/client/flow-chain.js'
import type {Fields} from '../../../src/engine/contracts/field.js'
import type {StreamContract} from '../../../src/engine/contracts/stream.js'
import {exchangeNormalized} from '../../../src/engine/contracts/streams/account.js'
import {deadLetters} from '../../../src/engine/contracts/streams/ops.js'
import {
	applyPlan,
	applyPlanManual,
	applyResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate,
	tradeIntent,
} from '../../../src/engine/contracts/streams/trade.js'

/** How far an intent comes, and what it ends in. */
export const ENDS = {
	open_gate: undefined,
	gate: {unit: 'portfolio-gate', outcome: 'REFUSED', reason: 'GATE_SECTOR'},
	unreadable: {unit: 'portfolio-gate', outcome: 'DEAD_LETTER', reason: 'CONTRACT_BROKEN'},
	open_bridge: undefined,
	skipped: {unit: 'intent-bridge', outcome: 'SKIPPED', reason: 'SKIP_FLAT_SELL'},
	open_governor: undefined,
	plan_unreadable: {unit: 'governor', outcome: 'DEAD_LETTER', reason: 'HANDLER_FAILED'},
	refused: {unit: 'governor', outcome: 'REFUSED', reason: 'COOLDOWN'},
	open_sender: undefined,
	expired: {unit: 'governor', outcome: 'EXPIRED', reason: 'PERMIT_EXPIRED'},
	expired_skip: {unit: 'apply-layer', outcome: 'NOT_SENT', reason: 'PERMIT_EXPIRED'},
	failed: {unit: 'apply-layer', outcome: 'FAILED', reason: '-2019'},
	filled: {unit: 'apply-layer', outcome: 'SENT', reason: 'FILLED'},
	rejected: {unit: 'apply-layer', outcome: 'SENT', reason: 'EXPIRED'},
	open_venue: undefined,
	unknown: undefined,
} as const
export type End = keyof typeof ENDS
export const OPEN_AT: Readonly<Partial<Record<End, string>>> = {
	open_gate: 'portfolio-gate',
	open_bridge: 'intent-bridge',
	open_governor: 'governor',
	open_sender: 'apply-layer',
	unknown: 'apply-layer',
	open_venue: 'venue',
}

type Told = Readonly<{id: string; cause: string; unit: string; authority?: string}>

/** Streams of a chain, written as the units write them. */
export class FlowStory {
	readonly entries: FlowEntry[] = []
	#seq = 0

	constructor(readonly start_ms = 1_000) {}

	add({name}: StreamContract, told: Told, fields: Fields = {}): FlowEntry {
		const at_ms = this.start_ms + this.#seq
		this.#seq += 1
		const envelope = {v: '1', ts: String(at_ms), authority: 'live', ...told}
		const entry = {stream: name, stream_id: `${at_ms}-0`, fields: {...envelope, ...fields}}
		this.entries.push(entry)
		return entry
	}

	/** An intent and everything up to its end. */
	intent(name: string, end: End): void {
		const is = (...ends: readonly End[]) => ends.includes(end)
		this.add(tradeIntent, {id: name, cause: 'tick', unit: 'trading-bot'}, {symbol: 'BTCUSDT'})
		if (is('open_gate')) return
		const at_gate = {id: `g-${name}`, cause: name, unit: 'portfolio-gate'}
		if (is('unreadable')) {
			const why = {stream: tradeIntent.name, entry_id: name, reason: 'CONTRACT_BROKEN'}
			this.add(intentDeadLetter, at_gate, why)
			return
		}
		if (is('gate')) {
			this.add(portfolioGate, at_gate, {decision: 'REFUSE', reason: 'GATE_SECTOR'})
			return
		}
		this.add(portfolioGate, at_gate, {decision: 'PASS', reason: 'PASS'})
		if (is('open_bridge')) return
		const at_bridge = {id: `p-${name}`, cause: at_gate.id, unit: 'intent-bridge'}
		if (is('skipped')) {
			const why = {stream: tradeIntent.name, entry_id: name, reason: 'SKIP_FLAT_SELL'}
			this.add(intentDeadLetter, at_bridge, why)
			return
		}
		this.plan(name, at_bridge, end)
	}

	/** A plan, and what becomes of it. */
	plan(name: string, told: Told, end: End): void {
		const is = (...ends: readonly End[]) => ends.includes(end)
		const plan_id = `plan-${name}`
		this.add(applyPlan, told, {plan_id, symbol: 'BTCUSDT', action: 'OPEN'})
		if (is('open_governor')) return
		const verdict = {id: `v-${name}`, cause: told.id, unit: 'governor'}
		if (is('plan_unreadable')) {
			const why = {stream: applyPlan.name, entry_id: told.id, reason: 'HANDLER_FAILED'}
			this.add(deadLetters, verdict, why)
			return
		}
		if (is('refused')) {
			this.add(governorEvents, verdict, {plan_id, verdict: 'REFUSE', reason: 'COOLDOWN'})
			return
		}
		this.add(governorEvents, verdict, {plan_id, verdict: 'ALLOW', reason: 'ALLOW'})
		if (is('expired', 'expired_skip'))
			this.add(
				governorEvents,
				{...verdict, id: `x-${name}`, cause: ''},
				{plan_id, verdict: 'EXPIRED', reason: 'PERMIT_EXPIRED'},
			)
		if (!is('open_sender', 'expired')) this.#sent(name, plan_id, verdict.id, end)
	}

	#sent(name: string, plan_id: string, cause: string, end: End): void {
		const client_order_id = `q-${plan_id}`
		const result = {id: `r-${name}`, cause, unit: 'apply-layer'}
		const order = (status: string) =>
			this.add(
				exchangeNormalized,
				{id: `o-${name}-${status}`, cause: '', unit: 'exchange-stream-bridge'},
				{kind: 'order', client_order_id, status},
			)
		switch (end) {
			case 'expired_skip':
				this.add(applyResult, result, {plan_id, decision: 'SKIP', error: 'PERMIT_EXPIRED'})
				break
			case 'failed':
				this.add(applyResult, result, {plan_id, decision: 'FAILED', error: '-2019'})
				break
			case 'unknown':
				this.add(applyResult, result, {plan_id, decision: 'UNKNOWN'})
				break
			case 'filled':
				order('FILLED')
				this.add(applyResult, result, {
					...{plan_id, decision: 'EXECUTED', client_order_id},
					...{quantity: '2', filled_quantity: '2'},
				})
				break
			default:
				this.add(applyResult, result, {
					...{plan_id, decision: 'EXECUTED', client_order_id},
					...{quantity: '2', filled_quantity: '0'},
				})
				order(end === 'rejected' ? 'EXPIRED' : 'NEW')
		}
	}

	/** What a person asks for through the command lane. */
	manual(name: string, end: End): void {
		this.add(applyPlanManual, {id: name, cause: '', unit: 'operator'}, {plan_id: `plan-${name}`})
		this.plan(name, {id: `p-${name}`, cause: name, unit: 'intent-executor'}, end)
	}

	query(entries: readonly FlowEntry[] = this.entries, record: Partial<FlowQuery['record']> = {}): FlowQuery {
		const streams = new Map<string, FlowEntry[]>()
		for (const entry of entries) streams.set(entry.stream, [...(streams.get(entry.stream) ?? []), entry])
		const until_ms = this.start_ms + this.#seq
		return {
			streams,
			since_ms: 0,
			record: {complete_from_ms: 0, orders_from_ms: 0, until_ms, older: false, ...record},
		}
	}
}
