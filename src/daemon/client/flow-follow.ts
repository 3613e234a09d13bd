import type {StreamContract} from '../../engine/contracts/stream.js'
import {applyPlan, governorEvents, tradeIntent} from '../../engine/contracts/streams/trade.js'
import {intentBridge} from '../../engine/units/exec/intent-bridge.js'
import {intentExecutor} from '../../engine/units/exec/intent-executor.js'
import {
	COMMANDS,
	entriesOf,
	type FlowEntry,
	type FlowStreams,
	type Matched,
	matchStage,
	STAGES,
	timeOf,
} from './flow-chain.js'
import {orderStatuses} from './flow-orders.js'
import {type FlowOutcome, type Standing, standingOf} from './flow-outcome.js'

const MADE_BY_OTHERS = new Set<string>([intentBridge.name, intentExecutor.name])

type Source = Readonly<{stream: StreamContract; own: (entry: FlowEntry) => boolean}>

/** What asks for something by itself: intents, commands, and plans that came from neither. */
export const SOURCES: readonly Source[] = [
	...[tradeIntent, ...COMMANDS].map(stream => ({stream, own: () => true})),
	{stream: applyPlan, own: ({fields}) => !MADE_BY_OTHERS.has(fields.unit ?? '')},
]

/** Something that was asked for, and where it ended or is. */
export type Followed = Readonly<{source: string; root: FlowEntry; standing: Standing}>

export const isDone = (of: Followed): of is Followed & {standing: Extract<Standing, {done: FlowOutcome}>} =>
	'done' in of.standing

export type Following = Readonly<{
	streams: FlowStreams
	/** Machine time from which the account stream is complete, ms. */
	orders_from_ms: number
	/** Only what was asked for from this machine time on, ms. */
	from_ms: number
	stages?: readonly Matched[]
}>

/** Follows everything that was asked for to its one recorded end, or to who owes the next word. */
export const followAll = (
	{streams, orders_from_ms, from_ms, stages = STAGES.map(stage => matchStage(stage, streams))}: Following,
	sources: readonly Source[] = SOURCES,
): readonly Followed[] => {
	const expired = new Map(
		entriesOf(streams, governorEvents)
			.filter(({fields}) => fields.verdict === 'EXPIRED')
			.map(entry => [entry.fields.plan_id ?? '', entry]),
	)
	const orders = {statusOf: orderStatuses(streams), from_ms: orders_from_ms}
	return sources.flatMap(({stream, own}) =>
		entriesOf(streams, stream)
			.filter(entry => own(entry) && timeOf(entry) >= from_ms)
			.map((root): Followed => ({source: stream.name, root, standing: standingOf(root, {stages, orders, expired})})),
	)
}

/** The same of intents alone. */
export const followIntents = (following: Following): readonly Followed[] =>
	followAll(following, [{stream: tradeIntent, own: () => true}])
