import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {cpus, loadavg} from 'node:os'
import {setTimeout as pause} from 'node:timers/promises'
import {openState, type State} from '../daemon/client/state.js'
import {readBacklog} from '../daemon/client/watch-state.js'
import {SYMBOLS as EIGHT} from '../daemon/system/settings.js'
import {keys} from '../engine/contracts/keys.js'
import {features, marketTick} from '../engine/contracts/streams/market.js'
import {type Bench, type BenchResult, spreadOf} from './bench.js'
import {symbolsOf} from './exit-positions.js'
import {Outcomes, place, refusalsText} from './hand-intents.js'
import {cpuTicksOf, HELD, type Look, lagCeiling, type Profile, profileText, shortfallText, thirdsOf} from './lag.js'
import {movesPerSecond} from './market-moves.js'
import {waysOf} from './order-ways.js'
import {OwnSystem} from './own-system.js'
import {widePolicy} from './wide-policy.js'

const WIDTH = 50
const SYMBOLS = [...EIGHT, ...symbolsOf(WIDTH - EIGHT.length)]
const TICK_MS = 100
const QUOTES_PER_S = (WIDTH * 1_000) / TICK_MS
const MINUTES = 10
const MINUTE_MS = 60_000
const LOOK_EVERY_MS = 1_000
/** How long the candles of the past may take, before anything is measured; then it begins nevertheless. */
const WARMED_UP_WITHIN_MS = 5 * MINUTE_MS
/** Nobody is farther behind than this. */
const CALM_MS = 1_000
/** Enough for the clusters of the portfolio: 64 candles of 15 minutes. */
const WARMUP_MS = 16 * 60 * MINUTE_MS
/** Of USER_HZ, which is 100 on every Linux that Node runs on (time(7)). */
const CPU_TICKS_PER_S = 100

const SEED = 1
const settings = {
	symbols: SYMBOLS,
	market: {kind: 'synthetic' as const, seed: SEED, tick_interval_ms: TICK_MS, warmup_ms: WARMUP_MS},
}

/** Processor time of each process of the system, s; what went away meanwhile is left out. */
const cpuSeconds = async (system: OwnSystem): Promise<Map<string, number>> => {
	const seconds = new Map<string, number>()
	for (const {name, pid} of await system.processes()) {
		const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
		if (stat !== undefined) seconds.set(name, cpuTicksOf(stat) / CPU_TICKS_PER_S)
	}
	const {user, system: kernel} = process.cpuUsage()
	return seconds.set('bench', (user + kernel) / 1e6)
}

/** What the oldest of all newest quotes tells of lies so long ago, by the venue's clock, machine ms. */
const oldestQuoteMs = async (system: OwnSystem, now_ms: number): Promise<number> => {
	const {venue_ms, machine_ms, speed} = await system.hash(keys.clock, {})
	const venue_now_ms = Number(venue_ms) + (now_ms - Number(machine_ms)) * Number(speed)
	const quotes = await Promise.all(SYMBOLS.map(symbol => system.hash(keys.marketQuote, {symbol})))
	return Math.max(...quotes.map(quote => (venue_now_ms - Number(quote.venue_ms ?? 0)) / Number(speed)))
}

const look = async (system: OwnSystem, state: State): Promise<Look> => {
	const oldest_quote_ms = await oldestQuoteMs(system, Date.now())
	const {oldest_ms, worst, entries} = await readBacklog(state, Date.now())
	return {oldest_unread_ms: oldest_ms ?? 0, worst, backlog: entries, oldest_quote_ms}
}

/** Waits until the candles of the past are worked off, or no longer; says how long that took, s. */
const warmedUp = async (state: State, within_ms: number): Promise<number> => {
	const begun = performance.now()
	for (;;) {
		const {oldest_ms} = await readBacklog(state, Date.now())
		const waited_ms = performance.now() - begun
		if ((oldest_ms ?? 0) < CALM_MS || waited_ms > within_ms) return waited_ms / 1_000
		await pause(LOOK_EVERY_MS)
	}
}

/** Looks, and writes an intent at each look: each symbol is opened in turn, then closed. */
const watch = async (system: OwnSystem, state: State, ms: number) => {
	const looks: Look[] = []
	const intents = new Map<string, number>()
	const begun = performance.now()
	for (let n = 0; performance.now() - begun < ms; n += 1) {
		const action = Math.floor(n / WIDTH) % 2 === 0 ? 'OPEN' : 'CLOSE'
		for (const id of await place(system, [{symbol: SYMBOLS[n % WIDTH] ?? '', action}]))
			intents.set(id, Number(id.split('-')[0]))
		looks.push(await look(system, state))
		await pause(Math.max(0, begun + (n + 1) * LOOK_EVERY_MS - performance.now()))
	}
	return {looks, intents}
}

