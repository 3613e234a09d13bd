import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {dependantsOf} from '../../../src/daemon/supervision/process-order.js'
import type {ProcessSpec} from '../../../src/daemon/supervision/process-spec.js'
import {Supervisor} from '../../../src/daemon/supervision/supervisor.js'
import {temporaryHome} from '../../support/temporary-home.js'
import {type Behaviour, PretendedMachine} from './pretended-machine.js'

const seed = Number(process.env.QT_TEST_SEED ?? Date.now() % 2 ** 31)
const names = ['redis', 'venue', 'feed', 'brain', 'gateway']
const grace_ms = 300
const intensity_max = 3

type Step =
	| {do: 'start' | 'stop' | 'restart' | 'reset' | 'crash' | 'outage'; name: string}
	| {do: 'start_all' | 'stop_all' | 'kill_all'}
	| {do: 'wait'; ms: number}

const name = fc.constantFrom(...names)
const step: fc.Arbitrary<Step> = fc.oneof(
	{weight: 4, arbitrary: fc.record({do: fc.constantFrom('start', 'stop', 'restart', 'reset', 'outage'), name})},
	{weight: 3, arbitrary: fc.record({do: fc.constant('crash'), name})},
	{weight: 2, arbitrary: fc.record({do: fc.constantFrom('start_all', 'stop_all', 'kill_all')})},
	{weight: 5, arbitrary: fc.record({do: fc.constant('wait'), ms: fc.integer({min: 1, max: 400})})},
) as fc.Arbitrary<Step>

/** Each process may depend on those before it: any acyclic graph over the names. */
const graph = fc.tuple(...names.map((_, index) => fc.subarray(names.slice(0, index))))
const behaviour: fc.Arbitrary<Behaviour> = fc.record({
	ready_after_ms: fc.integer({min: 0, max: 150}),
	stops_after_ms: fc.oneof(fc.integer({min: 0, max: 200}), fc.constant(null)),
})

class Scene {
	readonly machine: PretendedMachine
	readonly supervisor: Supervisor
	readonly broken: string[] = []
	readonly #specs: Map<string, ProcessSpec>

	constructor(graphOf: readonly string[][], behaviours: readonly Behaviour[], run_dir: string) {
		const machine = new PretendedMachine(
			Object.fromEntries(names.map((one, index) => [one, behaviours[index]])) as Record<string, Behaviour>,
		)
		this.machine = machine
		const specs = names.map(
			(one, index): ProcessSpec => ({
				name: one,
				command: one,
				args: [],
				env: {},
				cwd: '/',
				depends_on: graphOf[index] ?? [],
				ready: {check: context => machine.check(context), interval_ms: 20, timeout_ms: 50, failures_max: 1},
				restart: {
					type: 'permanent',
					intensity_max,
					window_ms: 5_000,
					backoff_min_ms: 10,
					backoff_max_ms: 80,
					jitter: 0.5,
					healthy_after_ms: 10_000,
				},
				stop: {signal: 'SIGTERM', grace_ms},
				start_timeout_ms: 1_000,
				log_file: '/dev/null',
			}),
		)
		this.#specs = new Map(specs.map(spec => [spec.name, spec]))
		this.supervisor = new Supervisor({
			specs,
			run_dir,
			version: '1',
			clock: machine,
			spawner: machine,
			chance: () => 0.5,
		})
		machine.onSpawn = one => this.#spawned(one)
		machine.onSignal = (one, signal) => this.#signalled(one, signal)
	}

	#living(one: string): boolean {
		return this.machine.living.some(process => process.name === one)
	}

	#spawned(one: string): void {
		if (this.#living(one)) this.broken.push(`a second copy of ${one}`)
		const status = new Map(this.supervisor.status().map(status => [status.name, status]))
		for (const dependency of this.#specs.get(one)?.depends_on ?? []) {
			if (!status.get(dependency)?.ready) this.broken.push(`${one} before ${dependency} is ready`)
		}
		if (status.get(one)?.desired === 'down') this.broken.push(`${one} though it is wanted down`)
	}

	#signalled(one: string, signal: NodeJS.Signals): void {
		const status = this.supervisor.status().find(status => status.name === one)
		if (status?.desired === 'up' || signal === 'SIGKILL') return
		for (const dependant of dependantsOf(this.#specs, one)) {
			if (this.#living(dependant)) this.broken.push(`${one} is stopped before ${dependant}`)
		}
	}

	async run(done: Step): Promise<void> {
		const {supervisor, machine} = this
		// An order that is refused (FAILED, being stopped) is an outcome too; the invariants hold all the same.
		const ignore = () => {}
		const orders = {
			start_all: () => supervisor.start(),
			stop_all: () => supervisor.stop(),
			kill_all: async () => supervisor.kill(),
			start: (one: string) => supervisor.start([one]),
			stop: (one: string) => supervisor.stop([one]),
			restart: (one: string) => supervisor.restart(one),
			reset: async (one: string) => supervisor.reset(one),
			crash: async (one: string) => machine.crash(one),
			outage: async (one: string) => machine.outage(one, 200),
		}
		if (done.do === 'wait') await machine.advance(done.ms)
		else void orders[done.do]('name' in done ? done.name : '').catch(ignore)
		await machine.settle()
		for (const {name: one, restarts_in_window} of supervisor.status()) {
			if (restarts_in_window > intensity_max) this.broken.push(`${one} was restarted ${restarts_in_window} times`)
		}
		if (this.broken.length > 0) throw new Error(this.broken.join('; '))
	}
}

describe(`a set of processes (seed ${seed})`, () => {
	it('never doubles, never starts too early, stops in order, and comes down whatever happened', async () => {
		const home = await temporaryHome()
		let runs = 0
		const property = fc.asyncProperty(
			graph,
			fc.tuple(...names.map(() => behaviour)),
			fc.array(step, {maxLength: 40, size: 'max'}),
			async (graphOf, behaviours, steps) => {
				const scene = new Scene(graphOf, behaviours, `${home.path}/${++runs}`)
				await scene.supervisor.recover()
				for (const one of steps) await scene.run(one)
				const stopped = scene.supervisor.stop()
				await scene.machine.advance(names.length * (grace_ms + 100))
				await stopped
				expect(scene.machine.living).toEqual([])
				for (const {state} of scene.supervisor.status()) expect(['STOPPED', 'FAILED']).toContain(state)
				scene.supervisor.close()
			},
		)
		await fc.assert(property, {seed, numRuns: 100})
		await home.remove()
	})

	it('comes up whole from any graph when nothing fails', async () => {
		const home = await temporaryHome()
		let runs = 0
		const property = fc.asyncProperty(graph, fc.tuple(...names.map(() => behaviour)), async (graphOf, behaviours) => {
			const scene = new Scene(graphOf, behaviours, `${home.path}/${++runs}`)
			await scene.supervisor.start()
			const ready = scene.supervisor.waitReady(undefined, 10_000)
			await scene.machine.advance(names.length * 400)
			await ready
			expect(scene.supervisor.status().map(({generation}) => generation)).toEqual(names.map(() => 1))
			scene.supervisor.close()
		})
		await fc.assert(property, {seed, numRuns: 30})
		await home.remove()
	})
})
