import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {readJournal} from '../../src/engine/adapters/storage/journal-file.js'
import type {Fields} from '../../src/engine/contracts/field.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {tradeClosed} from '../../src/engine/contracts/streams/trade.js'
import {streams, units} from '../../src/engine/registry.js'
import type {JournalLine} from '../../src/engine/runtime/journal.js'
import {type Replay, replay} from '../../src/engine/runtime/replay.js'
import {eventually} from '../support/eventually.js'
import {type PrivateRedis, startRedis} from '../support/redis.js'
import {type RunningSystem, startSystem} from '../support/system.js'

const LONG_MS = 180_000
const TRADES = 2
const ENTRIES_MAX = 1_000_000

let redis: PrivateRedis
let system: RunningSystem
/** The journal of each host that ran, by its name. */
const journals = new Map<string, readonly JournalLine[]>()

const unitsIn = (lines: readonly JournalLine[]): ReadonlySet<string> =>
	new Set(lines.flatMap(line => (line.kind === 'gap' ? [] : [line.unit])))

beforeAll(async () => {
	// A server of the test's own: what was appended is read when every host has ended.
	redis = await startRedis()
	system = await startSystem({settings: {journal: true, speed: 600, redis_url: `unix:${redis.path}`}})
	await system.arm()
	const closed = system.naming.stream(tradeClosed.name)
	await eventually(async () => (await system.redis.xlen(closed)) >= TRADES, {
		within_ms: 120_000,
		what: `${TRADES} trades are closed`,
	})
	await system.control.stop()
	const {journal} = system.home
	for (const name of readdirSync(journal).filter(file => file.endsWith('.jsonl'))) {
		const lines: JournalLine[] = []
		for await (const line of readJournal(join(journal, name))) lines.push(line)
		journals.set(name.replace('.jsonl', ''), lines)
	}
}, LONG_MS)
afterAll(async () => {
	await system?.stop()
	await redis?.stop()
}, LONG_MS)

/** What each unit appended to each stream, as `unit > stream`; a stream keeps the order of one unit. */
const byUnit = (of: Iterable<readonly [stream: string, entries: readonly Fields[]]>, names: ReadonlySet<string>) => {
	const found = new Map<string, Fields[]>()
	for (const [stream, entries] of of)
		for (const fields of entries) {
			const {unit = ''} = fields
			if (!names.has(unit)) continue
			const key = `${unit} > ${stream}`
			const known = found.get(key) ?? []
			known.push(fields)
			found.set(key, known)
		}
	return found
}

/** What is there of each stream, and which streams have lost their oldest part. */
const live = async () => {
	const {bus, naming} = system
	const trimmed = new Set<string>()
	const entries = new Map<string, readonly Fields[]>()
	for (const {name} of streams) {
		const stream = naming.stream(name)
		if ((await system.redis.exists(stream)) === 0) continue
		const kept = await bus.range(stream, {count: ENTRIES_MAX})
		entries.set(
			stream,
			kept.map(({fields}) => fields),
		)
		const info = (await system.redis.xinfo('STREAM', stream)) as unknown[]
		if (Number(info[info.indexOf('entries-added') + 1]) > kept.length) trimmed.add(stream)
	}
	return {entries, trimmed}
}

const again = async (lines: readonly JournalLine[]): Promise<Replay> => {
	const {bus, naming} = system
	const names = unitsIn(lines)
	const leases = await Promise.all(
		[...names].map(async unit => [unit, await bus.hashAll(naming.key(keys.unitLease, {unit}))] as const),
	)
	const run = units.filter(({name}) => names.has(name))
	return replay({units: run, lines, naming, leases: Object.fromEntries(leases)})
}

describe('the journals of a run', () => {
	it('are there for every unit', () => {
		const journalled = [...journals.values()].flatMap(lines => [...unitsIn(lines)])
		expect(journalled.sort()).toEqual(units.map(({name}) => name).sort())
	})

	it('give every entry of every unit again, byte for byte, and the same states', {timeout: LONG_MS}, async () => {
		const {entries: appended, trimmed} = await live()
		let compared = 0
		for (const [host, lines] of journals) {
			const {problems, streams: replayed, states} = await again(lines)
			expect({host, problems}).toEqual({host, problems: []})
			const names = unitsIn(lines)
			const [was, is] = [byUnit(appended, names), byUnit(replayed, names)]
			for (const [key, entries] of was) {
				const repeated = is.get(key) ?? []
				const due = trimmed.has(key.split(' > ')[1] ?? '') ? repeated.slice(-entries.length) : repeated
				expect(JSON.stringify(due), key).toBe(JSON.stringify(entries))
				compared += entries.length
			}
			expect([...is.keys()].filter(key => !was.has(key) && !trimmed.has(key.split(' > ')[1] ?? ''))).toEqual([])
			for (const unit of names) {
				const kept = await system.bus.hashAll(system.naming.key(keys.unitState, {unit}))
				expect({unit, states: states.get(unit)}).toEqual({unit, states: kept})
			}
		}
		expect(compared).toBeGreaterThan(1_000)
	})
})
