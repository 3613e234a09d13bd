import * as fc from 'fast-check'
import type {Write} from '../../../src/engine/bus/bus.js'
import type {Naming} from '../../../src/engine/contracts/naming.js'
import type {ScriptContract} from '../../../src/engine/contracts/script.js'
import {admission} from '../../../src/engine/scripts/admission.js'
import {executionSwitch} from '../../../src/engine/scripts/execution-switch.js'
import {latch} from '../../../src/engine/scripts/latch.js'
import {settle} from '../../../src/engine/scripts/settle.js'
import {takePermit} from '../../../src/engine/scripts/take-permit.js'

/** Worlds and histories for the scripts: values lie on the limits and beside them. */

export const SYMBOLS = ['BTCUSDT', '币安人生USDT']
export const PLANS = ['plan1', 'plan2', 'plan3', 'plan4']
export const now = 1_750_000_000_000

/** What the world around the scripts may look like; mostly permissive, so that later gates are reached. */
const mostly = <T>(usual: T, ...others: T[]) =>
	fc.oneof({weight: 60, arbitrary: fc.constant(usual)}, {weight: 1, arbitrary: fc.constantFrom(...others)})

export const world = fc.record({
	mode: mostly('PAPER', 'LIVE'),
	execution: mostly('ENABLED', 'REDUCE_ONLY', 'DISABLED', 'else', ''),
	reconciled: mostly('CLEAN', 'DRIFT', ''),
	reconcile_age: mostly(0, 1_000, 1_001),
	quote_age: mostly(0, 500, 501),
	silence: mostly(0, 500, 501),
	/** Of the latch: armed or not, and its epoch; empty where there is none. */
	armed: mostly('1', '0', ''),
	epoch: mostly('1', '', '0'),
	ask: mostly('100.1', '0', '1'),
	bid: fc.constantFrom<string>('99.9', '99.9', '99.9', '99.9', '99.5', '0'),
	stale: mostly(false, true),
	tradable: mostly('true', 'false'),
	min_notional: fc.constantFrom<string>('5', '100', '200', '200.000001'),
	amount: fc.constantFrom<string>('0', '0', '0', '1', '-1', '0.5'),
	foreign: mostly('', 'ignored', 'adopted'),
	ess: mostly('NORMAL', 'WARNING'),
	ess_age: mostly(0, 1_000, 1_001),
	policy_version: mostly('', '1', '2'),
	divergence: mostly('', '100.5|0', '-100.5|0', '-100|1000', '1|1001', 'x'),
	universe_age: mostly(0, 1_000, 1_001),
	listed: mostly(true, false),
	blocked: mostly(false, true),
	heat: mostly('0.01', '0.06', '0.0599', ''),
	heat_age: mostly(0, 1_000, 1_001),
	watch_age: mostly(0, 1_000, 1_001),
	bsc: mostly('NORMAL', 'TRIPPED'),
	bsc_age: mostly(0, 1_000, 1_001),
	quantity: mostly('1000', '1.99', '2.01', '0', ''),
	/** At the ask, where it is another than at the bid. */
	ask_quantity: mostly('', '1.5'),
})

