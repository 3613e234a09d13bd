import {describe, expect, it} from 'vitest'
import {circles, type Import, importsOf, loadedWith, packageOf} from './import-graph.js'
import {layerOf, trespass} from './layers.js'
import {parse, readText, typescriptUnder} from './source-tree.js'

const sources = typescriptUnder('src')
const paths = new Set(sources.map(({path}) => path))
const imports = sources.flatMap(file => importsOf(file, path => paths.has(path)))
const present = <T>(value: T | undefined): value is T => value !== undefined

/** Imports of a piece of code as if it stood in the house at `path`. */
const planted = (path: string, text: string) => importsOf(parse({path, text}), () => true)

describe('import direction', () => {
	it('goes down only, and past nobody', () => {
		expect(imports.map(trespass).filter(present)).toEqual([])
	})

	it('leads to files that exist', () => {
		expect(
			imports.filter(({own, target}) => own && !paths.has(target)).map(({place, target}) => `${place}: ${target}`),
		).toEqual([])
	})

	it.each([
		[
			'src/engine/units/exec/a.ts',
			"import {x} from '../../../daemon/host.js'",
			'engine may import nothing else of ours',
		],
		['src/engine/units/exec/a.ts', "import {x} from '../../adapters/redis/bus.js'", '(adapters)'],
		['src/engine/units/exec/a.ts', "import {readFileSync} from 'node:fs'", 'I/O belongs in src/engine/adapters'],
		['src/engine/runtime/a.ts', "import {Redis} from 'ioredis'", 'imports ioredis'],
		['src/engine/runtime/a.ts', "const later = () => import('ccxt/js/src/pro/binanceusdm.js')", 'imports ccxt/js'],
		['src/engine/runtime/a.ts', "export type {X} from '../../paper-exchange/market.js'", '(paper-exchange)'],
		['src/engine/adapters/redis/a.ts', "import {x} from '../../../commands/up.js'", '(commands)'],
		['src/paper-exchange/a.ts', "import {x} from '../engine/errors.js'", 'may import nothing else of ours'],
		['src/daemon/a.ts', "import type {X} from '../paper-exchange/market.js'", '(paper-exchange)'],
		['src/daemon/a.ts', "import {x} from '../tui/view.js'", '(tui)'],
		['src/commands/up.ts', "import {x} from '../daemon/supervision/supervisor.js'", '(daemon)'],
		['src/tui/view.ts', "type X = import('../daemon/host.js').Host", '(daemon)'],
		['src/elsewhere/a.ts', "import {x} from '../engine/errors.js'", 'lies in no layer'],
	])('is enforced: %s with %s', (path, text, message) => {
		expect(planted(path, text).map(trespass)).toEqual([expect.stringContaining(message)])
	})

	it.each([
		['src/commands/up.ts', "import {x} from '../daemon/client.js'"],
		['src/commands/up.ts', "import {x} from '../daemon/client/status.js'"],
		['src/commands/up.ts', "import {x} from '../client/status.js'"],
		['src/daemon/a.ts', "import {x} from '../engine/adapters/redis/redis-bus.js'"],
		['src/engine/contracts/field.ts', "import {z} from 'zod'"],
	])('allows %s with %s', (path, text) => {
		expect(planted(path, text).map(trespass)).toEqual([undefined])
	})
})

describe('circles', () => {
	const edgesOf = (all: readonly Import[]) => {
		const edges = new Map<string, string[]>()
		for (const {from, target, own} of all) if (own) edges.set(from, [...(edges.get(from) ?? []), target])
		return edges
	}

	it('there are none, not even of types', () => {
		expect(circles(edgesOf(imports)).map(circle => circle.join(' -> '))).toEqual([])
	})

	it('would be found', () => {
		const edges = new Map([
			['a', ['b', 'c']],
			['b', ['c']],
			['c', ['d']],
			['d', ['b']],
		])
		expect(circles(edges)).toEqual([['b', 'c', 'd', 'b']])
		expect(circles(new Map([['a', ['a']]]))).toEqual([['a', 'a']])
		expect(circles(new Map([['a', ['b']]]))).toEqual([])
	})
})

describe('packages', () => {
	const {dependencies} = JSON.parse(readText('package.json').text) as {dependencies: Record<string, string>}

	it('that the product imports are installed with it', () => {
		const foreign = imports.filter(
			({from, own, target}) => !own && !target.startsWith('node:') && layerOf(from) !== 'bench',
		)
		const missing = foreign.filter(({target, typeOnly}) => !typeOnly && !(packageOf(target) in dependencies))
		expect(missing.map(({place, target}) => `${place} imports ${target}, which is not among "dependencies"`)).toEqual(
			[],
		)
	})

	it.each(['ccxt', 'ink', 'react', 'onnxruntime-node', '@duckdb/node-api', 'fastify'])(
		'too slow to wait for on every command are loaded when needed: %s',
		heavy => {
			const chains = sources
				.filter(({path}) => layerOf(path) === 'commands')
				.flatMap(({path}) => [...loadedWith(path, imports)].filter(([target]) => packageOf(target) === heavy))
			expect(chains.map(([, chain]) => chain.join(' -> '))).toEqual([])
		},
	)

	it('for every platform stand in the lock file, without which npm ci refuses a clone', () => {
		type Entry = {optionalDependencies?: Record<string, string>}
		const {packages} = JSON.parse(readText('package-lock.json').text) as {packages: Record<string, Entry>}
		const wanted = Object.values(packages).flatMap(({optionalDependencies = {}}) => Object.keys(optionalDependencies))
		const locked = new Set(Object.keys(packages).map(path => path.slice(path.lastIndexOf('node_modules/') + 13)))
		expect(wanted.filter(name => !locked.has(name))).toEqual([])
	})
})
