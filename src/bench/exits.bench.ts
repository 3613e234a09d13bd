import {setTimeout as pause} from 'node:timers/promises'
import {idTime} from '../engine/bus/stream-id.js'
import {positionSnapshot} from '../engine/contracts/streams/account.js'
import {marketTick} from '../engine/contracts/streams/market.js'
import {type Bench, type Contender, inTurn, type Sample, sampleOf, spreadOf} from './bench.js'
import {
	CALM_PRICE,
	CROSSED_PRICE,
	type Crossing,
	decisionsOf,
	positionFields,
	symbolsOf,
	tickFields,
	turnOf,
} from './exit-positions.js'
import {LoneBrain} from './lone-brain.js'

const POSITIONS = 50
const SYMBOLS = symbolsOf(POSITIONS)
/** Each symbol ticks ten times a second, five of them in each slot. */
const SLOT_MS = 10
const SLOT_SYMBOLS = 5
const SLOTS_PER_TURN = POSITIONS / SLOT_SYMBOLS
/** A position lives for two seconds. */
const TURNS = 20
const PACED_MS = 60_000
const BURSTS = 40
const DRAINED_TICKS = 20_000

const open = async (brain: LoneBrain, life: number, is_open = true): Promise<void> => {
	const now_ms = Date.now()
	await brain.append(SYMBOLS.map(symbol => [positionSnapshot.name, positionFields(symbol, life, is_open, now_ms)]))
	await brain.drained(positionSnapshot.name)
}

const started = async (redis_url: string, prefix: string): Promise<LoneBrain> => {
	const brain = new LoneBrain(redis_url, prefix)
	await brain.until('the unit to begin', async () => brain.loop.ready)
	await open(brain, 0, false)
	return brain
}

/** Ticks for all at their pace, in which each position in its turn crosses its stop: how long until its plan, ms. */
const paced = async (redis_url: string, ms: number) => {
	const brain = await started(redis_url, 'paced:')
	try {
		const crossings: Crossing[] = []
		const isOpen = new Set<string>()
		const begun = performance.now()
		// Whole lives, so that each one that opens is decided upon.
		const slots = Math.ceil(ms / (TURNS * SLOTS_PER_TURN * SLOT_MS)) * TURNS * SLOTS_PER_TURN + SLOTS_PER_TURN
		for (let slot = 0; slot < slots; slot += 1) {
			const round = Math.floor(slot / SLOTS_PER_TURN)
			const from = (slot % SLOTS_PER_TURN) * SLOT_SYMBOLS
			const rows = SYMBOLS.slice(from, from + SLOT_SYMBOLS).map((symbol, at) => {
				const turn = turnOf(from + at, POSITIONS, round, TURNS)
				const now_ms = Date.now()
				const changes = turn === 'open' || turn === 'flat'
				if (changes) isOpen[turn === 'open' ? 'add' : 'delete'](symbol)
				const fields = changes
					? positionFields(symbol, round, turn === 'open', now_ms)
					: tickFields(symbol, round, turn === 'calm' ? CALM_PRICE : CROSSED_PRICE, now_ms)
				const crosses = turn === 'cross' && isOpen.has(symbol)
				return {symbol, crosses, row: [changes ? positionSnapshot.name : marketTick.name, fields] as const}
			})
			const ids = await brain.append(rows.map(({row}) => row))
			for (const [at, {symbol, crosses}] of rows.entries()) if (crosses) crossings.push({symbol, id: ids[at] ?? ''})
			await pause(Math.max(0, begun + (slot + 1) * SLOT_MS - performance.now()))
		}
		const per_s = (slots * SLOT_SYMBOLS) / ((performance.now() - begun) / 1_000)
		await brain.drained(marketTick.name)
		return {per_s, crossings: crossings.length, times: decisionsOf(crossings, await brain.plans())}
	} finally {
		await brain.close()
	}
}

/** The whole market falls through all stops with one message each, at one moment: ms from the first to each plan. */
const bursts = async (redis_url: string, count: number): Promise<number[]> => {
	const brain = await started(redis_url, 'burst:')
	try {
		const times: number[] = []
		for (let life = 1; life <= count; life += 1) {
			await open(brain, life)
			const now_ms = Date.now()
			const before = await brain.planned()
			const ids = await brain.append(
				SYMBOLS.map(symbol => [marketTick.name, tickFields(symbol, life, CROSSED_PRICE, now_ms)]),
			)
			await brain.until('a plan for each position', async () => (await brain.planned()) >= before + POSITIONS)
			const plans = (await brain.plans()).slice(before)
			times.push(...plans.map(({id}) => idTime(id) - idTime(ids[0] ?? '')))
			await open(brain, life, false)
		}
		return times
	} finally {
		await brain.close()
	}
}

/** Ticks of calm prices that lie there already, over 50 open positions. */
const drainSample = async (redis_url: string, count: number, looked: number[]): Promise<Sample> => {
	const brain = await started(redis_url, 'drain:')
	try {
		await open(brain, 1)
		const before = brain.loop.runner.handled
		const sample = await sampleOf(brain.redis, count, async () => {
			const now_ms = Date.now()
			const rows = Array.from(
				{length: count},
				(_, n) => [marketTick.name, tickFields(SYMBOLS[n % POSITIONS] ?? '', n, CALM_PRICE, now_ms)] as const,
			)
			await brain.append(rows)
			await brain.drained(marketTick.name)
		})
		looked.push((brain.loop.runner.handled - before) / count)
		return sample
	} finally {
		await brain.close()
	}
}

export const exits: Bench = {
	name: 'exits',
	summary: `The owner of exits over ${POSITIONS} open positions: from the tick that crosses a stop to the plan to close.`,
	run: async ({redis_url, scale, rounds}) => {
		const count = Math.max(POSITIONS, Math.round(DRAINED_TICKS * scale))
		const looked: number[] = []
		const drains: Contender = {
			name: 'ticks appended and read',
			unit: 'ticks/s',
			measure: () => drainSample(redis_url, count, looked),
		}
		const {per_s, crossings, times} = await paced(redis_url, PACED_MS * scale)
		const burst = await bursts(redis_url, Math.max(1, Math.round(BURSTS * scale)))
		const measurements = await inTurn([drains], rounds)
		const share = looked.reduce((sum, part) => sum + part, 0) / looked.length
		return {
			measurements,
			ratios: [],
			floors: [],
			spreads: [
				spreadOf('tick to exit plan', 'ms', times),
				spreadOf(`the same, all ${POSITIONS} at once`, 'ms', burst),
			],
			notes: [
				`${Math.round(per_s)} ticks and positions/s (asked for: ${(1_000 / SLOT_MS) * SLOT_SYMBOLS}); ${times.length} of ${crossings} crossings were decided`,
				`a tick that a newer one of its symbol overtook in the same read is not looked at: ${Math.round(share * 100)} % were, when ${count} lay there at once`,
				'the unit alone on its bus; the way of a plan through gates and sender is that of order-path',
			],
		}
	},
}
