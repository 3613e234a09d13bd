import fc from 'fast-check'
import {expect, test} from 'vitest'
import {z} from 'zod'
import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import {field} from '../../../src/engine/contracts/field.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {defineStream} from '../../../src/engine/contracts/stream.js'
import {anyUnit, defineEffect, defineFeed, defineUnit, type EffectOutcome} from '../../../src/engine/contracts/unit.js'
import type {EffectRecord} from '../../../src/engine/runtime/input.js'
import type {JournalLine} from '../../../src/engine/runtime/journal.js'
import {replay} from '../../../src/engine/runtime/replay.js'
import {UnitRunner} from '../../../src/engine/runtime/unit-runner.js'
import {HandClock} from '../../support/drive.js'
import {freshNaming, inMemory} from './stall-run.js'

const asked = defineStream({
	name: 'test.asked',
	summary: 'Sizes that are asked for.',
	criticality: 'money',
	payload: z.object({symbol: field.symbol(), n: field.integer()}),
})
const granted = defineStream({
	name: 'test.granted',
	summary: 'What the policy of the moment grants.',
	criticality: 'money',
	payload: z.object({symbol: field.symbol(), n: field.integer(), limit: field.integer(), version: field.integer()}),
})

type Ask = Readonly<{symbol: string; n: number}>

/** Grants at most what the policy allows: by entries, by a feed, by an effect's result, by a sweep. */
const counter = defineUnit({
	name: 'counter',
	target: 'core',
	kind: 'stream',
	summary: 'Shows the policy that each input is handled under.',
	reads: {asked},
	writes: {granted},
	keys: {},
	feeds: {coins: defineFeed<Ask>('Coins.')},
	effects: {ring: defineEffect<Ask, string>('Rings.')},
	timers: {tidy: {every_ms: 1_000, clock: 'venue'}},
	initial: () => ({given: 0}),
	on: {
		asked: ({given}, {symbol, n}, {policy, emit, effect, entry}) => {
			const limit = policy.positions_max
			const grant = Math.min(n, limit)
			return {
				state: {given: given + grant},
				wishes: [
					emit.granted({symbol, n: grant, limit, version: policy.version}),
					effect.ring(`ring-${entry.id}`, {symbol, n}),
				],
			}
		},
	},
	onFeed: {
		coins: ({given}, {symbol, n}, {policy, emit}) => ({
			state: {given: given + n},
			wishes: [emit.granted({symbol, n, limit: policy.positions_max, version: policy.version})],
		}),
	},
	onResult: {
		ring: (_, {request}, {policy, emit}) => ({
			wishes: [emit.granted({...request, limit: policy.positions_max, version: policy.version})],
		}),
	},
	onTimer: {
		tidy: ({given}, {policy, partition: symbol}) => ({state: {given: given % (policy.positions_max + symbol.length)}}),
	},
})

type Move =
	| Readonly<{do: 'ask'; n: number}>
	| Readonly<{do: 'coin'; n: number}>
	| Readonly<{do: 'sweep'}>
	| Readonly<{do: 'ring'}>
	| Readonly<{do: 'restart'}>
	| Readonly<{do: 'adopt'; positions_max: number}>
const n = fc.integer({min: 1, max: 30})
const aMove: fc.Arbitrary<Move> = fc.oneof(
	n.map((asked_n): Move => ({do: 'ask', n: asked_n})),
	n.map((coin_n): Move => ({do: 'coin', n: coin_n})),
	fc.constantFrom<Move>({do: 'sweep'}, {do: 'ring'}, {do: 'restart'}),
	fc.integer({min: 1, max: 20}).map((positions_max): Move => ({do: 'adopt', positions_max})),
)

/** Plays the moves; what needs no answer is asked for without waiting, so that adoptions queue among steps. */
const played = async (moves: readonly Move[]) => {
	const clock = new HandClock()
	const bus = new MemoryBus(inMemory)
	const naming = freshNaming()
	const lines: string[] = []
	const unit = anyUnit(counter)
	const effects: EffectRecord[] = []
	let policy = defaultPolicy
	const begin = async () => {
		const runner = new UnitRunner({
			unit,
			bus,
			naming,
			clock,
			policy,
			mode: 'PAPER',
			host: 'test',
			dispatch: records => effects.push(...records),
			journal: line => void lines.push(JSON.stringify(line)),
		})
		effects.splice(0, effects.length, ...(await runner.start()))
		return runner
	}
	let runner = await begin()
	const stream = naming.stream(asked.name)
	const source = {stream, group: naming.group(unit.name, asked.name), consumer: naming.consumer('test', unit.name, 0)}
	const under: Array<Promise<void>> = []
	for (const move of moves) {
		clock.advance(7)
		if (move.do === 'adopt') {
			policy = {...policy, version: policy.version + 1, positions_max: move.positions_max}
			under.push(runner.adopt(policy))
		} else if (move.do === 'coin') under.push(runner.feed('coins', [{symbol: 'AAA', n: move.n}]))
		else if (move.do === 'sweep') under.push(runner.timer('tidy'))
		else {
			await Promise.all(under.splice(0))
			if (move.do === 'ask') {
				await bus.append(stream, {symbol: 'BBB', n: String(move.n)})
				under.push(runner.entries('asked', await bus.read({...source, count: 10})))
			} else if (move.do === 'restart') runner = await begin()
			else {
				const record = effects.shift()
				if (!record) continue
				const {idempotency_key, request} = record
				await runner.result(record, {ok: true, idempotency_key, result: 'rung', request} as EffectOutcome<unknown>)
			}
		}
	}
	await Promise.all(under)
	const live = await bus.range(naming.stream(granted.name), {count: 100_000})
	const states = await bus.hashAll(naming.key(keys.unitState, {unit: unit.name}))
	const lease = await bus.hashAll(naming.key(keys.unitLease, {unit: unit.name}))
	const journal = lines.map(line => JSON.parse(line) as JournalLine)
	const again = await replay({units: [unit], lines: journal, naming, leases: {[unit.name]: lease}})
	return {
		live: live.map(({fields}) => fields),
		states,
		again: {
			streams: again.streams.get(naming.stream(granted.name)) ?? [],
			states: again.states.get(unit.name),
			problems: again.problems,
		},
	}
}

test('a policy that is adopted holds from the next step on', async () => {
	const {live} = await played([
		{do: 'ask', n: 30},
		{do: 'adopt', positions_max: 4},
		{do: 'ask', n: 30},
		{do: 'coin', n: 1},
		{do: 'restart'},
		{do: 'ask', n: 30},
	])
	expect(live.map(({n: given, limit, version}) => [given, limit, version])).toEqual([
		['10', '10', '1'],
		['4', '4', '2'],
		['1', '4', '2'],
		['4', '4', '2'],
	])
})

test('a journal with changes of the policy gives the same output again, byte for byte', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(aMove, {maxLength: 30}), async moves => {
			const {live, states, again} = await played(moves)
			expect(again.problems).toEqual([])
			expect(again.streams).toEqual(live)
			expect(again.states).toEqual(states)
		}),
		{numRuns: 60},
	)
}, 30_000)
