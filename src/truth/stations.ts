import {keys} from '../engine/contracts/keys.js'
import type {StreamContract} from '../engine/contracts/stream.js'
import {
	applyResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate as portfolioGateStream,
} from '../engine/contracts/streams/trade.js'
import {fenceReasons} from '../engine/exchange/arm-state.js'
import {localRefusals, notSentReasons} from '../engine/exchange/order-request.js'
import {bridgeReasons} from '../engine/logic/intent-to-plan.js'
import {portfolioGates} from '../engine/logic/portfolio-gate.js'
import {gates} from '../engine/scripts/gates/all.js'
import {permitRefusals} from '../engine/scripts/take-permit.js'
import {applyLayer} from '../engine/units/exec/apply-layer.js'
import {governor} from '../engine/units/exec/governor.js'
import {intentBridge} from '../engine/units/exec/intent-bridge.js'
import {portfolioGate} from '../engine/units/exec/portfolio-gate.js'

export type Refusal = Readonly<{code: string; meaning: string; of?: string; policy?: string}>

/** A place on the way of a plan that may refuse it. */
export type Station = Readonly<{
	/** Its place on the way, from 1. */
	layer: string
	unit: string
	what: string
	recorded: StreamContract
	/** Why what it looks at cannot change between looking and acting. */
	consistency: string
	/** What may still go wrong there. */
	race: string
	refusals: readonly Refusal[]
}>

const rowsOf = (reasons: Readonly<Record<string, string>>): readonly Refusal[] =>
	Object.entries(reasons).map(([name, meaning]) => ({code: name, meaning}))

const FENCED = 'none: each order is asked about again as it leaves'

export const stations: readonly Station[] = [
	{
		layer: 'L1',
		unit: portfolioGate.name,
		what: 'limits over the whole portfolio, entries only',
		recorded: portfolioGateStream,
		consistency: 'state of one unit, which one process at a time may commit; entries that passed count until they end',
		race: 'what it knows is as old as its newest entry: the next stations count for themselves',
		refusals: portfolioGates.map(({code, meaning, policy}) => ({code, meaning, ...(policy && {policy})})),
	},
	{
		layer: 'L2',
		unit: intentBridge.name,
		what: 'whether the intent is a plan',
		recorded: intentDeadLetter,
		consistency: `state of one partition; ${keys.dedupIntent.pattern} is written in the step that emits the plan`,
		race: 'none: an intent is known by its envelope id, not by a hash of its content',
		refusals: rowsOf(bridgeReasons),
	},
	{
		layer: 'L3',
		unit: governor.name,
		what: 'the one decision on each plan',
		recorded: governorEvents,
		consistency: 'one script on Redis decides, reserves and answers in the step that acknowledges the plan',
		race: 'none: what was counted is reserved in the same script',
		refusals: gates.map(({code, meaning, of, policy}) => ({code, meaning, of, ...(policy && {policy})})),
	},
	{
		layer: 'L4',
		unit: applyLayer.name,
		what: 'the permit is taken, once',
		recorded: applyResult,
		consistency: 'one script on Redis takes the permit in the step that records what will be sent',
		race: FENCED,
		refusals: rowsOf(permitRefusals),
	},
	{
		layer: 'L5',
		unit: applyLayer.name,
		what: 'the fence, as the request leaves',
		recorded: applyResult,
		consistency: 'asked inside the transport, of Redis and of the gateway’s own file',
		race: 'a request that has left: its outcome is queried, and a kill waits for it',
		refusals: rowsOf(fenceReasons),
	},
	{
		layer: 'L6',
		unit: applyLayer.name,
		what: 'what cannot be sent, and the rules of the venue',
		recorded: applyResult,
		consistency: 'known before the request leaves; the venue judges again',
		race: 'none: nothing was placed',
		refusals: [...rowsOf(notSentReasons), ...rowsOf(localRefusals)],
	},
]

/** Codes with which a unit refuses, each once, in their order. */
export const codesOf = (unit: string): readonly string[] => [
	...new Set(stations.filter(of => of.unit === unit).flatMap(({refusals}) => refusals.map(({code}) => code))),
]
