import type {Policy} from '../contracts/policy.js'
import type {Clusters} from './clusters.js'
import {type Exact, exact, textOf, zero} from './exact.js'

/** A position as exposure: its value with a sign, USDT. */
export type Exposed = Readonly<{symbol: string; amount: string; notional_usdt: string}>
export type Usage = Readonly<{scope: string; used_share: number; limit_share: number; broken: boolean}>
/** A part of a position to close: size in base units, without a sign. */
export type Reduction = Readonly<{symbol: string; quantity: string; scope: string}>
type Balance = Policy['balance']

/** One cap over a sum of positions: of their sizes, or of what is left when shorts are taken from longs. */
type Cap = Readonly<{
	scope: string
	share_max: number
	/** Whether a position counts in it. */
	counts: (symbol: string) => boolean
	gross: boolean
}>
type Values = ReadonlyMap<string, Exact>

const SHARE_PLACES = 8
const SIZE_PLACES = 18
const UP = 0
/** Passes over all caps: a reduction under one of them may break another. Then everything is scaled down instead. */
const PASSES_MAX = 50

const capsOf = (clusters: Clusters, balance: Balance): readonly Cap[] => [
	...Object.keys(clusters)
		.sort()
		.map(name => {
			const members = new Set(clusters[name] ?? [])
			const counts = (symbol: string): boolean => members.has(symbol)
			return {scope: `cluster.${name}`, share_max: balance.cluster_share_max, counts, gross: false}
		}),
	{scope: 'net', share_max: balance.net_share_max, counts: () => true, gross: false},
	{scope: 'gross', share_max: balance.gross_share_max, counts: () => true, gross: true},
]

const sumOf = (values: Values, {counts, gross}: Cap): Exact =>
	[...values].reduce((sum, [symbol, value]) => (counts(symbol) ? sum.add(gross ? value.abs() : value) : sum), zero)

const valuesOf = (positions: readonly Exposed[]): Values =>
	new Map(positions.map(({symbol, notional_usdt}) => [symbol, exact(notional_usdt)]))

/** What is used of each cap, over equity: clusters by name, net, gross. Net figures keep their sign. */
export const usageOf = (
	positions: readonly Exposed[],
	clusters: Clusters,
	equity_usdt: string,
	balance: Balance,
): readonly Usage[] => {
	const values = valuesOf(positions)
	return capsOf(clusters, balance).map(cap => {
		const share = sumOf(values, cap).div(equity_usdt)
		const used_share = share.toDecimalPlaces(SHARE_PLACES).toNumber()
		return {scope: cap.scope, used_share, limit_share: cap.share_max, broken: share.abs().gt(cap.share_max)}
	})
}

/** Takes from the largest positions on the heavy side until a sum is what it may be. */
const lowered = (values: Values, cap: Cap, allowed: Exact): Values => {
	const sum = sumOf(values, cap)
	const heavy = sum.isPositive() ? 1 : -1
	const after = new Map(values)
	let excess = sum.abs().sub(allowed)
	const candidates = [...values]
		.filter(
			([symbol, value]) => cap.counts(symbol) && !value.isZero() && (cap.gross || value.isPositive() === heavy > 0),
		)
		.sort(([first, a], [second, b]) => b.abs().comparedTo(a.abs()) || (first < second ? -1 : 1))
	for (const [symbol, value] of candidates) {
		if (excess.lte(0)) break
		const taken = excess.lt(value.abs()) ? excess : value.abs()
		after.set(symbol, value.sub(taken.mul(value.isPositive() ? 1 : -1)))
		excess = excess.sub(taken)
	}
	return after
}

/** Every sum shrinks with its parts: scaled like this, all caps hold. */
const scaled = (values: Values, caps: readonly Cap[], equity: Exact, reduce_to: number): Values => {
	const room = caps.map(cap => {
		const used = sumOf(values, cap).abs()
		return used.isZero() ? exact(1) : equity.mul(cap.share_max).mul(reduce_to).div(used)
	})
	const factor = room.reduce((least, one) => (one.lt(least) ? one : least), exact(1))
	return new Map([...values].map(([symbol, value]) => [symbol, value.mul(factor)]))
}

/**
 * The reductions that bring every cap that is passed to `reduce_to` of it, the largest positions first, so that few
 * of them are touched; caps that hold still hold afterwards. Nothing is closed beyond its size, and nothing at all
 * while no cap is passed or there is no equity to compare with.
 */
export const reductionsFor = (
	positions: readonly Exposed[],
	clusters: Clusters,
	equity_usdt: string,
	balance: Balance,
): readonly Reduction[] => {
	const equity = exact(equity_usdt)
	if (equity.lte(0)) return []
	const caps = capsOf(clusters, balance)
	const before = valuesOf(positions)
	const passed = (values: Values): Cap | undefined =>
		caps.find(cap => sumOf(values, cap).abs().gt(equity.mul(cap.share_max)))
	const why = new Map<string, string>()
	let values = before
	for (let pass = 0; pass < PASSES_MAX; pass += 1) {
		const cap = passed(values)
		if (!cap) break
		const after = lowered(values, cap, equity.mul(cap.share_max).mul(balance.reduce_to))
		for (const [symbol, value] of after)
			if (!why.has(symbol) && !value.eq(values.get(symbol) ?? zero)) why.set(symbol, cap.scope)
		values = after
	}
	const last = passed(values)
	if (last) values = scaled(values, caps, equity, balance.reduce_to)
	return positions.flatMap(({symbol, amount}) => {
		const [old, fresh] = [before.get(symbol) ?? zero, values.get(symbol) ?? zero]
		if (old.isZero() || fresh.eq(old)) return []
		const size = exact(amount).abs()
		const quantity = size.mul(old.sub(fresh).div(old)).toDecimalPlaces(SIZE_PLACES, UP)
		if (quantity.lte(0)) return []
		const scope = why.get(symbol) ?? last?.scope ?? 'gross'
		return [{symbol, quantity: textOf(quantity.gt(size) ? size : quantity), scope}]
	})
}

/** A position with a part of it closed, for what is on its way to be. */
export const lessened = (position: Exposed, quantity: string): Exposed => {
	const size = exact(position.amount).abs()
	if (size.isZero()) return position
	const left = size.sub(quantity)
	const share = left.lte(0) ? zero : left.div(size)
	return {
		...position,
		amount: textOf(exact(position.amount).mul(share)),
		notional_usdt: textOf(exact(position.notional_usdt).mul(share)),
	}
}
