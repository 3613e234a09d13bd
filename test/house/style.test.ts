import {describe, expect, it} from 'vitest'
import * as registry from '../../src/engine/registry.js'
import {parse, pathsUnder, readText, typescriptUnder} from './source-tree.js'
import * as rules from './style-rules.js'

const linesMax = 300

/** Files that are longer with a reason. */
const longWithReason: Readonly<Record<string, string>> = {
	'test/engine/bus/conformance.ts': 'one suite that both buses are held to: parted, it could be run in part',
	'test/engine/runtime/unit-loop.test.ts': 'all that one loop must survive, over the same stall',
}

/** The only places in the tests that may look at a clock, with the reason. */
const clockWithReason: Readonly<Record<string, string>> = {
	'test/engine/bus/memory-bus.test.ts': 'gives the bus the timer that its blocking reads need',
	'test/engine/runtime/stall-run.ts': 'is the clock of the units under test, a hundred times as fast',
	'test/support/eventually.ts': 'it is the waiter that everything else awaits conditions with',
}

const names: rules.DeclaredNames = {
	streams: [
		...registry.streams.flatMap(({name, former_names}) => [name, ...former_names]),
		...registry.retiredStreams.map(({name}) => name),
	],
	keys: [...registry.keyList, ...registry.retiredKeys].map(({pattern}) => pattern),
}

const typescript = ['src', 'test'].flatMap(folder => typescriptUnder(folder))
const texts = ['src', 'test', 'bin', 'docs'].flatMap(folder =>
	pathsUnder(folder, ['.ts', '.tsx', '.js', '.mjs', '.lua', '.md']).map(readText),
)
const code = texts.filter(({path}) => !path.endsWith('.md'))

const everyRule: Readonly<Record<string, rules.Rule>> = {
	'time, chance and identity are arguments of the pure engine': rules.determinism,
	'stream and key names are spelled in the contracts only': rules.namesElsewhere(names),
	'tests do not sleep': rules.noSleeping(Object.keys(clockWithReason)),
	'every test file expects something': rules.expects,
	'every test runs': rules.allRun,
	'nothing is mocked': rules.noMocks,
}

