import {type Correlations, pairName} from './correlation.js'

/** Symbols in order, by the first of them. */
export type Clusters = Readonly<Record<string, readonly string[]>>

/** Symbols that correlate by this much on average are one cluster. */
export const TOGETHER_FROM = 0.7

/**
 * How far apart two symbols are, 0 to 1: the root of (1 - correlation) / 2 (Rosario Mantegna, Hierarchical Structure in
 * Financial Markets, 1999, in the scale of Marcos Lopez de Prado, Building Diversified Portfolios that Outperform Out of
 * Sample, 2016). A pair whose correlation is not known is as far apart as one without any.
 */
export const distanceOf = (correlation: number | undefined): number => Math.sqrt((1 - (correlation ?? 0)) / 2)

const CUT = distanceOf(TOGETHER_FROM)

type Group = readonly string[]

const between = (one: Group, other: Group, correlations: Correlations): number => {
	let sum = 0
	for (const left of one) for (const right of other) sum += distanceOf(correlations[pairName(left, right)])
	return sum / (one.length * other.length)
}

type Closest = Readonly<{one: Group; other: Group; distance: number}>

/** The two groups that are closest, the first of equal ones; undefined where there is only one. */
const closestOf = (groups: readonly Group[], correlations: Correlations): Closest | undefined => {
	let closest: Closest | undefined
	for (const [index, one] of groups.entries())
		for (const other of groups.slice(index + 1)) {
			const distance = between(one, other, correlations)
			if (!closest || distance < closest.distance) closest = {one, other, distance}
		}
	return closest
}

const byName = ([one = '']: Group, [other = '']: Group): number => (one < other ? -1 : 1)

/**
 * Agglomerative clustering with average linkage (UPGMA; Sokal and Michener, 1958): the two closest groups become one,
 * until the closest are farther apart than symbols that correlate by `TOGETHER_FROM`. The order of the symbols does not
 * matter.
 */
export const clustersOf = (symbols: readonly string[], correlations: Correlations): Clusters => {
	let groups: readonly Group[] = [...new Set(symbols)].sort().map(symbol => [symbol])
	for (;;) {
		const closest = closestOf(groups, correlations)
		if (!closest || closest.distance > CUT) break
		const {one, other} = closest
		const merged = [...one, ...other].sort()
		groups = [...groups.filter(group => group !== one && group !== other), merged].sort(byName)
	}
	return Object.fromEntries(groups.map(group => [group[0] ?? '', group]))
}
