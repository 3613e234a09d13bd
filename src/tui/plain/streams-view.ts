import type {GroupStatus, StreamStatus} from '../../daemon/client/stream-status.js'
import type {Meaning, Paint} from './colour.js'
import {table} from './table.js'
import {duration} from './terms.js'

const MEANING: Readonly<Record<string, Meaning>> = {OK: 'good', BEHIND: 'busy', LOST: 'bad', UNKNOWN: 'busy'}
const known = (value: number | null): string => (value === null ? 'unknown' : String(value))
type Line = Readonly<{of: StreamStatus; group: GroupStatus | undefined; first: boolean}>

const linesOf = (of: StreamStatus): readonly Line[] =>
	of.groups.length === 0
		? [{of, group: undefined, first: true}]
		: of.groups.map((group, index) => ({of, group, first: index === 0}))

/** One line per group; a stream without groups has a line of its own. */
export const streamsView = (streams: readonly StreamStatus[], paint: Paint): string =>
	table(
		[
			{heading: 'STREAM', value: ({of, first}) => (first ? of.stream : '')},
			{heading: 'LENGTH', align: 'right', value: ({of, first}) => (first ? String(of.length) : '')},
			{
				heading: 'NEWEST',
				align: 'right',
				value: ({of, first}) =>
					first ? (of.newest_ms === null ? of.state.toLowerCase() : duration(of.newest_ms)) : '',
			},
			{heading: 'READER', value: ({group}) => (group ? (group.unit ?? group.group) : '-')},
			{
				heading: 'STATE',
				value: ({group}) => (group ? paint(MEANING[group.state] ?? 'faint', group.state) : ''),
			},
			{heading: 'BACKLOG', align: 'right', value: ({group}) => (group ? known(group.undelivered) : '')},
			{
				heading: 'AGE',
				align: 'right',
				value: ({group}) =>
					group?.oldest_undelivered_ms === null || group === undefined ? '-' : duration(group.oldest_undelivered_ms),
			},
			{heading: 'PENDING', align: 'right', value: ({group}) => (group ? known(group.pending) : '')},
			{heading: 'LOST', align: 'right', value: ({group}) => (group ? known(group.lost) : '')},
			{heading: 'CONSUMERS', align: 'right', value: ({group}) => (group ? known(group.consumers) : '')},
		],
		streams.flatMap(linesOf),
		'no streams',
	)