const profileOf = (before: Map<string, number>, after: Map<string, number>, seconds: number): Profile =>
	new Map([...after].map(([name, used]) => [name, (used - (before.get(name) ?? 0)) / seconds]))

const run = async (system: OwnSystem, ms: number): Promise<BenchResult> => {
	await system.start()
	const {close, ...state} = await openState(system.home)
	try {
		const warm_s = await warmedUp(state, Math.min(WARMED_UP_WITHIN_MS, ms))
		const counted = () => Promise.all([marketTick, features].map(({name}) => system.taken(name)))
		const [begun, before, cpu] = [performance.now(), await counted(), await cpuSeconds(system)]
		const {looks, intents} = await watch(system, state, ms)
		const seconds = (performance.now() - begun) / 1_000
		const [profile, after] = [profileOf(cpu, await cpuSeconds(system), seconds), await counted()]
		const [rate = 0, vectors = 0] = after.map((count, at) => (count - (before[at] ?? 0)) / seconds)
		const late = await new Outcomes(system)
			.settled([...intents.keys()])
			.then(refusalsText, (error: Error) => [error.message])
		const ways = await waysOf(system, intents)
		const [first, last] = thirdsOf(looks)
		const spread = (name: string, of: readonly Look[], figure: (look: Look) => number, ceiling?: number) =>
			spreadOf(name, 'ms', of.map(figure), ceiling)
		const unread = ({oldest_unread_ms}: Look) => oldest_unread_ms
		const quote = ({oldest_quote_ms}: Look) => oldest_quote_ms
		const moves = movesPerSecond({seed: SEED, symbols: SYMBOLS, tick_interval_ms: TICK_MS})
		const worst = looks.toSorted((one, other) => unread(other) - unread(one))[0]
		const load_1m = loadavg()[0] ?? 0
		return {
			measurements: [],
			ratios: [],
			floors: [{name: 'ticks seen', value: rate, unit: 'ticks/s', floor: moves * HELD}],
			spreads: [
				spread('oldest unread, first third', first, unread),
				spread('oldest unread, last third', last, unread, lagCeiling(first.map(unread))),
				spread('oldest quote, first third', first, quote),
				spread('oldest quote, last third', last, quote, lagCeiling(first.map(quote))),
				spreadOf(
					'intent to verdict meanwhile',
					'ms',
					ways.map(({to_verdict}) => to_verdict),
				),
				spreadOf(
					'intent to accepted meanwhile',
					'ms',
					ways.map(({to_accepted}) => to_accepted),
				),
			],
			notes: [
				...late,
				`${QUOTES_PER_S} quotes/s, of which ${Math.round(moves)} move bid, ask or mark price: the others are no ticks`,
				...shortfallText(rate, moves, profile, load_1m, cpus().length),
				`the candles of the past took ${warm_s.toFixed(0)} s before it, ${Math.min(WARMED_UP_WITHIN_MS, ms) / 1_000} s at most`,
				`over ${(seconds / 60).toFixed(1)} min: ${vectors.toFixed(1)} feature vectors/s; ${ways.length} of ${intents.size} intents became orders`,
				`processor time: ${profileText(profile, cpus().length)}`,
				`farthest behind: ${worst?.worst ?? 'nobody'}, ${Math.round(worst?.oldest_unread_ms ?? 0)} ms; entries not handled at the end: ${looks.at(-1)?.backlog ?? 'unknown'}`,
			],
		}
	} finally {
		await close()
	}
}

export const scale: Bench = {
	name: 'scale',
	summary: `A whole system at ${WIDTH} symbols, ${QUOTES_PER_S} quotes/s: whether it holds them, and what falls behind.`,
	run: async ({scale: share}) => {
		if (!existsSync('/proc/self/stat'))
			return {
				measurements: [],
				ratios: [],
				floors: [],
				notes: ['processor time is read from /proc, which this system does not have'],
			}
		const system = await OwnSystem.make(widePolicy(SYMBOLS), settings)
		try {
			return await run(system, MINUTES * MINUTE_MS * share)
		} finally {
			await system.close()
		}
	},
}
