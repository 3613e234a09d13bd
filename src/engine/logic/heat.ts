import {rounded} from './decimal-text.js'

/** Plans by minute of venue time: an hour of them is small, however many there were. */
export type PlanCounts = Readonly<Record<string, number>>

const MINUTE_MS = 60_000
const HOUR_MINUTES = 60
const minuteOf = (now_ms: number): number => Math.floor(now_ms / MINUTE_MS)

/** The counts of the last 60 minutes, the current one included; the same record when nothing fell out of it. */
export const withinHour = (counts: PlanCounts, now_ms: number): PlanCounts => {
	const now = minuteOf(now_ms)
	const kept = Object.entries(counts).filter(([minute]) => Math.abs(now - Number(minute)) < HOUR_MINUTES)
	return kept.length === Object.keys(counts).length ? counts : Object.fromEntries(kept)
}

export const withPlan = (counts: PlanCounts, now_ms: number): PlanCounts => {
	const minute = String(minuteOf(now_ms))
	const within = withinHour(counts, now_ms)
	return {...within, [minute]: (within[minute] ?? 0) + 1}
}

export const plansIn = (counts: PlanCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** From 0 (cold) to 1 (fully hot): what is used of what counts as hot. */
export const heatOf = (used: number, hot: number): number => rounded(Math.min(1, Math.max(0, used) / hot))

/** Harvests close this many times their usual part: as usual when cold, twice as much when fully hot. */
export const factorOf = (heat: number): number => rounded(1 + heat)

/** A part of a position after heat: never more than the whole. */
export const heated = (close_share: number, factor: number): number => rounded(Math.min(1, close_share * factor))
