import {compareIds, idTime} from '../../engine/bus/stream-id.js'
import type {Fields} from '../../engine/contracts/field.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {exchangeNormalized, reconcileClose} from '../../engine/contracts/streams/account.js'
import {executorCommands} from '../../engine/contracts/streams/portfolio.js'
import {
	applyPlan,
	applyPlanManual,
	applyResult,
	portfolioGate as gateStream,
	governorEvents,
	tradeIntent,
} from '../../engine/contracts/streams/trade.js'
import {applyLayer} from '../../engine/units/exec/apply-layer.js'
import {governor} from '../../engine/units/exec/governor.js'
import {intentBridge} from '../../engine/units/exec/intent-bridge.js'
import {intentExecutor} from '../../engine/units/exec/intent-executor.js'
import {portfolioGate} from '../../engine/units/exec/portfolio-gate.js'
import {DEAD_LETTERS} from './dead-letters.js'
import {grouped, identityOf, type TraceEntry} from './trace-links.js'

/** An entry of a stream of the chain, as it lies there. */
export type FlowEntry = TraceEntry
/** Entries by the name of their stream, oldest first. */
export type FlowStreams = ReadonlyMap<string, readonly FlowEntry[]>

/** One step of the chain: what the unit reads must be answered by it once, each entry with one entry. */
export type Stage = Readonly<{
	unit: string
	reads: readonly StreamContract[]
	/** Whether an entry of `reads` is owed an answer; one that is not is an end by itself. */
	asks: (fields: Fields) => boolean
	answers: readonly StreamContract[]
	isAnswer: (fields: Fields) => boolean
	/** Streams that its dead letters name for what it was asked, beside those that it reads. */
	refuses?: readonly StreamContract[]
}>

const live = ({authority = 'live'}: Fields): boolean => authority === 'live'
const always = (): boolean => true
const FIRST_VERDICTS = new Set(['ALLOW', 'REFUSE', 'REPEAT'])

/** What people and units ask for without an intent, before it is a plan. */
export const COMMANDS = [applyPlanManual, executorCommands, reconcileClose] as const

export const STAGES: readonly Stage[] = [
	{unit: portfolioGate.name, reads: [tradeIntent], asks: always, answers: [gateStream], isAnswer: always},
	{
		unit: intentBridge.name,
		reads: [gateStream],
		asks: ({decision}) => decision === 'PASS',
		answers: [applyPlan],
		isAnswer: always,
		refuses: [tradeIntent],
	},
	{unit: intentExecutor.name, reads: COMMANDS, asks: live, answers: [applyPlan], isAnswer: always},
	{
		unit: governor.name,
		reads: [applyPlan],
		asks: live,
		answers: [governorEvents],
		isAnswer: ({verdict = ''}) => FIRST_VERDICTS.has(verdict),
	},
	{
		unit: applyLayer.name,
		reads: [governorEvents],
		asks: fields => fields.verdict === 'ALLOW' && live(fields),
		answers: [applyResult],
		isAnswer: ({decision}) => decision !== 'UNKNOWN',
	},
]

/** Every stream that the audit reads. */
export const FLOW_STREAMS: readonly StreamContract[] = [
	...new Set([...STAGES.flatMap(({reads, answers}) => [...reads, ...answers]), ...DEAD_LETTERS, exchangeNormalized]),
]

export const entriesOf = (streams: FlowStreams, {name}: StreamContract): readonly FlowEntry[] => streams.get(name) ?? []
/** Machine time at which the entry was written, ms. */
export const timeOf = ({stream_id}: FlowEntry): number => idTime(stream_id)

/** What became of what a stage was asked. */
export type Matched = Readonly<{
	stage: Stage
	asked: readonly FlowEntry[]
	answers: readonly FlowEntry[]
	answerOf: ReadonlyMap<FlowEntry, FlowEntry>
	/** Answers beyond the one that an entry is owed, by that entry. */
	doubled: ReadonlyMap<FlowEntry, readonly FlowEntry[]>
	/** Answers to what no stream holds. */
	unasked: readonly FlowEntry[]
}>

const byTime = (left: FlowEntry, right: FlowEntry): number => compareIds(left.stream_id, right.stream_id)

/**
 * Answers name the entry that they answer as their cause. An id that lies on its stream several times is owed as many
 * answers; they belong to its entries in the order of both.
 */
export const matchStage = (stage: Stage, streams: FlowStreams): Matched => {
	const asked = stage.reads.flatMap(stream => entriesOf(streams, stream)).filter(({fields}) => stage.asks(fields))
	const own = ({fields}: FlowEntry) => fields.unit === stage.unit
	const names = new Set([...stage.reads, ...(stage.refuses ?? [])].map(({name}) => name))
	const buried = ({fields}: FlowEntry) => names.has(fields.stream ?? '')
	const answers = [
		...stage.answers
			.flatMap(stream => entriesOf(streams, stream))
			.filter(entry => own(entry) && stage.isAnswer(entry.fields)),
		...DEAD_LETTERS.flatMap(stream => entriesOf(streams, stream)).filter(entry => own(entry) && buried(entry)),
	].sort(byTime)
	const answerOf = new Map<FlowEntry, FlowEntry>()
	const doubled = new Map<FlowEntry, readonly FlowEntry[]>()
	const open = grouped([...asked].sort(byTime), entry => [identityOf(entry)])
	const unasked: FlowEntry[] = []
	for (const [cause, given] of grouped(answers, ({fields}) => [fields.cause ?? ''])) {
		const owed = open.get(cause) ?? []
		for (const [index, entry] of owed.entries()) {
			const answer = given[index]
			if (answer) answerOf.set(entry, answer)
		}
		const last = owed.at(-1)
		if (!last) unasked.push(...given)
		else if (given.length > owed.length) doubled.set(last, given.slice(owed.length))
	}
	return {stage, asked, answers, answerOf, doubled, unasked}
}
