import {literal, markdownTable} from '../engine/logic/markdown.js'
import type {Finding} from './invariants.js'
import {creations, fillsOf, type VenueRecord} from './system-venue.js'

/** A fault of the schedule and what came of it. */
export type Struck = Readonly<{kind: string; done: boolean}>

/** What a run did and found. */
export type ChaosReport = Readonly<{
	seed: number
	minutes: number
	machine: string
	faults: readonly Struck[]
	intents: number
	/** Orders that the venue took: entries and exits, and stops and targets. */
	orders: number
	resting: number
	fills: number
	/** Orders about whose outcome the system had to ask the venue. */
	unknown: number
	halts: number
	/** Verdicts of the governor by reason. */
	verdicts: Readonly<Record<string, number>>
	tended: Readonly<Record<string, number>>
	findings: readonly Finding[]
}>

/** Orders that somebody asked for by the client id that they were sent with: their outcome was not known. */
const askedFor = (log: readonly VenueRecord[]): number =>
	new Set(
		log.flatMap(({method, path, params = {}}) => {
			if (method !== 'GET') return []
			if (path === '/fapi/v1/order') return params.origClientOrderId ?? []
			return path === '/fapi/v1/algoOrder' ? (params.clientAlgoId ?? []) : []
		}),
	).size

/** What the venue's own log says of a run. */
export const venueCounts = (
	log: readonly VenueRecord[],
): Pick<ChaosReport, 'orders' | 'resting' | 'fills' | 'unknown'> => {
	const taken = creations(log).filter(({http}) => http === 200)
	const orders = taken.filter(({path}) => path === '/fapi/v1/order').length
	return {orders, resting: taken.length - orders, fills: fillsOf(log).length, unknown: askedFor(log)}
}

export const violations = ({findings}: ChaosReport): number =>
	findings.reduce((sum, {problems}) => sum + problems.length, 0)

const PROBLEMS_SHOWN = 20

const kindTable = (faults: readonly Struck[]): string => {
	const counts = new Map<string, {done: number; missed: number}>()
	for (const {kind, done} of faults) {
		const row = counts.get(kind) ?? {done: 0, missed: 0}
		row[done ? 'done' : 'missed'] += 1
		counts.set(kind, row)
	}
	return markdownTable(
		['Kind', 'Done', 'Missed'],
		[...counts]
			.sort(([, one], [, other]) => other.done - one.done)
			.map(([kind, {done, missed}]) => [kind, String(done), missed === 0 ? '' : String(missed)]),
	)
}

const findingRow = ({guarantee, says, problems}: Finding): readonly string[] => [
	...[guarantee, says, problems.length === 0 ? 'holds' : `**${problems.length} violations**`],
]

const problemList = (findings: readonly Finding[]): string =>
	findings
		.filter(({problems}) => problems.length > 0)
		.map(({says, problems}) => {
			const shown = problems.slice(0, PROBLEMS_SHOWN).map(problem => `- ${problem}`)
			const more = problems.length - shown.length
			return `\n### Against: ${says}\n\n${[...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')}\n`
		})
		.join('')

const countTable = (what: string, times: string, counts: Readonly<Record<string, number>>): string =>
	markdownTable(
		[what, times],
		Object.entries(counts)
			.sort(([, one], [, other]) => other - one)
			.map(([name, count]) => [literal(name), String(count)]),
	)

/** The run as a document. */
export const reportText = (report: ChaosReport): string => {
	const {seed, minutes, machine, faults, intents, orders, resting, fills, unknown, halts, verdicts, tended, findings} =
		report
	const done = faults.filter(fault => fault.done).length
	return `# Chaos, seed ${seed}

${minutes} minutes of faults against the whole system on PAPER; ${machine}. Repeat it: \`npm run chaos -- --seed ${seed} --minutes ${minutes}\`. The schedule of faults is the same each time; what they meet is not, since the processes are real.

- ${done} faults were done, ${faults.length - done} found nothing to be done to.
- ${intents} intents; ${orders} market orders, ${resting} stops and targets taken by the venue; ${fills} fills.
- ${unknown} orders whose outcome was unknown and had to be asked for.
- ${halts} confirmed kills by an operator.

${violations(report) === 0 ? 'Every invariant holds.' : `**${violations(report)} violations.**`}

${markdownTable(['Guarantee', 'What must hold', ''], findings.map(findingRow))}
${problemList(findings)}
## Faults

${kindTable(faults)}

## What the operator did beside them

${countTable('What', 'Times', tended)}

## Verdicts of the governor

${countTable('Reason', 'Plans', verdicts)}
`
}
