import type {GroupStatus, StreamStatus} from '../../daemon/client/stream-status.js'
import type {Meaning, Paint} from './colour.js'
import {table} from './table.js'
import {duration, known} from './terms.js'

const MEANING: Readonly<Record<string, Meaning>> = {
	OK: 'good',
	BEHIND: 'busy',
	UNKNOWN: 'busy',
	UNDECLARED: 'busy',
	LOST: 'bad',
	MISSING: 'bad',
}
type Line = Readonly<{of: StreamStatus; group: GroupStatus | undefined; first: boolean}>

const linesOf = (of: StreamStatus): readonly Line[] =>
	of.groups.length === 0
		? [{of, group: undefined, first: true}]
		: of.groups.map((group, index) => ({of, group, first: index === 0}))

/** How old the oldest entry is that a reader has not got; nothing waits when there is none. */
const oldest = ({undelivered, oldest_undelivered_ms}: GroupStatus): string => {
	if (oldest_undelivered_ms !== null) return duration(oldest_undelivered_ms)
	return undelivered === 0 ? '-' : 'unknown'
}

/** One line per group; a stream without groups has a line of its own. */
export const streamsView = (streams: readonly StreamStatus[], paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	table(
		[
			{heading: 'STREAM', value: ({of, first}) => (first ? of.stream : '')},
			{heading: 'LENGTH', align: 'right', drop: 5, value: ({of, first}) => (first ? String(of.length) : '')},
			{
				heading: 'NEWEST',
				align: 'right',
				drop: 3,
				value: ({of, first}) =>
					first ? (of.newest_ms === null ? of.state.toLowerCase() : duration(of.newest_ms)) : '',
			},
			{heading: 'READER', drop: 1, value: ({group}) => (group ? (group.unit ?? group.group) : '-')},
			{
				heading: 'STATE',
				value: ({group}) => (group ? paint(MEANING[group.state] ?? 'faint', group.state) : ''),
			},
			{heading: 'BACKLOG', align: 'right', value: ({group}) => (group ? known(group.undelivered) : '')},
			{
				heading: 'AGE',
				align: 'right',
				drop: 2,
				value: ({group}) => (group ? oldest(group) : ''),
			},
			{heading: 'PENDING', align: 'right', drop: 4, value: ({group}) => (group ? known(group.pending) : '')},
			{heading: 'LOST', align: 'right', drop: 4, value: ({group}) => (group ? known(group.lost) : '')},
			{heading: 'CONSUMERS', align: 'right', drop: 6, value: ({group}) => (group ? known(group.consumers) : '')},
		],
		streams.flatMap(linesOf),
		{none: 'no streams', width},
	)
