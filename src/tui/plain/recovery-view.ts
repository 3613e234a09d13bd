import type {ReplayResult} from '../../daemon/client/dead-letter-replay.js'
import type {DeadLetter} from '../../daemon/client/dead-letters.js'
import {idTime} from '../../engine/bus/stream-id.js'
import type {GroupRecovery, SweepReport} from '../../engine/logic/stream-recovery.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {duration, oneLine} from './terms.js'

export const deadLettersView = (
	letters: readonly DeadLetter[],
	now_ms: number,
	width = Number.POSITIVE_INFINITY,
): string =>
	table(
		[
			{heading: 'ID', value: ({id}) => id},
			{heading: 'AGE', align: 'right', drop: 3, value: ({id}) => duration(now_ms - idTime(id))},
			{heading: 'FROM', value: ({stream}) => stream},
			{heading: 'BY', drop: 1, value: ({unit}) => unit},
			{heading: 'REASON', value: ({reason}) => reason},
			{heading: 'TRIES', align: 'right', drop: 4, value: ({deliveries}) => String(deliveries)},
			{heading: 'PUT BACK', drop: 2, value: ({replayed}) => (replayed ? `by ${replayed.by}` : 'no')},
			{heading: 'DETAIL', prose: true, value: ({detail}) => oneLine(detail)},
		],
		letters,
		{none: 'no dead letters', width},
	)

export const replayView = (results: readonly ReplayResult[], paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	table(
		[
			{heading: 'ID', value: ({letter}) => letter.id},
			{heading: 'STREAM', value: ({letter}) => letter.stream},
			{heading: 'OUTCOME', value: ({outcome}) => paint(outcome === 'REPLAYED' ? 'good' : 'bad', outcome)},
			{heading: 'NEW ID', drop: 1, value: ({entry_id}) => entry_id || '-'},
			{heading: 'WHY NOT', prose: true, value: ({detail}) => oneLine(detail)},
		],
		results,
		{none: 'nothing to put back', width},
	)

const held = ({abandoned}: GroupRecovery): number => abandoned.reduce((sum, {pending}) => sum + pending, 0)

export const reapView = (
	{groups, looked_at}: SweepReport,
	dry_run: boolean,
	width = Number.POSITIVE_INFINITY,
): string =>
	[
		table(
			[
				{heading: 'STREAM', value: ({stream}) => stream},
				{heading: 'READER', value: ({unit, group}) => unit ?? group},
				{heading: 'RUNS', drop: 2, value: ({alive, unit}) => (unit === null ? 'no unit' : alive ? 'yes' : 'no')},
				{heading: dry_run ? 'WOULD REMOVE' : 'REMOVED', prose: true, value: ({reaped}) => reaped.join(', ') || '-'},
				{heading: 'ABANDONED', align: 'right', value: group => String(held(group))},
				{heading: 'HELD BY', drop: 1, value: ({abandoned}) => abandoned.map(({consumer}) => consumer).join(', ')},
			],
			groups,
			{none: 'no dead consumers', width},
		),
		`${looked_at} groups looked at`,
	].join('\n')