const plan = fc.record({
	kind: fc.constant('plan' as const),
	plan_id: fc.constantFrom(...PLANS),
	symbol: fc.constantFrom(...SYMBOLS),
	class: fc.constantFrom('ENTRY', 'ENTRY', 'ENTRY', 'EXIT', 'PROTECT'),
	action: fc.constantFrom('OPEN', 'OPEN', 'OPEN', 'ADD'),
	side: mostly('BUY', 'SELL', '', 'SELL', 'SELL', 'SELL'),
	operator: fc.constantFrom('0', '1'),
	age: mostly(0, 1_000, 1_001, -1_000, -1_001),
	reference_price: fc.constantFrom('', '', '100', '101', '98.9'),
	kill_score: mostly('', '0.79', '0.8'),
	quantity: mostly('1', '0.5', '1.5', '2', '0'),
	notional_micro: fc.constantFrom('', '100000000', '199999999', '200000000', '200000001', '1'),
	leverage: mostly('3', '1', '4', '10'),
	stop_price: mostly('', '97', '99', '98.99', '90', '0'),
	rank: fc.constantFrom('1', '1', '5', '9'),
	settled_machine_ms: mostly(String(now), String(now + 1)),
	later_ms: fc.constantFrom(0, 59_999, 60_000, 299_999, 300_000, 3_600_000),
})
export const settlement = fc.record({
	kind: fc.constant('settle' as const),
	what: fc.constantFrom('failed', 'expired', 'executed', 'position', 'exit-done'),
	plan_id: fc.constantFrom(...PLANS, 'foreign'),
	symbol: fc.constantFrom(...SYMBOLS),
	notional_micro: fc.constantFrom('0', '1', '4999999', '5000000', '150000000', '250000000'),
	rest_micro: fc.constantFrom('', '', '0', '0', '1', '50000000'),
	order: fc.constantFrom('', 'order1', 'order1', 'order2'),
	filled: fc.constantFrom('0', '0.5', '0.5', '1'),
	later_ms: fc.constantFrom(0, 30_000, 30_001),
})
export const take = fc.record({
	kind: fc.constant('take' as const),
	plan_id: fc.constantFrom(...PLANS),
	symbol: fc.constantFrom(...SYMBOLS),
	class: fc.constantFrom('ENTRY', 'ENTRY', 'EXIT', 'PROTECT'),
	operator: fc.constantFrom('0', '1'),
	notional_micro: fc.constantFrom('', '', '', '1'),
	later_ms: fc.constantFrom(0, 30_000, 30_001),
})
export const latchStep = fc.record({
	kind: fc.constant('latch' as const),
	what: fc.constantFrom('kill', 'arm', 'arm', 'guard'),
	expected_epoch: fc.constantFrom('0', '1', '2', '3'),
})
export const turn = fc.record({
	kind: fc.constant('turn' as const),
	what: fc.constantFrom('pause', 'resume', 'disable', 'enable'),
})
/** The position is published anew. */
export const published = fc.record({
	kind: fc.constant('position' as const),
	symbol: fc.constantFrom(...SYMBOLS),
	amount: fc.constantFrom('1', '1', '0.5', '0.25', '-1'),
	moved_by: fc.constantFrom('', 'order1', 'order1', 'order2'),
	moved_quantity: fc.constantFrom('', '0.25', '0.5', '1'),
})
export const byHand = fc.record({kind: fc.constant('hand' as const), kill: fc.constantFrom('0', '1')})
/** The permit is gone, as when its time to live is over. */
export const forgotten = fc.record({kind: fc.constant('forget' as const), plan_id: fc.constantFrom(...PLANS)})

/** Somebody writes a permit of his own. */
export const forged = fc.record({
	kind: fc.constant('forge' as const),
	plan_id: fc.constantFrom(...PLANS),
	symbol: fc.constantFrom(...SYMBOLS),
	class: fc.constantFrom('ENTRY', 'EXIT', 'PROTECT'),
})
export const permitByHand = (op: Op): Record<string, string> => ({
	verdict: 'ALLOW',
	class: String(op.class),
	symbol: String(op.symbol),
	state: 'ISSUED',
	deadline_ms: String(now * 2),
	epoch: '1',
	notional_micro: '100000000',
})

/** A plan and what usually follows it: taken once or twice, settled. */
export const episode = fc
	.tuple(plan, fc.array(take, {maxLength: 2}), fc.option(settlement))
	.map(([first, takes, end]): Op[] => {
		const {plan_id, symbol, class: kind} = first
		return [
			first,
			...takes.map(op => ({...op, plan_id, symbol, class: kind})),
			...(end ? [{...end, plan_id, symbol}] : []),
		]
	})

export type World = typeof world extends fc.Arbitrary<infer T> ? T : never
export type Op = {kind: string; later_ms?: number} & Record<string, unknown>

