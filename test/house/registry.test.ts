import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {ENVELOPE_FIELDS} from '../../src/engine/contracts/envelope.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {targetNames} from '../../src/engine/contracts/targets.js'
import {hostKeys, keyList, readersOf, retiredStreams, streams, units, writersOf} from '../../src/engine/registry.js'

/** The registry is whole both ways: what is declared exists, and what exists is declared. */

const unitsDirectory = fileURLToPath(new URL('../../src/engine/units', import.meta.url))
const unitFiles = readdirSync(unitsDirectory, {recursive: true, encoding: 'utf8'}).filter(file => file.endsWith('.ts'))
const twice = (names: readonly string[]): string[] => names.filter((name, index) => names.indexOf(name) !== index)

/** Streams whose other end comes later. This list may only become shorter. */
const PENDING = ['exchange.raw reader']

describe('units', () => {
	test('each unit has one file of its name under its target, and each file is a registered unit', () => {
		expect(units.map(({target, name}) => join(target, `${name}.ts`)).sort()).toEqual([...unitFiles].sort())
	})

	test('names and aliases mean one unit each', () => {
		expect(twice(units.flatMap(({name, aliases = []}) => [name, ...aliases]))).toEqual([])
	})

	test('each port belongs to one unit', () => {
		expect(twice(units.flatMap(({port}) => (port === undefined ? [] : [String(port)])))).toEqual([])
	})

	test.each(units.map(unit => [unit.name, unit] as const))('%s has a handler for everything it declares', (_, unit) => {
		expect(Object.keys(unit.on).sort()).toEqual(Object.keys(unit.reads).sort())
		expect(Object.keys(unit.onFeed ?? {}).sort()).toEqual(Object.keys(unit.feeds ?? {}).sort())
		expect(Object.keys(unit.onResult ?? {}).sort()).toEqual(Object.keys(unit.effects ?? {}).sort())
		expect(Object.keys(unit.onTimer ?? {}).sort()).toEqual(Object.keys(unit.timers ?? {}).sort())
		expect(unit.summary).not.toBe('')
		expect(targetNames).toContain(unit.target)
	})

	test('money is never conflated', () => {
		const conflated = units.flatMap(unit => (unit.conflates ?? []).map(port => unit.reads[port]))
		expect(conflated.filter(stream => stream?.criticality !== 'telemetry')).toEqual([])
	})
})

describe('streams', () => {
	test('each name is declared once, and none is retired', () => {
		const names = streams.map(({name}) => name)
		expect(twice(names)).toEqual([])
		expect(names.filter(name => retiredStreams.some(retired => retired.name === name))).toEqual([])
	})

	test('each has a reader and a writer, or says which unit will be', () => {
		const missing = streams.flatMap(stream => [
			...(readersOf(stream.name).length === 0 ? [{end: `${stream.name} reader`, pending: stream.pending?.reader}] : []),
			...(isWritten(stream.name, stream.operator_writes)
				? []
				: [{end: `${stream.name} writer`, pending: stream.pending?.writer}]),
		])
		expect(missing.filter(({pending}) => pending === undefined)).toEqual([])
		expect(missing.map(({end}) => end).sort()).toEqual(PENDING.filter(end => missing.some(found => found.end === end)))
		expect(missing.length).toBeLessThanOrEqual(PENDING.length)
	})

	test('nothing is pending that is there', () => {
		const stale = streams.filter(({name, pending}) => pending?.reader !== undefined && readersOf(name).length > 0)
		expect(stale.map(({name}) => name)).toEqual([])
	})

	test('no payload uses a field of the envelope', () => {
		const offences = streams.flatMap(({name, payload}) => {
			const shapes =
				'shape' in payload ? [payload.shape] : payload.options.map(option => ('shape' in option ? option.shape : {}))
			return shapes.flatMap(shape =>
				ENVELOPE_FIELDS.filter(field => field in (shape as object)).map(field => `${name}.${field}`),
			)
		})
		expect(offences).toEqual([])
	})

	test('what is unreadable in a stream with dead letters of its own is buried by one reader', () => {
		const buriers = ({name}: (typeof streams)[number]) =>
			readersOf(name).filter(({reads, watches = []}) =>
				Object.entries(reads).some(([port, stream]) => stream.name === name && !watches.includes(port)),
			)
		const counts = streams.filter(({dead_letter}) => dead_letter !== undefined).map(of => [of.name, buriers(of).length])
		expect(counts).toEqual([['trade.intent', 1]])
	})

	test('a dead-letter stream that is named exists', () => {
		const names = new Set(streams.map(({name}) => name))
		expect(
			streams.flatMap(({dead_letter}) => (dead_letter === undefined || names.has(dead_letter) ? [] : [dead_letter])),
		).toEqual([])
	})
})

