import {median} from './bench.js'

/** One look at a running system. */
export type Look = Readonly<{
	/** Machine age of the oldest entry that a reader has not been given, by the worst reader, ms. */
	oldest_unread_ms: number
	worst: string
	/** Entries not handled yet, of all readers; null when that cannot be known. */
	backlog: number | null
	/** Machine time since what the oldest of the newest quotes tells of, ms. */
	oldest_quote_ms: number
}>

const PARTS = 3
/** The first and the last third of a run: what grows shows there. */
export const thirdsOf = <Item>(items: readonly Item[]): readonly [first: readonly Item[], last: readonly Item[]] => {
	const third = Math.max(1, Math.floor(items.length / PARTS))
	return [items.slice(0, third), items.slice(-third)]
}

const GROWTH_MAX = 1.5
const CALM_MS = 1_000
/** What the last third may come to: half as much again as the first, and a second whatever the first was. */
export const lagCeiling = (first: readonly number[]): number =>
	first.length === 0 ? CALM_MS : Math.max(CALM_MS, GROWTH_MAX * median(first))

const USER_FIELD = 11
/** Processor time of a process out of `/proc/<pid>/stat`, clock ticks (proc(5): utime and stime, after the name). */
export const cpuTicksOf = (stat: string): number => {
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
	return Number(fields[USER_FIELD]) + Number(fields[USER_FIELD + 1])
}

/** Share of one core by process. */
export type Profile = ReadonlyMap<string, number>

const PERCENT = 100
const percent = (share: number): string => `${Math.round(share * PERCENT)} %`

/** Such as `host-core 92 %, redis 40 %; all 180 % of 2 cores`, the busiest first. */
export const profileText = (profile: Profile, cores: number): string => {
	const busiest = [...profile].sort(([, one], [, other]) => other - one)
	const sum = busiest.reduce((total, [, share]) => total + share, 0)
	const each = busiest.map(([name, share]) => `${name} ${percent(share)}`).join(', ')
	return `${each}; all ${percent(sum)} of ${cores} cores`
}

/** The share of the ticks asked for from which a machine has held them. */
export const HELD = 0.95
const FULL = 0.9
/** Why a machine gave fewer ticks than were asked for, or nothing. */
export const shortfallText = (
	rate: number,
	asked: number,
	profile: Profile,
	load_1m: number,
	cores: number,
): string[] => {
	if (rate >= asked * HELD) return []
	const full = [...profile].filter(([, share]) => share >= FULL).map(([name]) => name)
	const sum = [...profile.values()].reduce((total, share) => total + share, 0)
	const why =
		full.length > 0
			? `${full.join(' and ')} had a core of its own and no more`
			: `no process had a whole core, ours together ${percent(sum)} of one, with a load of ${load_1m.toFixed(1)} on ${cores} cores`
	return [`this machine did not hold ${Math.round(asked)} ticks/s, but ${Math.round(rate)}: ${why}`]
}
