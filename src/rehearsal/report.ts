import type {VenueStory} from '../bench/venue-story.js'
import {bridgeReasons} from '../engine/logic/intent-to-plan.js'
import {markdownTable} from '../engine/logic/markdown.js'
import {portfolioGates} from '../engine/logic/portfolio-gate.js'
import {gates} from '../engine/scripts/gates/all.js'
import {permitRefusals} from '../engine/scripts/take-permit.js'

type Counts = Readonly<Record<string, number>>

/** What a rehearsal found. */
export type Rehearsal = Readonly<{
	market: string
	/** How it was played, as the command was told; empty where it was not. */
	played: string
	/** Changes of the policy that it was played under, for people. */
	policy: readonly string[]
	venue_hours: number
	machine_minutes: number
	/** Whether the market was played to its end. */
	ended: boolean
	intents: number
	/** Refusals and verdicts by code, station by station. */
	portfolio_gate: Counts
	bridge: Counts
	governor: Counts
	results: Counts
	/** Plans that were allowed, by who asked for what. */
	allowed: Counts
	/** Closed trades by the reason of their exit. */
	exits: Counts
	/** Stops that were moved at the venue, by action. */
	moves: Counts
	trades: number
	net_usdt: string
	venue: VenueStory
	positions_limit: number
	notional_limit_usdt: number
	/** Differences between the ledger and the venue; -1 when it could not be asked. */
	ledger_differences: number
	alerts: Counts
	/** When the emergency stop killed the system, and why; nothing opens from then on. */
	kills: readonly string[]
}>

const tableOf = (title: string, counts: Counts): string =>
	Object.keys(counts).length === 0
		? '_none_'
		: markdownTable(
				[title, 'Count'],
				Object.entries(counts)
					.sort(([, one], [, other]) => other - one)
					.map(([name, count]) => [name, String(count)]),
			)

const unseen = (codes: readonly string[], seen: Counts): string => {
	const missing = [...new Set(codes)].filter(code => !(code in seen))
	return missing.length === 0
		? 'Every code of this station occurred.'
		: `Unseen: ${missing.map(code => `\`${code}\``).join(', ')}.`
}

/** The value below which a share of the values lies; 0 of none. */
const percentile = (values: readonly number[], share: number): number =>
	values.toSorted((one, other) => one - other).at(Math.min(values.length - 1, Math.ceil(values.length * share) - 1)) ??
	0

const bareText = ({bare}: VenueStory): string => {
	const times = bare.map(({ms}) => ms)
	const long = times.filter(ms => ms > 1_000).length
	return `${times.length} spells without a resting stop, machine time: p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms, longest ${Math.max(0, ...times)} ms; ${long} longer than a second.`
}

/** The rehearsal as a document. */
export const reportText = (
	found: Rehearsal,
): string => `# Rehearsal: ${found.market}${found.played === '' ? '' : `, ${found.played}`}

${found.venue_hours.toFixed(1)} hours of venue time in ${found.machine_minutes.toFixed(1)} minutes, in lock-step through the real processes${found.ended ? ', to the end of the market' : '; stopped by the clock before the market’s end'}. Policy: ${found.policy.length === 0 ? 'the defaults' : found.policy.map(change => `\`${change}\``).join(', ')}.

- ${found.intents} intents, ${found.venue.fills} fills at the venue, ${found.trades} closed trades, net ${found.net_usdt} USDT; ${found.venue.open} positions open at the end.
- By the venue's own log at most ${found.venue.positions_max} positions were open (limit ${found.positions_limit}), and ${found.venue.notional_max_usdt} USDT at the prices paid (limit ${found.notional_limit_usdt}).
- ${bareText(found.venue)}
- Ledger against the venue: ${found.ledger_differences < 0 ? 'could not be asked' : `${found.ledger_differences} differences`}.
${found.kills.map(kill => `- Killed by the emergency stop, ${kill}\n`).join('')}
## Exits

${tableOf('Reason', found.exits)}

Plans that were allowed:

${tableOf('Who asked for what', found.allowed)}

Stops moved at the venue:

${tableOf('Action', found.moves)}

## portfolio-gate

${tableOf('Code', found.portfolio_gate)}

${unseen(
	portfolioGates.map(({code}) => code),
	found.portfolio_gate,
)}

## intent-bridge

${tableOf('Code', found.bridge)}

${unseen(Object.keys(bridgeReasons), found.bridge)}

## governor

${tableOf('Verdict', found.governor)}

${unseen(
	gates.map(({code}) => code),
	found.governor,
)}

## apply-layer and gateway

${tableOf('Result', found.results)}

${unseen(Object.keys(permitRefusals), found.results)}

## Alerts

${tableOf('Code', found.alerts)}
`