/** The runtime itself writes the dead letters. */
const isWritten = (name: string, operator_writes: boolean): boolean =>
	operator_writes || name === 'dead.letter' || writersOf(name).length > 0

describe('keys', () => {
	const OTHERS = ['kill-latch', 'runtime', 'daemon']

	test('each pattern is declared once and has one owner that exists', () => {
		expect(twice(keyList.map(({pattern}) => pattern))).toEqual([])
		const owners = new Set([...OTHERS, ...units.map(({name}) => name)])
		expect(keyList.filter(({owner}) => !owners.has(owner)).map(({pattern, owner}) => `${pattern}: ${owner}`)).toEqual(
			[],
		)
	})

	test('a unit declares only keys that it owns', () => {
		const borrowed = units.flatMap(unit =>
			Object.values(unit.keys)
				.filter(({owner}) => owner !== unit.name)
				.map(({pattern, owner}) => `${unit.name} writes ${pattern} of ${owner}`),
		)
		expect(borrowed).toEqual([])
	})
})

describe('what units look at', () => {
	const read = (path: string): string =>
		readFileSync(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)), 'utf8')
	const isScript = (name: string): boolean =>
		existsSync(fileURLToPath(new URL(`../../src/engine/scripts/${name}.lua`, import.meta.url)))
	/** Keys that a file names, without those of which it takes no more than the owner. */
	const keysNamedIn = (path: string): readonly string[] =>
		[...new Set([...read(path).matchAll(/\bkeys\.(\w+)(?!\w|\.owner)/g)].map(([, name = '']) => name))].filter(
			name => name !== 'js',
		)
	/** A file of the host with those that it imports of it; what all of them get in common aside. */
	const withImports = (file: string, found = new Set<string>()): ReadonlySet<string> => {
		if (file === 'environment' || found.has(file)) return found
		found.add(file)
		for (const [, of = ''] of read(`daemon/host/${file}.ts`).matchAll(/from '\.\/([\w-]+)\.js'/g))
			withImports(of, found)
		return found
	}
	const patternOf = (name: string): string =>
		Object.entries(keys).find(([known]) => known === name)?.[1].pattern ?? name

	test('a unit declares the scripts that its file takes', () => {
		const undeclared = units.flatMap(({name, target, scripts = []}) => {
			const taken = [...read(`engine/units/${target}/${name}.ts`).matchAll(/scripts\/([\w-]+)\.js'/g)]
				.map(([, script = '']) => script)
				.filter(isScript)
			const declared = scripts.map(script => script.name)
			return [...taken, ...declared]
				.filter(script => !taken.includes(script) || !declared.includes(script))
				.map(script => `${name}: ${script}`)
		})
		expect(undeclared).toEqual([])
	})

	test('a unit declares the keys that its adapters name', () => {
		const files = new Map<string, string[]>()
		for (const [, unit = '', file = ''] of read('daemon/host/adapters.ts').matchAll(
			/^\t'?([\w-]+)'?: async \w+ =>\s+\(await import\('\.\/([\w-]+-adapters)\.js'\)/gm,
		))
			files.set(file, [...(files.get(file) ?? []), unit])
		expect(files.size).toBeGreaterThan(5)
		const undeclared = [...files].flatMap(([file, own]) => {
			const declared = units
				.filter(({name}) => own.includes(name))
				.flatMap(({scripts = [], looks = []}) => [...scripts.flatMap(script => Object.values(script.keys)), ...looks])
			const known = new Set(
				[...declared, ...keyList.filter(({owner}) => own.includes(owner))].map(({pattern}) => pattern),
			)
			return [...withImports(file)]
				.flatMap(of => keysNamedIn(`daemon/host/${of}.ts`))
				.filter(name => !known.has(patternOf(name)))
				.map(name => `${file}: ${name}`)
		})
		expect(undeclared).toEqual([])
	})

	test('what every host looks at is declared once', () => {
		const named = ['daemon/host/host.ts', 'daemon/host/host-policy.ts'].flatMap(keysNamedIn)
		expect([...new Set(named.map(patternOf))].sort()).toEqual(hostKeys.map(({pattern}) => pattern).sort())
	})
})
