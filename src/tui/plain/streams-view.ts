import {type GroupStatus, isGood, type StreamStatus} from '../../daemon/client/stream-status.js'
import type {StreamsReading} from '../../daemon/client/stream-watch.js'
import type {Health} from '../../engine/logic/stream-health.js'
import {escaped} from '../../engine/untrusted-text.js'
import type {Meaning, Paint} from './colour.js'
import {sparkline} from './sparkline.js'
import {type Column, table} from './table.js'
import {duration, instant, known} from './terms.js'
import {fitText} from './width.js'

const MEANING: Readonly<Record<Health, Meaning>> = {
	OK: 'good',
	IDLE: 'faint',
	WARN: 'busy',
	UNKNOWN: 'busy',
	STALL: 'bad',
	STOP: 'bad',
	STUCK: 'bad',
	REWIND: 'bad',
	LOST: 'bad',
}
const TREND_WIDTH = 20

type Line = Readonly<{of: StreamStatus; group: GroupStatus | undefined; first: boolean}>

const linesOf = (of: StreamStatus): readonly Line[] =>
	of.groups.length === 0
		? [{of, group: undefined, first: true}]
		: of.groups.map((group, index) => ({of, group, first: index === 0}))

/** `12`; `>=1000` where only so many were counted, `~231082` where the server's counters say it. */
export const backlogText = ({undelivered, undelivered_min, undelivered_exact}: GroupStatus): string => {
	if (undelivered === null) return undelivered_min ? `>=${undelivered_min}` : known(null)
	return undelivered_exact ? String(undelivered) : `~${undelivered}`
}

const behindText = ({undelivered, behind_ms}: GroupStatus): string =>
	undelivered === 0 ? '-' : behind_ms === null ? known(null) : duration(behind_ms)

export const rateText = (per_s: number | null): string =>
	per_s === null ? known(null) : per_s > 0 && per_s < 10 ? per_s.toFixed(1) : String(Math.round(per_s))

const readerText = ({unit, group}: GroupStatus): string => unit ?? `${escaped(group)} (undeclared)`

const newestText = ({newest_ms, state, length}: StreamStatus): string => {
	if (state !== 'PRESENT' && state !== 'RETIRED') return state.toLowerCase()
	return length === 0 ? 'empty' : newest_ms === null ? known(null) : duration(newest_ms)
}

export const groupColumns = <Row>(
	paint: Paint,
	groupOf: (row: Row) => GroupStatus | undefined,
): readonly Column<Row>[] => {
	const of = (text: (group: GroupStatus) => string) => (row: Row) => {
		const group = groupOf(row)
		return group && group.presence !== 'MISSING' ? text(group) : ''
	}
	const named = (text: (group: GroupStatus) => string) => (row: Row) => {
		const group = groupOf(row)
		return group ? text(group) : ''
	}
	return [
		{heading: 'READER', drop: 1, value: named(readerText)},
		{
			heading: 'STATUS',
			value: named(({status, presence}) =>
				presence === 'MISSING' ? paint('faint', 'no group') : paint(MEANING[status], status),
			),
		},
		{heading: 'BACKLOG', align: 'right', value: of(backlogText)},
		{heading: 'BEHIND', align: 'right', drop: 2, value: of(behindText)},
		{heading: 'TREND', drop: 6, value: of(({history}) => sparkline(history, TREND_WIDTH))},
		{heading: 'IN/S', align: 'right', drop: 4, value: of(({in_per_s}) => rateText(in_per_s))},
		{heading: 'OUT/S', align: 'right', drop: 4, value: of(({out_per_s}) => rateText(out_per_s))},
		{heading: 'PENDING', align: 'right', drop: 3, value: of(({pending}) => known(pending))},
		{
			heading: 'OLDEST PENDING',
			align: 'right',
			drop: 5,
			value: of(({pending, oldest_pending}) =>
				oldest_pending ? duration(oldest_pending.age_ms ?? Number.NaN) : pending === 0 ? '-' : known(null),
			),
		},
		{heading: 'LOST', align: 'right', drop: 7, value: of(({lost}) => known(lost))},
		{heading: 'CONSUMERS', align: 'right', drop: 8, value: of(({consumers}) => known(consumers?.length))},
	]
}

