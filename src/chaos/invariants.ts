import {deadLetters} from '../engine/contracts/streams/ops.js'
import {governorEvents, tradeIntent} from '../engine/contracts/streams/trade.js'
import {entriesOf, fillProblems, flowProblems} from './flow-audit.js'
import type {Hands} from './hands.js'
import type {Stage} from './stage.js'
import {backlogOf, ledgerVerdict, positionProblems} from './state-audit.js'
import type {VenueRecord} from './system-venue.js'
import {closingProblems, killProblems, limitProblems, permitProblems} from './venue-judge.js'

/** What a check looks at: the system at rest, the venue's own log from the beginning, and what went in. */
export type Evidence = Readonly<{stage: Stage; log: readonly VenueRecord[]; hands: Hands}>

type Invariant = Readonly<{
	guarantee: string
	says: string
	/** What contradicts it; empty when nothing does. */
	problems: (evidence: Evidence) => Promise<readonly string[]> | readonly string[]
}>

/** What must hold of the whole run. */
const ofTheRun: readonly Invariant[] = [
	{
		guarantee: 'G1, G2',
		says: 'at no time were more positions or more notional open than the limits allow',
		problems: ({log}) => limitProblems(log),
	},
	{
		guarantee: 'G3',
		says: 'each order that reached the venue has a verdict that allowed it, or is a stop that a kill completed',
		problems: async ({stage, log}) => {
			const verdicts = await entriesOf(stage, governorEvents.name)
			const allowed = verdicts.flatMap(({verdict, plan_id}) => (verdict === 'ALLOW' ? (plan_id ?? []) : []))
			return permitProblems(log, new Set(allowed), stage.operator.kills)
		},
	},
	{
		guarantee: 'G4',
		says: 'nothing but protection reached the venue between a confirmed kill and the next arming',
		problems: ({stage, log}) => killProblems(log, stage.operator.halts),
	},
	{
		guarantee: 'G5',
		says: 'no exit was larger than its position, and none turned it around',
		problems: ({log}) => closingProblems(log),
	},
	{
		guarantee: 'G9',
		says: 'each intent that Redis acknowledged is still there',
		problems: async ({stage, hands}) => {
			const there = new Set((await entriesOf(stage, tradeIntent.name)).map(({stream_id}) => stream_id))
			return hands.acknowledged.filter(id => !there.has(id)).map(id => `intent ${id} has gone`)
		},
	},
]

/** What must come to hold once everything has been calm for a while. */
const atRest: readonly Invariant[] = [
	{
		guarantee: 'G3, G6, G9',
		says: 'each intent, plan and permit has exactly one outcome, and each order was sent once',
		problems: ({stage}) => flowProblems(stage),
	},
	{
		guarantee: 'G7, G9',
		says: 'each fill of the venue is in every book once',
		problems: ({stage}) => fillProblems(stage),
	},
	{
		guarantee: 'G7',
		says: 'the ledger is the venue’s income and wallet, to the last decimal',
		problems: async ({stage}) => {
			const {ok, differences} = await ledgerVerdict(stage)
			return ok ? [] : [`${differences.length} differences: ${JSON.stringify(differences.slice(0, 5))}`]
		},
	},
	{
		guarantee: 'G9',
		says: 'positions are the venue’s, each with a stop at rest and a reservation, and nothing else is reserved',
		problems: ({stage}) => positionProblems(stage),
	},
	{
		guarantee: 'G9',
		says: 'no entry and no effect is left unhandled',
		problems: ({stage}) => backlogOf(stage),
	},
	{
		guarantee: 'G9',
		says: 'no entry went to the dead letters',
		problems: async ({stage}) =>
			(await entriesOf(stage, deadLetters.name)).map(
				({stream, entry_id, reason, detail}) => `${entry_id} of ${stream}: ${reason} ${detail}`,
			),
	},
]

/** How one invariant stands. */
export type Finding = Readonly<{guarantee: string; says: string; problems: readonly string[]}>

const judged = (invariants: readonly Invariant[], evidence: Evidence): Promise<Finding[]> =>
	Promise.all(
		invariants.map(async ({guarantee, says, problems}) => {
			const found = await Promise.resolve(problems(evidence)).catch((error: unknown) => [`cannot be checked: ${error}`])
			return {guarantee, says, problems: found}
		}),
	)

export const judgeRun = (evidence: Evidence): Promise<Finding[]> => judged(ofTheRun, evidence)
export const judgeRest = (evidence: Evidence): Promise<Finding[]> => judged(atRest, evidence)
