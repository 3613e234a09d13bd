import {HAND} from '../../engine/contracts/envelope.js'
import type {FlowBy} from './flow-by.js'
import {timeOf} from './flow-chain.js'
import type {Followed} from './flow-follow.js'
import type {FlowOutcome} from './flow-outcome.js'

export const MINUTE_MS = 60_000

/** One kind of end. What the rows are not told apart by is empty. */
export type FlowRow = Readonly<{
	/** Strategy or symbol; empty where rows are by reason. */
	of: string
	/** OPEN for what has not ended. */
	outcome: FlowOutcome['outcome'] | 'OPEN'
	/** Who recorded the end, or owes the next word. */
	unit: string
	reason: string
	/** By minute in which they were asked for, oldest first. */
	counts: readonly number[]
	total: number
}>

export type FlowRates = Readonly<{
	by: FlowBy
	/** Machine time, ms. The window ends with `until_ms`; of before `from_ms` nothing is counted. */
	from_ms: number
	until_ms: number
	/** Minutes of the window, of which the first may be counted in part. */
	minutes: number
	/** Entries were removed from the streams within the window: it is counted from `from_ms` on. */
	cut: boolean
	/** Intents per minute, all of them. */
	counts: readonly number[]
	asked: number
	ended: number
	open: number
	rows: readonly FlowRow[]
}>

export type FlowSpan = Readonly<{from_ms: number; until_ms: number; minutes: number; cut: boolean}>

/** The last so many minutes, as far as the streams tell everything of them. */
export const spanOf = (minutes: number, until_ms: number, complete_from_ms: number): FlowSpan => {
	const start_ms = until_ms - minutes * MINUTE_MS
	return {from_ms: Math.max(start_ms, complete_from_ms), until_ms, minutes, cut: complete_from_ms > start_ms}
}

const strategyOf = ({root: {fields}}: Followed): string => fields.strategy ?? fields.model ?? fields.unit ?? HAND

const kindOf = (of: Followed, by: FlowBy): Omit<FlowRow, 'counts' | 'total'> => {
	const {standing, root} = of
	const end = 'done' in standing ? standing.done : {outcome: 'OPEN' as const, unit: standing.open_at, reason: ''}
	if (by === 'reason') return {of: '', ...end}
	return {of: by === 'symbol' ? (root.fields.symbol ?? '') : strategyOf(of), outcome: end.outcome, unit: '', reason: ''}
}

const byName = (one: FlowRow, other: FlowRow): number =>
	JSON.stringify([one.of, one.outcome, one.reason]) < JSON.stringify([other.of, other.outcome, other.reason]) ? -1 : 1

/** Intents by the minute in which they were asked for, each kind of end a row, the most frequent first. */
export const flowRates = (followed: readonly Followed[], by: FlowBy, span: FlowSpan): FlowRates => {
	const {until_ms, minutes} = span
	const start_ms = until_ms - minutes * MINUTE_MS
	const within = followed.filter(({root}) => timeOf(root) >= span.from_ms && timeOf(root) <= until_ms)
	const minuteOf = ({root}: Followed) => Math.min(minutes - 1, Math.floor((timeOf(root) - start_ms) / MINUTE_MS))
	const empty = () => Array.from({length: minutes}, () => 0)
	const counts = empty()
	const rows = new Map<string, {kind: Omit<FlowRow, 'counts' | 'total'>; counts: number[]; total: number}>()
	for (const of of within) {
		const kind = kindOf(of, by)
		const name = JSON.stringify([kind.of, kind.outcome, kind.unit, kind.reason])
		const row = rows.get(name) ?? {kind, counts: empty(), total: 0}
		const minute = minuteOf(of)
		row.counts[minute] = (row.counts[minute] ?? 0) + 1
		row.total += 1
		counts[minute] = (counts[minute] ?? 0) + 1
		rows.set(name, row)
	}
	const open = within.filter(({standing}) => !('done' in standing)).length
	return {
		by,
		...span,
		counts,
		asked: within.length,
		ended: within.length - open,
		open,
		rows: [...rows.values()]
			.map(({kind, counts: of_row, total}): FlowRow => ({...kind, counts: of_row, total}))
			.sort((one, other) => other.total - one.total || byName(one, other)),
	}
}
