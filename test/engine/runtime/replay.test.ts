import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {JournalFile, readJournal} from '../../../src/engine/adapters/storage/journal-file.js'
import type {Bus} from '../../../src/engine/bus/bus.js'
import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import type {Fields} from '../../../src/engine/contracts/field.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {Naming} from '../../../src/engine/contracts/naming.js'
import {anyUnit} from '../../../src/engine/contracts/unit.js'
import type {JournalLine} from '../../../src/engine/runtime/journal.js'
import {replay} from '../../../src/engine/runtime/replay.js'
import {eventually} from '../../support/eventually.js'
import {temporaryHome} from '../../support/temporary-home.js'
import {Crash, type CrashPlan, crashingBus} from './crashing-bus.js'
import {marketStall, notices, quotes, totals} from './market-stall.js'
import {freshNaming, inMemory, isDone, loopOf, type Order, place, QuickClock, ringing} from './stall-run.js'

const STREAMS = [totals.name, notices.name, 'dead.letter']

type Sitting = Readonly<{
	orders: ReadonlyArray<Order>
	quotes: readonly number[]
	coins: readonly number[]
	sweeps: number
	crash: CrashPlan | undefined
}>

const aSitting: fc.Arbitrary<Sitting> = fc.record({
	orders: fc.array(
		fc.record({
			symbol: fc.constantFrom('AAA', 'BBB', '币安人生USDT'),
			what: fc.constantFrom('add', 'add', 'add', 'spend', 'notify', 'fail', 'crash', 'nonsense'),
			n: fc.integer({min: 1, max: 30}),
		}),
		{maxLength: 12},
	),
	quotes: fc.array(fc.integer({min: -1, max: 5}), {maxLength: 6}),
	coins: fc.array(fc.integer({min: 0, max: 2}), {maxLength: 6}),
	sweeps: fc.integer({min: 0, max: 2}),
	crash: fc.option(fc.record({calls: fc.integer({min: 0, max: 40}), carriedOut: fc.boolean()}), {nil: undefined}),
})

/** One process of the unit, with everything that comes at it from outside; ends by a crash or when all is handled. */
const sit = async (
	bus: Bus,
	naming: Naming,
	sitting: Sitting,
	placed: number,
	clock: QuickClock,
	journal: (line: JournalLine) => void | Promise<void>,
): Promise<void> => {
	const coins = {
		run: async (push: (event: unknown) => Promise<void>) => {
			for (const n of sitting.coins) await push({symbol: 'AAA', n})
		},
	}
	const adapters = ringing()
	const feeds = {till: coins, screen: coins}
	const loop = loopOf(crashingBus(bus, sitting.crash, 4), naming, {clock, journal, adapters: {...adapters, feeds}})
	const stop = new AbortController()
	const running = loop.run(stop.signal)
	const crashed = running.then(
		() => false,
		() => true,
	)
	await place(bus, naming, sitting.orders, placed)
	for (const price of sitting.quotes)
		await bus.append(naming.stream(quotes.name), {symbol: 'BBB', price: String(price)})
	const lived = (async () => {
		for (let n = 0; n < sitting.sweeps; n += 1) {
			const before = loop.runner.last_commit_ms
			clock.venue_ms += 60_000
			await eventually(() => loop.ready && loop.runner.last_commit_ms > before)
		}
		await eventually(async () => loop.ready && (await isDone(bus, naming)))
		return false
	})()
	lived.catch(() => undefined)
	await Promise.race([crashed, lived])
	stop.abort()
	await running.catch(error => {
		if (!(error instanceof Crash)) throw error
	})
	if (await crashed) lived.catch(() => undefined)
}

const liveStreams = async (bus: Bus, naming: Naming) => {
	const streams: Record<string, readonly Fields[]> = {}
	for (const name of STREAMS) {
		const entries = await bus.range(naming.stream(name), {count: 100_000})
		if (entries.length > 0) streams[naming.stream(name)] = entries.map(({fields}) => fields)
	}
	return streams
}
const leasesOf = async (bus: Bus, naming: Naming) => {
	const {name} = marketStall
	return {[name]: await bus.hashAll(naming.key(keys.unitLease, {unit: name}))}
}

test('what was journalled gives the same output again, byte for byte, whatever crashed in between', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(aSitting, {minLength: 1, maxLength: 4}), async sittings => {
			const bus = new MemoryBus(inMemory)
			const naming = freshNaming()
			const clock = new QuickClock()
			const text: string[] = []
			const journal = (line: JournalLine) => {
				text.push(JSON.stringify(line))
			}
			let placed = 0
			for (const sitting of sittings) {
				await sit(bus, naming, sitting, placed, clock, journal)
				placed += sitting.orders.length
			}
			const again = await replay({
				units: [anyUnit(marketStall)],
				lines: text.map(line => JSON.parse(line) as JournalLine),
				naming,
				leases: await leasesOf(bus, naming),
			})
			expect(again.problems).toEqual([])
			expect(Object.fromEntries(again.streams)).toEqual(await liveStreams(bus, naming))
			const live = await bus.hashAll(naming.key(keys.unitState, {unit: marketStall.name}))
			expect(again.states.get(marketStall.name)).toEqual(live)
		}),
		{numRuns: 40},
	)
}, 60_000)