export const setUp = (naming: Naming, w: World): Write[] => {
	const key = (name: string) => naming.prefix + name
	const perSymbol = SYMBOLS.flatMap((symbol): Write[] => [
		{
			op: 'put-hash',
			key: key(`market:quote:${symbol}`),
			fields: {
				bid: w.bid,
				ask: w.ask,
				...(w.quantity !== '' && {bid_quantity: w.quantity, ask_quantity: w.ask_quantity || w.quantity}),
				venue_ms: String(now - w.quote_age),
				machine_ms: String(now - w.silence),
			},
		},
		{
			op: 'put-hash',
			key: key(`market:filters:${symbol}`),
			fields: {tradable: w.tradable, min_notional_usdt: w.min_notional},
		},
		{
			op: 'put-hash',
			key: key(`position:snapshot:${symbol}`),
			fields: {amount: w.amount, ...(w.foreign !== '' && {foreign: w.foreign})},
		},
		...(w.stale ? ([{op: 'put-hash', key: key(`market:stale:${symbol}`), fields: {since_ms: '1'}}] as const) : []),
	])
	const [bps = '', age = ''] = w.divergence.split('|')
	const divergence = age === '' ? w.divergence : `${bps}|${now - Number(age)}`
	const watch: Write[] = [
		{op: 'put-hash', key: key('ess:state'), fields: {state: w.ess, machine_ms: String(now - w.ess_age)}},
		{op: 'put-hash', key: key('ess:watch'), fields: {machine_ms: String(now - w.watch_age)}},
		{op: 'put-hash', key: key('bsc:state'), fields: {state: w.bsc, machine_ms: String(now - w.bsc_age)}},
		{op: 'put-hash', key: key('universe:active'), fields: {machine_ms: String(now - w.universe_age)}},
		{
			op: 'put-hash',
			key: key('heat:portfolio'),
			fields: {machine_ms: String(now - w.heat_age), ...(w.heat !== '' && {heat_share: w.heat})},
		},
	]
	if (w.blocked)
		watch.push({
			op: 'put-hash',
			key: key('arm:blocked'),
			fields: Object.fromEntries(SYMBOLS.map(symbol => [symbol, '{}'])),
		})
	if (w.listed) watch.push({op: 'add-members', key: key('config:allowlist'), members: SYMBOLS})
	if (w.policy_version !== '')
		watch.push({op: 'put-hash', key: key('policy:active'), fields: {version: w.policy_version}})
	if (divergence !== '')
		watch.push({
			op: 'put-hash',
			key: key('cross:divergence'),
			fields: Object.fromEntries(SYMBOLS.map(symbol => [symbol, divergence])),
		})
	return [
		...watch,
		{op: 'put-string', key: key('mode'), value: w.mode},
		{op: 'put-string', key: key('kill'), value: '0'},
		{op: 'put-hash', key: key('arm'), fields: {...(w.armed && {armed: w.armed}), ...(w.epoch && {epoch: w.epoch})}},
		...(w.execution ? ([{op: 'put-string', key: key('governor:execution'), value: w.execution}] as const) : []),
		{
			op: 'put-hash',
			key: key('reconcile:last'),
			fields: {...(w.reconciled && {outcome: w.reconciled}), machine_ms: String(now - w.reconcile_age)},
		},
		...perSymbol,
	]
}

/** What a plan is held against; a plan of a history may name others. */
const LIMITS = {
	mode: 'PAPER',
	machine_ms: String(now),
	plan_age_max_ms: '1000',
	quote_age_max_ms: '4000000',
	quote_silence_max_ms: '500',
	reconcile_age_max_ms: '1000',
	drift_bps_max: '100',
	spread_bps_max: '20',
	slippage_bps: '50',
	kill_score_max: '0.8',
	notional_cap_micro: '200000000',
	total_cap_micro: '350000000',
	slots_max: '1',
	hour_max: '3',
	five_minutes_max: '2',
	cooldown_ms: '60000',
	permit_ttl_ms: '7200000',
	policy_version: '1',
	ess_silence_max_ms: '1000',
	guard_silence_max_ms: '1000',
	divergence_bps_max: '100',
	divergence_silence_max_ms: '1000',
	universe_silence_max_ms: '1000',
	heat_share_max: '0.06',
	heat_silence_max_ms: '1000',
	stop_distance: '0.03',
	loss_bps_max: '1000',
	depth_multiple_min: '1',
	settled_machine_ms: String(now),
}

export const argsOf = (op: Op, now_ms: number): {script: ScriptContract; args: Record<string, string>} => {
	const text = Object.fromEntries(Object.entries(op).map(([name, value]) => [name, String(value)]))
	if (op.kind === 'plan')
		return {
			script: admission,
			args: {
				...LIMITS,
				...text,
				source: text.operator === '1' ? 'operator' : 'unit',
				now_ms: String(now_ms),
				plan_ms: String(now_ms - Number(op.age)),
				deadline_ms: String(now_ms + 30_000),
			},
		}
	if (op.kind === 'settle')
		return {
			script: settle,
			args: {slots_max: '1', order: '', filled: '0', ...text, now_ms: String(now_ms), dust_micro: '5000000'},
		}
	if (op.kind === 'take') return {script: takePermit, args: {...text, now_ms: String(now_ms)}}
	if (op.kind === 'turn') return {script: executionSwitch, args: {...text, by: 'test', reason: 'test', time_ms: '1'}}
	return {script: latch, args: {...text, by: 'test', reason: 'test', time_ms: '1', mode: 'PAPER'}}
}

export const keysOf = (script: ScriptContract, naming: Naming, op: Op): Record<string, string> => {
	const parameters = {plan_id: String(op.plan_id ?? ''), symbol: String(op.symbol ?? '')} as never
	return Object.fromEntries(
		Object.entries(script.keys).map(([name, contract]) => [name, naming.key(contract, parameters)]),
	)
}
