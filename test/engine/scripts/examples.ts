import {
	asked,
	broken,
	calm,
	entry,
	flat,
	latched,
	lostLock,
	open,
	otherNotional,
	outranked,
	prefixes,
	published,
	round,
	settled,
	stoppedLate,
	taken,
} from './example-parts.js'
import {gateEdges} from './gate-edges.js'
import {now, type Op, type World} from './histories.js'

/** What follows on an admission, step by step. */
const stories: ReadonlyArray<[World, Op[]]> = [
	// The rates and the cooldown, each to the millisecond.
	[flat, [...round('plan1', 0), open({plan_id: 'plan2', later_ms: 59_999}), open({plan_id: 'plan3', later_ms: 1})]],
	...[179_999, 180_000].map((later_ms): [World, Op[]] => [
		flat,
		[...round('plan1', 0), ...round('plan2', 120_000), open({plan_id: 'plan3', later_ms})],
	]),
	...[2_999_999, 3_000_000].map((later_ms): [World, Op[]] => [
		flat,
		[...round('plan1', 0), ...round('plan2', 300_000), ...round('plan3', 300_000), open({plan_id: 'plan4', later_ms})],
	]),
	...[86_399_999, 86_400_000].map((later_ms): [World, Op[]] => [
		flat,
		[...round('plan1', 0), open({plan_id: 'plan2', later_ms, quote_age_max_ms: '100000000'})],
	]),
	// The places, and what is open in all.
	...['150000000', '150000001'].map((notional_micro): [World, Op[]] => [
		flat,
		[
			open({slots_max: '2', notional_micro: '200000000'}),
			open({plan_id: 'plan2', symbol: '币安人生USDT', slots_max: '2', notional_micro}),
			open({plan_id: 'plan3', symbol: 'ETHUSDT', slots_max: '2'}),
		],
	]),
	[
		{...flat, quantity: '1', ask_quantity: '2'},
		[open({notional_micro: '100100001'}), open({plan_id: 'plan2', side: 'SELL'})],
	],
	[
		{...flat, quantity: '2', ask_quantity: '1'},
		[open({notional_micro: '100100001'}), open({plan_id: 'plan2', side: 'SELL'})],
	],
	[
		{...flat, min_notional: '99.9999995'},
		[open({notional_micro: '99999999'}), open({notional_micro: '100000000', plan_id: 'plan2'})],
	],
	// More of what is held already, on its side, on the other, and beside nothing.
	...(
		[
			['1', 'BUY'],
			['-1', 'SELL'],
		] as const
	).flatMap(([amount, side]) =>
		prefixes([
			open({action: 'ADD', side, plan_id: 'plan4'}),
			settled('position', {plan_id: 'foreign', notional_micro: '150000000'}),
			open({action: 'ADD', side}),
			settled('position', {notional_micro: '180000000', rest_micro: ''}),
			settled('position', {notional_micro: '140000000', rest_micro: ''}),
			settled('executed', {notional_micro: '190000000', rest_micro: '7000000'}),
			settled('position', {notional_micro: '4999999', rest_micro: '1'}),
			open({action: 'OPEN', side, plan_id: 'plan2'}),
			settled('position', {notional_micro: '4999999'}),
			settled('position', {notional_micro: '5000000'}),
			settled('position', {notional_micro: '4999999', plan_id: 'foreign'}),
		]).map((ops): [World, Op[]] => [{...calm, amount}, ops]),
	),
	// What became of another plan leaves the one in progress alone.
	[
		flat,
		[
			open({}),
			settled('failed', {plan_id: 'another'}),
			settled('position', {plan_id: 'another', notional_micro: '50000000', rest_micro: ''}),
		],
	],
	...['failed', 'executed', 'expired'].flatMap(what =>
		['0', '', '1'].map((rest_micro): [World, Op[]] => [
			calm,
			[
				settled('position', {plan_id: 'foreign', notional_micro: '150000000'}),
				open({action: 'ADD'}),
				settled('position', {notional_micro: '400000000', rest_micro: ''}),
				settled(what, {notional_micro: '100000000', rest_micro, later_ms: 30_000}),
			],
		]),
	),
	...(['1', '0.5', '-1', '0'] as const).flatMap(amount =>
		['BUY', 'SELL'].map((side): [World, Op[]] => [
			{...calm, amount},
			[
				settled('position', {plan_id: 'foreign', notional_micro: '5000000'}),
				open({action: 'ADD', side}),
				open({action: 'OPEN', side, plan_id: 'plan2'}),
			],
		]),
	),
	// Stopped between verdict and sending: who may still go, by which way it was stopped.
	...(['1', '0'] as const).flatMap(epoch =>
		[
			[latched('kill')],
			[{kind: 'hand', kill: '1'}],
			[latched('kill'), {kind: 'hand', kill: '0'}],
			[latched('kill'), latched('arm', {expected_epoch: String(Number(epoch) + 1)})],
			[latched('arm', {expected_epoch: epoch})],
			[latched('arm', {expected_epoch: '7'})],
			[latched('guard')],
			[{kind: 'hand', kill: '1'}, latched('guard')],
			[latched('kill'), {kind: 'hand', kill: '0'}, latched('guard')],
			[latched('kill'), latched('guard')],
		].flatMap(stop =>
			['0', '1'].flatMap(operator => [
				...['EXIT', 'PROTECT'].map((kind): [World, Op[]] => [
					{...calm, epoch},
					[
						{...asked('plan1', '1'), class: kind},
						...stop,
						{...taken('plan1'), class: kind, operator},
						{...asked('plan2', '5'), class: kind, operator},
					],
				]),
				[
					{...flat, epoch},
					[entry, ...stop, {...entry, kind: 'take', notional_micro: '', operator}, open({plan_id: 'plan2', operator})],
				] as [World, Op[]],
			]),
		),
	),
	// What is not ours, and what is blocked: who may still go.
	...([{foreign: 'ignored'}, {foreign: 'adopted'}, {blocked: true}] as const).map((changes): [World, Op[]] => [
		{...calm, ...changes},
		[
			asked('plan1', '1'),
			{...asked('plan2', '1'), class: 'PROTECT'},
			{...asked('plan3', '9'), operator: '1'},
			open({plan_id: 'plan4', action: 'ADD', operator: '1'}),
		],
	]),
	// Before anybody ever armed: what passes a kill passes, and is of epoch 0.
	[{...calm, epoch: '', armed: ''}, [asked('plan1', '9'), {...asked('plan2', '9'), operator: '1'}]],
	[
		{...calm, epoch: '', armed: ''},
		[{...asked('plan1', '9'), class: 'PROTECT'}, latched('arm', {expected_epoch: '7'})],
	],
	// A permit by hand opens nothing, whatever stands beside it.
	...(['ENTRY', 'EXIT', 'PROTECT'] as const).flatMap((kind): Array<[World, Op[]]> => {
		const forge: Op = {...entry, kind: 'forge', class: kind}
		const use: Op = {...entry, kind: 'take', class: kind, notional_micro: ''}
		const [first, second] = [{...entry, class: kind}, open({plan_id: 'plan2'})]
		return [
			[flat, [forge, use, first]],
			[flat, [first, use, forge, use]],
			[flat, [second, forge, use]],
			[flat, [second, {...forge, symbol: '币安人生USDT'}, use]],
			[{...calm, epoch: '0'}, [first, forge, use]],
		]
	}),
	// Exits: within the position or not, on which side, and when the lock is free again.
	...(['1', '0.5', '-1', '0'] as const).flatMap(amount =>
		['BUY', 'SELL', ''].map((side): [World, Op[]] => [
			{...calm, amount},
			[
				...['1.000001', '0', '1', '0.5'].map((quantity, index) => ({
					...asked(`plan${index + 1}`, '1'),
					side,
					quantity,
				})),
				{kind: 'forget', plan_id: 'plan3'},
				{...asked('plan3', '1'), side},
			],
		]),
	),
	// An exit whose order may be on its way at its deadline, and what the comparisons say by then.
	...[{}, {reconciled: 'DRIFT'}, {reconciled: ''}, {reconcile_age: 1}].flatMap(changes =>
		[now - 1, now, now + 1].flatMap(settled_ms =>
			[[], [taken('plan1')], [taken('plan1'), settled('exit-done')]].map((before): [World, Op[]] => [
				{...calm, ...changes},
				[
					{...asked('plan1', '1'), settled_machine_ms: String(settled_ms)},
					...before,
					{...asked('plan2', '1'), later_ms: 29_999},
					{...asked('plan3', '1'), later_ms: 1},
					{...asked('plan4', '9'), later_ms: 1},
				],
			]),
		),
	),
	// An exit that filled, and what the position shows of it when the next one asks; and when that one's lock is gone.
	...(['', 'order1', 'order2'] as const).flatMap(before =>
		(['0', '0.5'] as const).flatMap(filled =>
			[
				[],
				[published('1', 'order2', '1')],
				[published('1', 'order1', '0.25')],
				[published('1', 'order1', '0.5')],
				[published('0.75', '', '')],
				[published('0.75', 'order1', '0.25')],
				[published('0.5', 'order1', '0.5')],
				[published('0.5', 'order1', '0.75')],
				[published('0.5', 'order2', '0.25')],
			].map((moved): [World, Op[]] => [
				calm,
				[
					...(before === '' ? [] : [published('1', before, '1')]),
					asked('plan1', '1'),
					taken('plan1'),
					settled('exit-done', {order: 'order1', filled}),
					...moved,
					{...asked('plan2', '1'), quantity: '0.5'},
					settled('exit-done', {plan_id: 'plan2', order: 'order2'}),
					{...asked('plan3', '1'), quantity: '0.5'},
				],
			]),
		),
	),
	...[29_999, 30_000, 30_001].flatMap(
		(later_ms): Array<[World, Op[]]> => [
			[calm, [asked('plan1', '1'), {...asked('plan2', '1'), later_ms}, taken('plan2')]],
			[calm, [asked('plan1', '1'), {...taken('plan1'), later_ms}, settled('exit-done'), asked('plan2', '1')]],
			[flat, [entry, settled('expired', {later_ms}), {...entry, kind: 'take', notional_micro: ''}]],
			[flat, [entry, {...entry, kind: 'take', notional_micro: '', later_ms}, settled('failed')]],
			[
				flat,
				[
					open({class: 'PROTECT', kill_score: '0.9'}),
					{...entry, class: 'PROTECT', kind: 'take', notional_micro: '', later_ms},
				],
			],
		],
	),
]

export const examples: ReadonlyArray<[World, Op[]]> = [
	[calm, lostLock],
	[calm, stoppedLate],
	[calm, outranked],
	[{...calm, amount: '0'}, otherNotional],
	...broken,
	...gateEdges,
	...stories,
]
