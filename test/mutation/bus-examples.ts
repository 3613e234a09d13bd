import {VALUES} from './answers.js'
import type {BusHistory, Operation} from './bus-histories.js'

const at = {stream: 'a', group: 'g', consumer: 'me'}
/** Histories that chance seldom finds. */
export const busExamples: readonly BusHistory[] = [
	...VALUES.map(
		(value): BusHistory => ({
			filled: 0,
			groups: 1,
			operations: [{kind: 'answer', fence: null, value}, {kind: 'again'}],
		}),
	),
	// With a lease the oldest entries come first; without one, those that are named.
	...([{behind: 0, off: 0}, null] as const).map(
		(fence): BusHistory => ({
			filled: 4,
			groups: 1,
			operations: [
				{kind: 'lease', named: true},
				{kind: 'read', ...at, count: 10},
				...[[1], [0, 2], [1, 0], [0], [0, 1]].map(
					(picks): Operation => ({kind: 'commit', fence, acknowledged: [{...at, picks}], writes: ['append']}),
				),
			],
		}),
	),
	// The oldest entry that any group needs stays, whichever group that is.
	...(['g', 'h'] as const).map(
		(ahead): BusHistory => ({
			filled: 6,
			groups: 2,
			operations: [
				{kind: 'read', ...at, group: ahead, count: 10},
				{kind: 'done', ...at, group: ahead, index: 'all'},
				{kind: 'read', ...at, group: ahead === 'g' ? 'h' : 'g', count: 2},
				{kind: 'done', ...at, group: ahead === 'g' ? 'h' : 'g', index: 0},
				{kind: 'trim', stream: 'a', keep: 0},
			],
		}),
	),
	// Everything, where nobody needs it any more.
	...[0, 1].map(
		(groups): BusHistory => ({
			filled: 6,
			groups,
			operations: [
				{kind: 'read', ...at, count: 10},
				{kind: 'done', ...at, index: 'all'},
				{kind: 'trim', stream: 'a', keep: 0},
				{kind: 'append', stream: 'a', times: 1},
			],
		}),
	),
	// Never more than the excess, though all of it is done with.
	...[0, 1, 100, 120, 200, 249, 250].map(
		(keep): BusHistory => ({
			filled: 250,
			groups: 1,
			operations: [
				{kind: 'read', ...at, count: 1_000},
				{kind: 'done', ...at, index: 'all'},
				{kind: 'append', stream: 'a', times: 3},
				{kind: 'trim', stream: 'a', keep},
				{kind: 'trim', stream: 'a', keep},
			],
		}),
	),
]
