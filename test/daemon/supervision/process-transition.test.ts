import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {backoffMs, type Policy} from '../../../src/daemon/supervision/process-state.js'
import {type Action, dependency, operator, plain, policy, World, worldActions} from './process-world.js'

const seed = Number(process.env.QT_TEST_SEED ?? Date.now() % 2 ** 31)
const check = <T>(property: fc.IProperty<T>, numRuns = 1_500) => {
	// The seed is part of every failure message; QT_TEST_SEED repeats a run.
	fc.assert(property, {seed, numRuns})
}

function runs(used: Policy, actions: fc.Arbitrary<Action>[], after?: (world: World) => void) {
	return fc.property(fc.array(fc.oneof(...actions), {maxLength: 60, size: 'max'}), steps => {
		const world = new World(used)
		for (const step of steps) {
			world.run(step)
			if (world.broken.length > 0) throw new Error(world.broken.join('; '))
		}
		after?.(world)
	})
}

describe(`the state machine (seed ${seed})`, () => {
	for (const type of ['permanent', 'transient', 'temporary'] as const) {
		it(`keeps its invariants whatever happens: ${type}`, () => {
			const used = {...policy, restart: {...policy.restart, type}}
			check(runs(used, [operator, dependency, ...worldActions]))
		})
	}

	it('restarts at most so often in any window, and in a row without a healthy spell', () => {
		const starts = plain('start')
		const property = fc.property(fc.array(fc.oneof(starts, ...worldActions), {maxLength: 80, size: 'max'}), steps => {
			const world = new World(policy)
			const restarts: number[] = []
			for (const step of steps) {
				const before = world.state
				world.run(step)
				if (before.restarts_ms.at(-1) !== world.state.restarts_ms.at(-1))
					restarts.push(...world.state.restarts_ms.slice(-1))
				const {intensity_max, window_ms} = policy.restart
				for (const at_ms of restarts)
					expect(restarts.filter(other => other >= at_ms && other < at_ms + window_ms).length).toBeLessThanOrEqual(
						intensity_max,
					)
			}
		})
		check(property)
	})

	it('charges no failure to a process while its dependency is out', () => {
		check(
			fc.property(
				fc.array(fc.oneof(plain('start', 'restart'), ...worldActions), {maxLength: 60, size: 'max'}),
				steps => {
					const world = new World(policy)
					world.run({do: 'start'})
					world.run({do: 'dependency_down'})
					for (const step of steps) world.run(step)
					expect(world.state.restarts_ms).toEqual([])
					expect(world.state.phase).not.toBe('FAILED')
					expect(world.spawns.length).toBeLessThanOrEqual(1)
				},
			),
		)
	})

	it('ends in STOPPED or FAILED once wanted down, however the process behaves', () => {
		check(
			runs(policy, [operator, dependency, ...worldActions], world => {
				world.run({do: 'stop'})
				world.run({do: 'terminate'})
				world.run({do: 'spawn_answer', ok: true})
				world.run({do: 'wait', ms: 10_000})
				expect(['STOPPED', 'FAILED']).toContain(world.state.phase)
				expect(world.exists).toBe(false)
			}),
		)
	})

	it('gives the same result for the same state, event and moment', () => {
		check(
			fc.property(fc.array(fc.oneof(operator, dependency, ...worldActions), {maxLength: 40}), steps => {
				const [left, right] = [new World(policy), new World(policy)]
				for (const step of steps) {
					left.run(step)
					right.run(step)
				}
				expect(left.state).toEqual(right.state)
			}),
			300,
		)
	})
})

describe('back-off', () => {
	const restart = {...policy.restart, backoff_min_ms: 1_000, backoff_max_ms: 60_000}

	it('doubles from the least to the most', () => {
		expect([1, 2, 3, 6, 7, 50, 2_000].map(attempt => backoffMs(restart, attempt, 0))).toEqual([
			1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000,
		])
	})

	it('is spread by chance, within its share', () => {
		check(
			fc.property(
				fc.integer({min: 1, max: 100}),
				fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true}),
				(attempt, chance) => {
					const whole = backoffMs(restart, attempt, 0)
					const drawn = backoffMs(restart, attempt, chance)
					expect(drawn).toBeLessThanOrEqual(whole)
					expect(drawn).toBeGreaterThanOrEqual(whole * (1 - restart.jitter))
				},
			),
		)
	})
})

describe('an exit code that is final', () => {
	it.each([
		[2, 'FAILED'],
		[1, 'BACKOFF'],
	])('%i leaves the process %s', (code, phase) => {
		const world = new World({...policy, restart: {...policy.restart, final_exit_codes: [2]}})
		world.run({do: 'start'})
		world.run({do: 'spawn_answer', ok: true})
		world.run({do: 'leader_exits', code, stragglers: false})
		expect(world.state.phase).toBe(phase)
	})

	it('is none when the process was asked to end', () => {
		const world = new World({...policy, restart: {...policy.restart, final_exit_codes: [2]}})
		world.run({do: 'start'})
		world.run({do: 'spawn_answer', ok: true})
		world.send({type: 'restart'})
		world.run({do: 'leader_exits', code: 2, stragglers: false})
		expect(world.state.phase).toBe('STARTING')
	})
})

describe('a dependency that turns out to have been down', () => {
	const crash = (world: World) => {
		world.run({do: 'spawn_answer', ok: true})
		world.run({do: 'leader_exits', code: 1, stragglers: false})
	}

	it('takes back the failures since its last good reading, FAILED included', () => {
		const world = new World({...policy, restart: {...policy.restart, intensity_max: 1}})
		world.run({do: 'start'})
		crash(world)
		world.at_ms = 50
		world.send({type: 'tick'})
		crash(world)
		expect(world.state.phase).toBe('FAILED')
		world.send({type: 'dependencies', ready: false, waiting_for: ['redis'], last_ok_ms: -1})
		expect(world.state).toMatchObject({phase: 'WAITING', restarts_ms: [], attempts: 0})
		world.run({do: 'dependency_up'})
		expect(world.spawns).toEqual([1, 2, 3])
	})

	it('takes back none from before', () => {
		const world = new World({...policy, restart: {...policy.restart, intensity_max: 0}})
		world.run({do: 'start'})
		crash(world)
		world.send({type: 'dependencies', ready: false, waiting_for: ['redis'], last_ok_ms: 10})
		expect(world.state.phase).toBe('FAILED')
	})
})