const stallLines = async (orders: readonly Order[]) => {
	const bus = new MemoryBus(inMemory)
	const naming = freshNaming()
	const lines: JournalLine[] = []
	const sitting = {orders, quotes: [], coins: [], sweeps: 0, crash: undefined}
	await sit(bus, naming, sitting, 0, new QuickClock(), line => void lines.push(line))
	return {bus, naming, lines}
}
const replayed = async (naming: Naming, lines: readonly JournalLine[]) => {
	const {streams, problems} = await replay({units: [anyUnit(marketStall)], lines, naming})
	return {causes: streams.get(naming.stream(totals.name))?.map(({cause}) => cause) ?? [], problems}
}
const adds = (count: number): Order[] => Array.from({length: count}, (_, n) => ({symbol: 'AAA', what: 'add', n}))

test('a line that is missing is named', async () => {
	const {naming, lines} = await stallLines(adds(12))
	const [first, second, ...rest] = lines
	expect([first?.kind, second?.kind]).toEqual(['start', 'step'])
	expect((await replayed(naming, [first as JournalLine, ...rest])).problems[0]).toBe(
		'market-stall: steps 0 to 0 are not in the journal',
	)
	expect((await replayed(naming, [second as JournalLine])).problems[0]).toBe(
		'market-stall: step 0 comes before any start of the unit; it is passed over',
	)
	const gap: JournalLine = {kind: 'gap', lines: 3, reason: 'disk full'}
	expect((await replayed(naming, [...lines, gap])).problems).toEqual(['3 lines are missing: disk full'])
})

test('a state that comes out otherwise than recorded is named', async () => {
	const {naming, lines} = await stallLines(adds(3))
	const [start] = lines
	if (start?.kind !== 'start') throw new Error('no start')
	const steps = lines.filter(({kind}) => kind === 'step').length
	const later: JournalLine = {...start, commits: steps, states: {AAA: '{"total":99,"sweeps":0}'}}
	expect((await replayed(naming, [...lines, later])).problems).toEqual([
		`market-stall: before step ${steps} the state of AAA is {"total":3,"sweeps":0}, recorded {"total":99,"sweeps":0}`,
	])
})

test('a decision whose answer was not journalled is taken from the next start, or decided again', async () => {
	const {bus, naming, lines} = await stallLines([{symbol: 'AAA', what: 'spend', n: 30}])
	const without = lines.filter(({kind}) => kind !== 'reply')
	expect(without).toHaveLength(lines.length - 1)
	const [start] = lines
	if (start?.kind !== 'start') throw new Error('no start')
	const state = {AAA: '{"total":30,"sweeps":0}'}
	const answer = '["decided","granted","left","12","receipt","AAA:30"]'
	const again = async (more: JournalLine[], leases: Record<string, Fields> = {}) => {
		const {streams, problems} = await replay({
			units: [anyUnit(marketStall)],
			lines: [...without, ...more],
			naming,
			leases,
		})
		return [streams.get(naming.stream(totals.name))?.[0]?.left, problems]
	}
	expect(await again([{...start, commits: 1, states: state, answer}])).toEqual(['12', []])
	expect(await again([], {'market-stall': {commits: '1', answer}})).toEqual(['12', []])
	expect(await again([], {'market-stall': {commits: '0'}})).toEqual([undefined, []])
	expect(await again([])).toEqual([
		'70',
		['market-stall: what the script answered to step 0 is not known; it was asked again'],
	])
	expect((await liveStreams(bus, naming))[naming.stream(totals.name)]?.[0]?.left).toBe('70')
})

test('a journal file is read back whole, over the files put aside', async () => {
	const home = await temporaryHome()
	try {
		const bus = new MemoryBus(inMemory)
		const naming = freshNaming()
		const path = join(home.path, 'core.jsonl')
		const errors: Error[] = []
		const file = new JournalFile({path, bytes_max: 4_000, files_max: 20, onError: error => errors.push(error)})
		const sitting = {orders: adds(60), quotes: [1, 2], coins: [1, 2], sweeps: 1, crash: undefined}
		await sit(bus, naming, sitting, 0, new QuickClock(), line => file.append(line))
		await file.close()
		expect(errors).toEqual([])
		expect((await readFile(`${path}.1`, 'utf8')).length).toBeLessThanOrEqual(4_000)
		const again = await replay({units: [anyUnit(marketStall)], lines: readJournal(path), naming})
		expect(again.problems).toEqual([])
		expect(Object.fromEntries(again.streams)).toEqual(await liveStreams(bus, naming))
	} finally {
		await home.remove()
	}
})