describe('the house style', () => {
	it.each(Object.entries(everyRule))('%s', (_, rule) => {
		expect(typescript.flatMap(rule)).toEqual([])
	})

	it('stream and key names do not stand in scripts: they are given as KEYS', () => {
		const scripts = texts.filter(({path}) => path.endsWith('.lua'))
		expect(scripts.filter(({text}) => /['"]quantum:/.test(text)).map(({path}) => path)).toEqual([])
	})

	it('nothing is left for later', () => {
		expect(texts.flatMap(rules.leftovers)).toEqual([])
	})

	it('no banners', () => {
		expect(code.flatMap(rules.banners)).toEqual([])
	})

	it(`files have at most ${linesMax} lines`, () => {
		expect(rules.tooLong(code, linesMax, longWithReason)).toEqual([])
	})

	it('files are named after what they are about, in kebab-case', () => {
		expect(code.flatMap(({path}) => rules.naming(path))).toEqual([])
	})
})

describe('each rule finds what it is for', () => {
	const pure = 'src/engine/units/exec/unit.ts'
	const test = 'test/engine/unit.test.ts'

	it.each([
		[pure, 'const now = Date.now()'],
		[pure, 'const now = new Date()'],
		[pure, 'const chance = Math.random()'],
		[pure, 'setTimeout(f, 5)'],
		[pure, 'const later = globalThis.setTimeout, again = setInterval'],
		[pure, 'const home = process.env.HOME'],
		[pure, "console.log('x')"],
		[pure, 'const t = performance.now()'],
	])('determinism: %s %s', (path, text) => {
		expect(rules.determinism(parse({path, text}))).not.toEqual([])
	})

	it.each([
		[pure, 'const date = new Date(now)'],
		[pure, 'const process = (x: number) => x; process(1)'],
		[pure, 'clock.setTimeout(f, 5); const x = {console: 1}; host.process(2)'],
		[pure, '// Date.now() is not for us'],
		['src/engine/adapters/clock/system-clock.ts', 'const now = Date.now()'],
		['src/daemon/main.ts', 'const now = Date.now()'],
	])('determinism lets pass: %s %s', (path, text) => {
		expect(rules.determinism(parse({path, text}))).toEqual([])
	})

	const declared = {streams: ['market.tick', 'features'], keys: ['kill', 'market:quote:{symbol}', 'governor:execution']}
	it.each([
		"read('market.tick')",
		"const key = 'quantum:kill'",
		`const key = \`quantum:stream:$\{name}\``,
		`const key = \`market:quote:$\{symbol}\``,
		"const key = 'governor:execution'",
	])('names: %s', text => {
		expect(rules.namesElsewhere(declared)(parse({path: 'src/daemon/a.ts', text}))).toHaveLength(1)
		expect(rules.namesElsewhere(declared)(parse({path: 'src/engine/contracts/a.ts', text}))).toEqual([])
	})

	it.each(["const text = 'reads market.tick once'", "const kind = 'kill'", "const field = 'features'"])(
		'names lets pass: %s',
		text => {
			expect(rules.namesElsewhere(declared)(parse({path: 'src/daemon/a.ts', text}))).toEqual([])
		},
	)

	it.each([
		'await sleep(5)',
		'await new Promise(resolve => setTimeout(resolve, 5))',
		"import {setTimeout as rest} from 'node:timers/promises'",
	])('sleeping: %s', text => {
		expect(rules.noSleeping([])(parse({path: test, text}))).toHaveLength(1)
		expect(rules.noSleeping([test])(parse({path: test, text}))).toEqual([])
	})

	it('expectations, runs, mocks', () => {
		expect(rules.expects(parse({path: test, text: "it('x', () => { f() })"}))).toHaveLength(1)
		expect(rules.expects(parse({path: test, text: "it('x', () => { expect(f()).toBe(1) })"}))).toEqual([])
		const parked = ['only', 'skip', 'todo'].map(word => `it.${word}('x'); describe.${word}.each([])('y')`).join('\n')
		expect(rules.allRun(parse({path: test, text: parked}))).toHaveLength(6)
		expect(rules.noMocks(parse({path: test, text: "vi.mock('../src/a.js')"}))).toHaveLength(1)
	})

	it('leftovers and banners', () => {
		const path = 'src/a.ts'
		expect(rules.leftovers({path, text: `a\n// ${'TO'}DO later`})).toEqual([
			`${path}:2 ${'TO'}DO: do it, or open an issue`,
		])
		expect(rules.banners({path, text: `a\n// ${'-'.repeat(8)} part two`})).toHaveLength(1)
		expect(rules.banners({path, text: 'const a = b - -c // a -- b'})).toEqual([])
	})

	it('names of files', () => {
		for (const path of [
			'src/engine/utils.ts',
			'src/daemon/host-manager.ts',
			'src/tui/SideBar.tsx',
			'test/a_b.test.ts',
		]) {
			expect(rules.naming(path), path).toHaveLength(1)
		}
		for (const path of ['src/engine/units/exec/apply-layer.ts', 'eslint.config.js', 'test/house/style.test.ts']) {
			expect(rules.naming(path), path).toEqual([])
		}
	})

	it('length, and exceptions that are not needed', () => {
		const long = {path: 'src/a.ts', text: 'x\n'.repeat(301)}
		expect(rules.tooLong([long], 300, {})).toEqual([expect.stringContaining('src/a.ts has 301 lines')])
		expect(rules.tooLong([long], 300, {'src/a.ts': 'a table'})).toEqual([])
		expect(rules.tooLong([], 300, {'src/a.ts': 'a table'})).toEqual([expect.stringContaining('remove its exception')])
	})
})
