import {idTime} from '../bus/stream-id.js'

/** One entry on the way from a tick to an order, with the id under which the server accepted it. */
export type Link = Readonly<{stream: string; stream_id: string}>
/** The way of one order, from its source to the result. */
export type OrderWay = Readonly<{
	plan_id: string
	links: readonly Link[]
	/** It begins with the market, so that it is the way from tick to order. */
	from_market: boolean
	/** From the permit taken to the venue's answer, ms; null where the sender did not say. */
	venue_ms: number | null
}>
export type StageLatency = Readonly<{from: string; to: string; ms: number}>
export type Latency = Readonly<{total_ms: number; stages: readonly StageLatency[]}>

/** Machine time by the server's clock between the entries of a way; undefined for fewer than two. */
export const latencyOf = (links: readonly Link[]): Latency | undefined => {
	const [first] = links
	const last = links.at(-1)
	if (!first || !last || first === last) return undefined
	const stages = links.slice(1).map((link, index) => {
		const before = links[index] ?? link
		return {from: before.stream, to: link.stream, ms: idTime(link.stream_id) - idTime(before.stream_id)}
	})
	return {total_ms: idTime(last.stream_id) - idTime(first.stream_id), stages}
}

/** Nearest-rank percentile; undefined for none. */
export const percentile = (values: readonly number[], share: number): number | undefined =>
	[...values].sort((left, right) => left - right)[Math.max(0, Math.ceil(share * values.length) - 1)]
