import {applyPlan, applyResult} from '../../engine/contracts/streams/trade.js'
import {entriesOf, type FlowStreams, matchStage, STAGES, timeOf} from './flow-chain.js'
import {type Finding, permitFindings, stageFindings} from './flow-findings.js'
import {type Followed, followAll, isDone, SOURCES} from './flow-follow.js'
import {orderFindings, ordersSeen} from './flow-orders.js'
import type {FlowOutcome} from './flow-outcome.js'
import {identityOf} from './trace-links.js'

/** From when to when the streams tell everything. Machine time, ms. */
export type FlowRecord = Readonly<{
	/** Nothing that was written from here on is missing. 0: nothing was ever removed. */
	complete_from_ms: number
	/** The same of the account stream, which tells of orders. */
	orders_from_ms: number
	/** Whatever was written before is in the reading, and nothing that came later. */
	until_ms: number
	/** Plans were made before the oldest that Redis holds: it was lost once, or entries were removed. */
	older: boolean
}>

export type FlowQuery = Readonly<{
	streams: FlowStreams
	record: FlowRecord
	/** Only what was asked for from this machine time on, ms. */
	since_ms: number
}>

export type SourceSum = Readonly<{source: string; asked: number; outcomes: number; open: number}>
export type OutcomeCount = FlowOutcome & Readonly<{source: string; count: number}>
export type StepSum = Readonly<{unit: string; asked: number; answered: number; open: number}>
export type OpenFlow = Readonly<{
	source: string
	id: string
	stream_id: string
	symbol: string
	unit: string
	/** Who owes the next word: a unit, or the venue. */
	open_at: string
	since_ms: number
}>

export type FlowReport = Readonly<{
	from_ms: number
	record: FlowRecord
	sources: readonly SourceSum[]
	outcomes: readonly OutcomeCount[]
	steps: readonly StepSum[]
	open: readonly OpenFlow[]
	findings: readonly Finding[]
	/** Orders at the venue that are none of ours. */
	orders_of_others: number
}>

/** A step answers within seconds; a venue that does not answer is asked for minutes. */
export const OPEN_MAX_MS = 600_000
/** An answer may come this long after what it answers, when the unit was down in between. */
const ANSWER_MAX_MS = 3_600_000

const outcomeCounts = (followed: readonly Followed[]): readonly OutcomeCount[] => {
	const counts = new Map<string, OutcomeCount>()
	for (const {source, standing} of followed.filter(isDone)) {
		const name = JSON.stringify([source, standing.done.unit, standing.done.outcome, standing.done.reason])
		const known = counts.get(name) ?? {source, ...standing.done, count: 0}
		counts.set(name, {...known, count: known.count + 1})
	}
	return [...counts.values()].sort((left, right) => right.count - left.count)
}

const openOf = (followed: readonly Followed[]): readonly OpenFlow[] =>
	followed.flatMap(({source, root, standing}) =>
		'done' in standing
			? []
			: [
					{
						source,
						id: identityOf(root),
						stream_id: root.stream_id,
						symbol: root.fields.symbol ?? '',
						unit: root.fields.unit ?? 'hand',
						open_at: standing.open_at,
						since_ms: standing.since_ms,
					},
				],
	)

const sumOf = (source: string, followed: readonly Followed[]): SourceSum => {
	const own = followed.filter(of => of.source === source)
	const outcomes = own.filter(isDone).length
	return {source, asked: own.length, outcomes, open: own.length - outcomes}
}

/**
 * Follows everything that was asked for to its one recorded end. Each entry of a step is matched with the answers
 * that name it, so that one too many and one without a question are seen as well as one that is missing.
 */
export const auditFlow = ({streams, record, since_ms}: FlowQuery): FlowReport => {
	const {complete_from_ms, orders_from_ms, until_ms, older} = record
	const from_ms = Math.max(since_ms, complete_from_ms)
	const settled_ms = Math.max(since_ms, complete_from_ms + (complete_from_ms > 0 ? ANSWER_MAX_MS : 0))
	const stages = STAGES.map(stage => matchStage(stage, streams))
	const followed = followAll({streams, orders_from_ms, from_ms, stages})
	const open = openOf(followed)
	const sent = new Set(
		entriesOf(streams, applyResult)
			.filter(({fields}) => fields.decision === 'EXECUTED')
			.flatMap(({fields}) => fields.plan_id ?? []),
	)
	const plans_from_ms = older ? settledFrom(streams, settled_ms) : settled_ms
	return {
		from_ms,
		record,
		sources: SOURCES.map(({stream}) => sumOf(stream.name, followed)),
		outcomes: outcomeCounts(followed),
		steps: stages.map(({stage, asked, answerOf}) => {
			const within = asked.filter(entry => timeOf(entry) >= from_ms)
			const answered = within.filter(entry => answerOf.has(entry)).length
			return {unit: stage.unit, asked: within.length, answered, open: within.length - answered}
		}),
		open,
		findings: [
			...stages.flatMap(stage => stageFindings(stage, {from_ms, settled_ms})),
			...permitFindings(streams, {sent, from_ms}),
			...orderFindings(streams, plans_from_ms),
			...open.flatMap((of): Finding[] =>
				until_ms - of.since_ms <= OPEN_MAX_MS
					? []
					: [
							{
								code: 'OVERDUE',
								id: of.id,
								at_ms: of.since_ms,
								detail: `${of.source}: ${of.open_at} owes the next word`,
							},
						],
			),
		],
		orders_of_others: ordersSeen(streams).others,
	}
}

/** Orders of plans that Redis lost are told of again when the account is read anew. */
const settledFrom = (streams: FlowStreams, settled_ms: number): number => {
	const [first] = entriesOf(streams, applyPlan)
	return first ? Math.max(settled_ms, timeOf(first) + ANSWER_MAX_MS) : Number.POSITIVE_INFINITY
}
