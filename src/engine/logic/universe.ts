import type {Policy} from '../contracts/policy.js'

/** A symbol as the venue lists it. */
export type Listing = Readonly<{
	/** It trades now, as a perpetual. */
	tradable: boolean
	/** Of the last 24 hours. */
	quote_volume_usdt: number
	/** Left out while its book has not both sides. */
	spread_bps?: number
}>
export type Listings = Readonly<Record<string, Listing>>

/** Why a symbol of the allowlist is exits only, the first that applies. */
export const EXITS_ONLY = ['NOT_LISTED', 'NOT_TRADING', 'VOLUME_LOW', 'NOT_IN_TOP10'] as const
export type ExitsOnly = (typeof EXITS_ONLY)[number]
export type Standing = Readonly<{
	/** It may open; if not, `reason` says why. */
	open: boolean
	reason?: ExitsOnly
	quote_volume_usdt: number
	spread_bps?: number
	sector?: string
}>
export type Universe = Readonly<Record<string, Standing>>

type Rules = Pick<Policy, 'allowlist' | 'universe' | 'sectors'>

/** The first sector that names the symbol; undefined for a symbol of none. */
export const sectorOf = (symbol: string, sectors: Policy['sectors']): string | undefined =>
	Object.keys(sectors).find(name => sectors[name]?.includes(symbol))

const TOP = 10

const refusal = (listing: Listing | undefined, volume_min_usdt: number): ExitsOnly | undefined => {
	if (!listing) return 'NOT_LISTED'
	if (!listing.tradable) return 'NOT_TRADING'
	return listing.quote_volume_usdt < volume_min_usdt ? 'VOLUME_LOW' : undefined
}

/** The most traded first; of equal ones the one with the narrower spread, then by name. */
const byRank = ([one, left]: readonly [string, Listing], [other, right]: readonly [string, Listing]): number =>
	right.quote_volume_usdt - left.quote_volume_usdt ||
	(left.spread_bps ?? Number.MAX_VALUE) - (right.spread_bps ?? Number.MAX_VALUE) ||
	(one < other ? -1 : 1)

const topOf = (symbols: readonly string[], listings: Listings): ReadonlySet<string> => {
	const listed = symbols.flatMap(symbol => {
		const listing = listings[symbol]
		return listing ? [[symbol, listing] as const] : []
	})
	return new Set(
		listed
			.sort(byRank)
			.slice(0, TOP)
			.map(([symbol]) => symbol),
	)
}

/** How each symbol of the allowlist stands. What the allowlist does not name is not in it, and never opens. */
export const universeOf = ({allowlist, universe, sectors}: Rules, listings: Listings): Universe => {
	const symbols = [...new Set(allowlist)].sort()
	const refused = new Map(
		symbols.map(symbol => [symbol, refusal(listings[symbol], universe.quote_volume_min_usdt)] as const),
	)
	const eligible = symbols.filter(symbol => refused.get(symbol) === undefined)
	const top = universe.mode === 'TOP10' ? topOf(eligible, listings) : new Set(eligible)
	return Object.fromEntries(
		symbols.map(symbol => {
			const reason = refused.get(symbol) ?? (top.has(symbol) ? undefined : 'NOT_IN_TOP10')
			const {quote_volume_usdt = 0, spread_bps} = listings[symbol] ?? {}
			const sector = sectorOf(symbol, sectors)
			const standing: Standing = {
				open: reason === undefined,
				...(reason && {reason}),
				quote_volume_usdt,
				...(spread_bps !== undefined && {spread_bps}),
				...(sector !== undefined && {sector}),
			}
			return [symbol, standing]
		}),
	)
}

/** In a word: OPEN, the reason for exits only, or REMOVED for what the allowlist does not name. */
export const standingText = (standing: Standing | undefined): string =>
	standing === undefined ? 'REMOVED' : (standing.reason ?? 'OPEN')
