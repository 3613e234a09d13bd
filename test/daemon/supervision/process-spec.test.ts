import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type FoundRun, planAdoption} from '../../../src/daemon/supervision/adoption.js'
import {closestName} from '../../../src/daemon/supervision/closest-name.js'
import {withDependants, withDependencies} from '../../../src/daemon/supervision/process-order.js'
import {
	DEFAULT_RESTART,
	DEFAULT_STOP,
	type ProcessSpec,
	specHash,
	validateSpecs,
} from '../../../src/daemon/supervision/process-spec.js'

const seed = Number(process.env.QT_TEST_SEED ?? Date.now() % 2 ** 31)

const spec = (name: string, changes: Partial<ProcessSpec> = {}): ProcessSpec => ({
	name,
	command: '/bin/true',
	args: [],
	env: {},
	cwd: '/',
	depends_on: [],
	ready: {check: async () => ({ok: true}), interval_ms: 1_000, timeout_ms: 1_000, failures_max: 3},
	restart: DEFAULT_RESTART,
	stop: DEFAULT_STOP,
	start_timeout_ms: 10_000,
	log_file: '/dev/null',
	...changes,
})

const {ready: _ready, ...withoutProbe} = spec('feed')

describe('a set of specs is refused', () => {
	const rows: [string, ProcessSpec[], string, RegExp][] = [
		[
			'for an unknown dependency',
			[spec('redis'), spec('unit', {depends_on: ['reddis']})],
			'unit depends on "reddis", which is not a process',
			/^did you mean redis\?$/,
		],
		[
			'for an unknown dependency that resembles nothing',
			[spec('redis'), spec('unit', {depends_on: ['postgresql']})],
			'unit depends on "postgresql", which is not a process',
			/^known are redis, unit$/,
		],
		[
			'for a cycle',
			[spec('a', {depends_on: ['c']}), spec('b', {depends_on: ['a']}), spec('c', {depends_on: ['b']})],
			'processes wait for each other: a -> c -> b -> a',
			/drop one/,
		],
		[
			'for a process that waits for itself',
			[spec('a', {depends_on: ['a']})],
			'processes wait for each other: a -> a',
			/drop/,
		],
		[
			'for a dependency without a readiness probe',
			[withoutProbe, spec('unit', {depends_on: ['feed']})],
			'unit depends on feed, which has no readiness probe: the wait would prove nothing',
			/^give feed a readiness probe/,
		],
		['for two of one name', [spec('a'), spec('a')], 'process a is declared twice', /remove one/],
		[
			'for a name that is no file name',
			[spec('../etc')],
			'process name "../etc" cannot be used as a file name',
			/lower-case/,
		],
		[
			'for an impossible back-off',
			[spec('a', {restart: {...DEFAULT_RESTART, backoff_max_ms: 10}})],
			'a.restart.backoff_max_ms is 10; expected a number from 1000 to 9007199254740991',
			/correct a\.restart\.backoff_max_ms/,
		],
		[
			'for a number that is none',
			[spec('a', {stop: {signal: 'SIGTERM', grace_ms: Number.NaN}})],
			'a.stop.grace_ms is NaN; expected a number from 0 to 9007199254740991',
			/correct/,
		],
	]
	it.each(rows)('%s', (_, specs, message, hint) => {
		expect(() => validateSpecs(specs)).toThrow(
			expect.objectContaining({message, hint: expect.stringMatching(hint), exit_code: 2}),
		)
	})

	it('but not for a probe that nobody depends on', () => {
		expect([...validateSpecs([withoutProbe]).keys()]).toEqual(['feed'])
	})
})

describe('the spec hash', () => {
	it('changes with what runs, and with nothing else', () => {
		const base = spec('a', {env: {X: '1', Y: '2'}})
		const same = {
			...base,
			env: {Y: '2', X: '1'},
			start_timeout_ms: 1,
			log_file: '/tmp/other',
			stop: {...base.stop, grace_ms: 1},
		}
		expect(specHash(same)).toBe(specHash(base))
		const others = [
			{command: '/bin/false'},
			{args: ['x']},
			{env: {X: '1'}},
			{env: {X: '1', Y: '3'}},
			{cwd: '/tmp'},
			{fingerprint: 'speed: 10'},
		]
		const hashes = others.map(change => specHash({...base, ...change}))
		expect(new Set([...hashes, specHash(base)]).size).toBe(others.length + 1)
	})
})

describe(`the order (seed ${seed})`, () => {
	const names = ['a', 'b', 'c', 'd', 'e', 'f']
	const graph = fc.tuple(...names.map((_, index) => fc.subarray(names.slice(0, index))))

	it('has dependencies first, and for a stop dependants first, whatever the graph', () => {
		fc.assert(
			fc.property(
				graph,
				fc.shuffledSubarray(names),
				fc.shuffledSubarray(names, {minLength: names.length}),
				(edges, wanted, order) => {
					const specs = validateSpecs(order.map(name => spec(name, {depends_on: edges[names.indexOf(name)] ?? []})))
					const up = withDependencies(specs, wanted)
					const down = withDependants(specs, wanted)
					for (const name of wanted) expect(up.includes(name) && down.includes(name)).toBe(true)
					for (const {name, depends_on} of specs.values()) {
						for (const dependency of depends_on) {
							if (up.includes(name)) expect(up.indexOf(dependency)).toBeLessThan(up.indexOf(name))
							if (up.includes(name)) expect(up).toContain(dependency)
							if (down.includes(dependency)) expect(down.indexOf(name)).toBeLessThan(down.indexOf(dependency))
							if (down.includes(dependency)) expect(down).toContain(name)
						}
					}
				},
			),
			{seed, numRuns: 300},
		)
	})
})

it('suggests only what is near', () => {
	const known = ['price-feed', 'exec', 'trade-logger']
	expect(['price-fed', 'Price-Feed', 'exce', 'tradelogger', 'xyz', ''].map(typed => closestName(typed, known))).toEqual(
		['price-feed', 'price-feed', 'exec', 'trade-logger', undefined, undefined],
	)
})

describe('of living runs', () => {
	const run = (name: string, generation: number, changes: Partial<FoundRun> = {}): FoundRun => ({
		name,
		generation,
		identity: {pid: 100 + generation, start_time: '1', boot_id: 'b'},
		spec_hash: 'h',
		version: '1',
		started_at: null,
		...changes,
	})

	it('the newest equal one is adopted, each other copy of a declared name replaced, the rest are orphans', () => {
		const [old, newest, differs, other] = [
			run('a', 1),
			run('a', 3),
			run('a', 5, {spec_hash: 'x'}),
			run('b', 2, {version: '0'}),
		]
		const gone = run('gone', 1)
		const wanted = new Map([
			['a', 'h'],
			['b', 'h'],
		])
		expect(planAdoption([old, gone, newest, differs, other], wanted, '1')).toEqual({
			adopt: [newest],
			replace: [differs, other, old],
			orphans: [{...gone, reason: 'no process gone is declared any more'}],
		})
	})
})
