import type {Op, World} from './histories.js'

/** Histories that chance seldom finds. */

export const calm: World = {
	mode: 'PAPER',
	execution: 'ENABLED',
	reconciled: 'CLEAN',
	reconcile_age: 0,
	quote_age: 0,
	silence: 0,
	armed: '1',
	epoch: '1',
	ask: '100.1',
	bid: '99.9',
	stale: false,
	tradable: 'true',
	min_notional: '5',
	amount: '1',
	foreign: '',
	ess: 'NORMAL',
	ess_age: 0,
	policy_version: '',
	divergence: '',
	universe_age: 0,
	listed: true,
	blocked: false,
	heat: '0.01',
	heat_age: 0,
	watch_age: 0,
	bsc: 'NORMAL',
	bsc_age: 0,
	quantity: '1000',
	ask_quantity: '',
}
export const exit = {
	plan_id: 'plan1',
	symbol: 'BTCUSDT',
	class: 'EXIT',
	operator: '0',
	leverage: '1',
	stop_price: '',
	rank: '1',
}
/** Chance seldom frees a lock between the verdict on an exit and its sending. */
export const lostLock: Op[] = [
	{
		...exit,
		kind: 'plan',
		action: 'CLOSE',
		side: 'SELL',
		age: 0,
		reference_price: '',
		kill_score: '',
		quantity: '1',
		notional_micro: '',
	},
	{...exit, kind: 'settle', what: 'exit-done', notional_micro: '0', rest_micro: ''},
	{...exit, kind: 'take', notional_micro: ''},
]

export const asked = (plan_id: string, rank: string): Op => ({...(lostLock[0] as Op), plan_id, rank})
export const taken = (plan_id: string): Op => ({...exit, plan_id, kind: 'take', notional_micro: ''})
/** An exit of higher rank takes the lock over, until the order of the other may be on its way. */
export const outranked: Op[] = [
	asked('plan1', '1'),
	asked('plan2', '1'),
	asked('plan3', '5'),
	taken('plan1'),
	taken('plan3'),
	asked('plan4', '9'),
]

/** Admitted, and then stopped by an operator before it was taken; every turn of the switch there is. */
export const stoppedLate: Op[] = [
	...['disable', 'pause', 'disable', 'enable', 'pause', 'resume', 'disable', 'resume'].map(what => ({
		kind: 'turn',
		what,
	})),
	{kind: 'turn', what: 'enable'},
	...lostLock.slice(0, 1),
	{kind: 'turn', what: 'disable'},
	{...exit, kind: 'take', notional_micro: ''},
	{kind: 'turn', what: 'pause'},
	{kind: 'turn', what: 'enable'},
	{...exit, kind: 'take', notional_micro: ''},
]

export const entry: Op = {
	...(lostLock[0] as Op),
	class: 'ENTRY',
	action: 'OPEN',
	side: 'BUY',
	notional_micro: '100000000',
}
const entries: Op[] = [
	entry,
	{...entry, plan_id: 'plan2'},
	{...entry, plan_id: 'plan3', symbol: '币安人生USDT', leverage: '10'},
]
/** Taken for another notional than was permitted, and then for that one. */
export const otherNotional: Op[] = [
	entry,
	{...exit, class: 'ENTRY', kind: 'take', notional_micro: '1'},
	{...exit, class: 'ENTRY', kind: 'take', notional_micro: ''},
]
/** One thing wrong at a time, so that chance need not find each gate. */
export const broken: ReadonlyArray<[World, Op[]]> = (
	[
		{},
		{ess: 'WARNING'},
		{ess_age: 1_001},
		{policy_version: '2'},
		{reconciled: 'DRIFT'},
		{divergence: '100.5|0'},
		{divergence: '1|1001'},
		{universe_age: 1_001},
		{listed: false},
		{heat: '0.06'},
		{heat_age: 1_001},
		{quantity: '0.99'},
		{min_notional: '200'},
		{bid: '99.5'},
		{amount: '1', foreign: 'ignored'},
		{watch_age: 1_001},
		{bsc: 'TRIPPED'},
		{bsc_age: 1_001},
	] satisfies Array<Partial<World>>
).map(wrong => [{...calm, amount: '0', ...wrong}, entries])

export const flat: World = {...calm, amount: '0'}
export const open = (changes: Readonly<Record<string, unknown>>): Op => ({...entry, ...changes})
export const settled = (what: string, changes: Readonly<Record<string, unknown>> = {}): Op => ({
	...exit,
	kind: 'settle',
	what,
	notional_micro: '0',
	rest_micro: '0',
	...changes,
})
/** The position as it shows itself from now on, and what moved it there. */
export const published = (amount: string, moved_by: string, moved_quantity: string): Op => ({
	kind: 'position',
	symbol: exit.symbol,
	amount,
	moved_by,
	moved_quantity,
})
export const latched = (what: string, changes: Readonly<Record<string, unknown>> = {}): Op => ({
	kind: 'latch',
	what,
	expected_epoch: '0',
	...changes,
})
/** A history and all its beginnings: what later steps would cover shows at the end of an earlier one. */
export const prefixes = (ops: readonly Op[]): Op[][] => ops.map((_, index) => ops.slice(0, index + 1))
/** An entry that was filled and closed again: its place is free, and it counts for the rates. */
export const round = (plan_id: string, later_ms: number, changes: Readonly<Record<string, unknown>> = {}): Op[] => [
	open({plan_id, later_ms, ...changes}),
	{...entry, kind: 'take', plan_id, notional_micro: ''},
	settled('executed', {plan_id, notional_micro: '100000000'}),
	settled('position', {plan_id}),
]