const columns = (paint: Paint): readonly Column<Line>[] => [
	{heading: 'STREAM', value: ({of, first}) => (first ? escaped(of.stream) : '')},
	...groupColumns<Line>(paint, ({group}) => group),
	{heading: 'LENGTH', align: 'right', drop: 10, value: ({of, first}) => (first ? known(of.length) : '')},
	{heading: 'NEWEST', align: 'right', drop: 9, value: ({of, first}) => (first ? newestText(of) : '')},
]

/** Why each group that is not well is not, one line each. */
const whyLines = (streams: readonly StreamStatus[], paint: Paint): readonly string[] =>
	streams.flatMap(({stream, state, detail, groups}) => [
		...(state === 'OTHER' ? [paint('bad', `${escaped(stream)}: the key is a ${detail}, not a stream`)] : []),
		...(state === 'UNREADABLE' ? [paint('bad', `${escaped(stream)} cannot be read: ${escaped(detail)}`)] : []),
		...groups
			.filter(group => group.presence !== 'MISSING' && !isGood(group))
			.map(group => {
				const status = paint(MEANING[group.status], group.status)
				return `${status}  ${readerText(group)} on ${escaped(stream)}: ${escaped(group.reason)}`
			}),
	])

/** One line per group; a stream without groups has a line of its own. Below it, why a group is not well. */
export const streamsView = (
	{streams, samples, span_ms}: StreamsReading,
	paint: Paint,
	width = Number.POSITIVE_INFINITY,
): string => {
	const why = whyLines(streams, paint)
	const window = `${samples} ${samples === 1 ? 'sample' : 'samples'} over ${duration(span_ms)}, machine time`
	return [
		table(columns(paint), streams.flatMap(linesOf), {none: 'no streams', width}),
		'',
		...(why.length > 0 ? [fitText(why.join('\n'), width), ''] : []),
		fitText(window, width),
	].join('\n')
}

/** The same on a screen that stays: what is wrong comes first, since the end is what a low window lacks. */
export const streamsScreen = (
	{streams, samples, span_ms, at_ms}: StreamsReading,
	problem: string,
	paint: Paint,
	width = Number.POSITIVE_INFINITY,
): string => {
	const head = [
		`${paint('strong', 'qt streams')}  ${instant(at_ms)} UTC, ${samples} samples over ${duration(span_ms)}`,
		...(problem === '' ? [] : [paint('bad', `STALE: ${problem}`)]),
		...whyLines(streams, paint),
	]
	return [fitText(head.join('\n'), width), '', table(columns(paint), streams.flatMap(linesOf), {width})].join('\n')
}

/** The same in one line, for output that is not a terminal. */
export const streamsLine = ({streams, at_ms}: StreamsReading, problem: string): string => {
	if (problem !== '') return `STALE since ${instant(at_ms)}: ${problem}`
	const groups = streams.flatMap(of => of.groups.filter(({presence}) => presence !== 'MISSING'))
	const counts = new Map<Health, number>()
	for (const {status} of groups) counts.set(status, (counts.get(status) ?? 0) + 1)
	const told = [...counts].map(([status, count]) => `${count} ${status}`).join(', ')
	const bad = streams.flatMap(({stream, groups: all}) =>
		all
			.filter(group => group.presence !== 'MISSING' && !isGood(group))
			.map(group => `${readerText(group)} on ${escaped(stream)} ${group.status} ${backlogText(group)}`),
	)
	return `${instant(at_ms)} ${told || 'no groups'}${bad.length > 0 ? `: ${bad.join('; ')}` : ''}`
}
