import type {Tick} from './quote.js'

/** The middle of a book, and machine time at which it arrived, ms. */
export type Mid = Readonly<{mid: number; received_ms: number}>
/** Of one symbol: ours, and by name those of the other exchanges. JSON. */
export type Mids = Readonly<{ours?: Mid; others: Readonly<Record<string, Mid>>}>

/** A quote is confirmed every few seconds; one that was not for so long (machine time) is of an exchange that is gone. */
export const FRESH_MS = 10_000
/** What has been silent for this long is forgotten: it is called otherwise by now, or not asked any more. */
const FORGOTTEN_MS = 3_600_000

export const midOf = ({bid, ask, received_ms}: Pick<Tick, 'bid' | 'ask' | 'received_ms'>): Mid => ({
	mid: (Number(bid) + Number(ask)) / 2,
	received_ms,
})

export const withOther = (mids: Mids, source: string, mid: Mid): Mids => {
	const known = Object.entries(mids.others).filter(([, {received_ms}]) => mid.received_ms - received_ms < FORGOTTEN_MS)
	return {...mids, others: {...Object.fromEntries(known), [source]: mid}}
}

/** The middle one, or the middle of the two in the middle. @param values at least one */
export const medianOf = (values: readonly number[]): number => {
	const sorted = [...values].sort((one, other) => one - other)
	const half = Math.floor(sorted.length / 2)
	const upper = sorted[half] ?? Number.NaN
	return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2
}

export type Reference = Readonly<{
	/** Median of the mids that are fresh. */
	price: number
	sources: number
	/** Ours from the median of the others, basis points of it, signed; left out unless both are fresh. */
	divergence_bps?: number
}>

/** What the symbol is worth by all that is fresh at a machine time; undefined where nothing is. */
export const referenceOf = ({ours, others}: Mids, machine_ms: number): Reference | undefined => {
	const fresh = ({received_ms}: Mid) => Math.abs(machine_ms - received_ms) <= FRESH_MS
	const theirs = Object.values(others)
		.filter(fresh)
		.map(({mid}) => mid)
	const own = ours && fresh(ours) ? ours.mid : undefined
	const all = own === undefined ? theirs : [own, ...theirs]
	if (all.length === 0) return undefined
	const reference = {price: medianOf(all), sources: all.length}
	if (own === undefined || theirs.length === 0) return reference
	const median = medianOf(theirs)
	return {...reference, divergence_bps: Math.round(((own - median) / median) * 1_000_000) / 100}
}
