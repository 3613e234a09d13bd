import fc from 'fast-check'
import {beforeAll, describe, expect, it} from 'vitest'
import type {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import type {Bus} from '../../../src/engine/bus/bus.js'
import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import type {Naming} from '../../../src/engine/contracts/naming.js'
import {startBus} from '../../support/bus.js'
import {Crash, type CrashPlan, crashingBus} from './crashing-bus.js'
import {freshNaming, inMemory, loopOf, type Order, type Outcome, outcomeOf, place, runUntilDone} from './stall-run.js'

const anOrder: fc.Arbitrary<Order> = fc.record({
	symbol: fc.constantFrom('AAA', 'BBB', '币安人生USDT'),
	what: fc.oneof(
		{weight: 6, arbitrary: fc.constant('add')},
		{weight: 3, arbitrary: fc.constant('spend')},
		{weight: 3, arbitrary: fc.constant('notify')},
		{weight: 1, arbitrary: fc.constantFrom('fail', 'crash', 'nonsense')},
	),
	n: fc.integer({min: 1, max: 30}),
})
const someCrashes: fc.Arbitrary<CrashPlan[]> = fc.array(
	fc.record({calls: fc.integer({min: 0, max: 30}), carriedOut: fc.boolean()}),
	{maxLength: 8},
)
const aRun = fc.record({
	wanted: fc.array(anOrder, {minLength: 1, maxLength: 25}),
	crashes: someCrashes,
	batch_max: fc.integer({min: 1, max: 6}),
})

/** Runs the orders through one process after the other, each but the last dying where its plan says. */
const through = async (
	bus: Bus,
	naming: Naming,
	wanted: readonly Order[],
	crashes: readonly CrashPlan[],
	batch_max: number,
): Promise<Outcome> => {
	await place(bus, naming, wanted)
	for (const plan of [...crashes, undefined]) {
		const loop = loopOf(crashingBus(bus, plan, batch_max), naming)
		try {
			await runUntilDone(loop, bus, naming)
		} catch (error) {
			if (!(error instanceof Crash)) throw error
		}
	}
	return outcomeOf(bus, naming)
}

const crashesChangeNothing = async (
	bus: Bus,
	naming: () => Naming,
	run: {wanted: Order[]; crashes: CrashPlan[]; batch_max: number},
) => {
	const {wanted, crashes, batch_max} = run
	const uninterrupted = await through(bus, naming(), wanted, [], batch_max)
	const interrupted = await through(bus, naming(), wanted, crashes, batch_max)
	expect(interrupted).toEqual(uninterrupted)
	const ids = [
		...[...interrupted.totals, ...interrupted.notices].map(({id}) => id),
		...interrupted.dead.map(({cause}) => cause),
	]
	expect(new Set(ids).size).toBe(ids.length)
	const kind = (what: string) => wanted.filter(order => order.what === what).length
	expect(interrupted.totals).toHaveLength(kind('add') + kind('spend') + kind('notify'))
	expect(interrupted.notices).toHaveLength(2 * kind('notify'))
	expect(interrupted.dead).toHaveLength(kind('fail') + kind('crash') + kind('nonsense'))
}

describe('a process that dies between any two calls neither loses nor repeats', () => {
	it('in memory', async () => {
		await fc.assert(
			fc.asyncProperty(aRun, run => crashesChangeNothing(new MemoryBus(inMemory), freshNaming, run)),
			{numRuns: 60},
		)
	}, 60_000)

	describe('over Redis', () => {
		let bus: RedisBus
		beforeAll(async () => {
			const own = await startBus()
			bus = own.bus
			return own.close
		})

		it('at random', async () => {
			await fc.assert(
				fc.asyncProperty(aRun, run => crashesChangeNothing(bus, freshNaming, run)),
				{numRuns: 20},
			)
		}, 60_000)
	})
})
