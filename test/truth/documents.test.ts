import {existsSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {rules} from '../../src/audit/rules.js'
import {homeAt} from '../../src/daemon/client/home.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {applyPlan} from '../../src/engine/contracts/streams/trade.js'
import {units} from '../../src/engine/registry.js'
import {MAP_RULES, MATRIX_RULES, WIRING_RULES} from '../../src/truth/audited.js'
import {authorities} from '../../src/truth/authorities.js'
import {bareOf, markdownOf, type TruthDocument} from '../../src/truth/document.js'
import {findings} from '../../src/truth/findings.js'
import {graphDocument} from '../../src/truth/graph-document.js'
import {mapDocument} from '../../src/truth/map.js'
import {matrixDocument} from '../../src/truth/matrix.js'
import {OPERATIONS} from '../../src/truth/matrix-control.js'
import {codeOf} from '../../src/truth/matrix-units.js'
import {observe} from '../../src/truth/observe.js'
import type {Observed} from '../../src/truth/observed.js'
import {walkedPaths} from '../../src/truth/paths.js'
import {usageBy} from '../../src/truth/process-usage.js'
import {races} from '../../src/truth/races.js'
import {stations} from '../../src/truth/stations.js'
import {wiringDocument} from '../../src/truth/wiring.js'
import {plainPaint} from '../../src/tui/plain/colour.js'
import {truthView} from '../../src/tui/plain/truth-view.js'
import {widthOf} from '../../src/tui/plain/width.js'
import {startSystem, type TestSystem} from '../daemon/client/system-fixture.js'
import {serviceMatrix, systemMap, truthMap, wiringMap} from './reference-sections.js'

const NOW_MS = 1_750_000_000_000
const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const section = ({sections}: TruthDocument, id: string) => sections.find(of => of.id === id)
const cellsOf = (document: TruthDocument, id: string, first: string): readonly string[] =>
	section(bareOf(document), id)?.table?.rows.find(([name]) => name === first) ?? []

describe('the documents', () => {
	let system: TestSystem
	let seen: Observed
	beforeAll(async () => {
		system = await startSystem()
		const {bus, naming} = system.state
		await bus.redis.xadd(naming.stream(applyPlan.name), '*', 'n', '1')
		await bus.redis.set(naming.key(keys.dedupIntent, {id: 'a'}), 'plan')
		await bus.redis.set(naming.key(keys.positionSnapshot, {symbol: 'BTCUSDT'}), 'of another type')
		await bus.redis.set(`${naming.prefix}nobody:knows`, '1')
		await bus.redis.xgroup('CREATE', naming.stream(applyPlan.name), 'a_*[b](c)|`d`', '0')
		seen = await observe(system.home, {env: {}, now_ms: () => NOW_MS})
	})
	afterAll(() => system.stop())

	it('hold a counterpart of every section of the reference', () => {
		const documents = {
			matrix: matrixDocument(seen),
			wiring: wiringDocument(seen),
			map: mapDocument(seen),
			graph: graphDocument(),
		}
		const missing = [...serviceMatrix, ...wiringMap, ...systemMap, ...truthMap].filter(([, name, id]) => {
			const {table, diagram} = section(documents[name], id) ?? {}
			return (table?.rows.length ?? 0) === 0 && (diagram?.text ?? '') === ''
		})
		expect(missing).toEqual([])
	})

	it('name the file of every unit', () => {
		expect(units.map(codeOf).filter(path => !existsSync(file(path)))).toEqual([])
	})

	it('show what each process has used', () => {
		const {pid} = process
		const used = usageBy([pid, 2 ** 30])
		expect([...used.keys()]).toEqual(process.platform === 'linux' ? [pid] : [])
		for (const {cpu_share, resident_bytes} of used.values()) {
			expect(cpu_share).toBeGreaterThan(0)
			expect(resident_bytes).toBeGreaterThan(2 ** 20)
		}
	})

	it('show what was seen beside what is declared, with time and command', () => {
		const map = mapDocument(seen)
		expect(cellsOf(map, 'dedup-keys', keys.dedupIntent.pattern).at(-1)).toBe('1 string')
		expect(cellsOf(map, 'streams', applyPlan.name).at(-3)).toBe('1 of 1 ever added')
		expect(section(map, 'streams')?.observed).toEqual([
			'Observed: length and groups of each stream at 2025-06-15 15:06:40 UTC (qt streams)',
		])
		const unknown = section(bareOf(map), 'unknowns')?.table?.rows
		expect(unknown?.map(([where, what]) => [where, what])).toEqual(
			expect.arrayContaining([
				['position:snapshot:BTCUSDT', `key-type: string; declared: hash, written by ${keys.positionSnapshot.owner}`],
				['nobody:knows', 'unknown-key: string; declared: no key of this pattern'],
			]),
		)
	})

	it('show names that others chose as they are, in Markdown too', () => {
		const wiring = wiringDocument(seen)
		const said = section(bareOf(wiring), 'unknown-ends')?.table?.rows.map(([, what = '']) => what)
		expect(said).toContainEqual(expect.stringMatching(/^a_\*\[b\]\(c\)\|`d` is /))
		expect(markdownOf(wiring)).toContain('| a\\_\\*\\[b\\](c)\\|\\`d\\` is ')
		expect(section(bareOf(wiring), 'unknown-ends')?.table?.rows).toContainEqual(
			expect.arrayContaining([
				expect.stringContaining(`on ${applyPlan.name}`),
				expect.stringMatching(/^unknown-group: /),
			]),
		)
	})

	it('say of what cannot be reached that it was not observed, and guess nothing', async () => {
		const nowhere = await observe(homeAt(`${system.home.root}/none`), {env: {}, now_ms: () => NOW_MS})
		const map = mapDocument(nowhere)
		expect(section(map, 'streams')?.observed?.[0]).toMatch(/^Not observed: .*\(qt streams\): /)
		expect(cellsOf(map, 'streams', applyPlan.name).slice(-2)).toEqual(['not observed', 'not observed'])
		expect(section(matrixDocument(nowhere), 'listeners')).toBeDefined()
		expect(cellsOf(matrixDocument(nowhere), 'services', 'governor').at(-1)).toBe('not observed')
		expect(cellsOf(map, 'dedup-keys', keys.dedupIntent.pattern).at(-1)).toBe('not observed')
		expect(section(map, 'unknowns')?.observed).toContainEqual(
			expect.stringMatching(/^Not observed: redis: .*unknown-key/),
		)
	})

	it('lose nothing on a narrow terminal', () => {
		const shown = truthView(matrixDocument(seen), plainPaint, 60)
		const cells = bareOf(matrixDocument(seen)).sections.flatMap(({table}) => table?.rows.flat() ?? [])
		const words = cells.flatMap(cell => cell.split(/\s+/))
		const lines = shown.split('\n').filter(line => !/[├└]|quantum-trader/.test(line))
		expect(lines.filter(line => widthOf(line) > 60)).toEqual([])
		expect(words.filter(word => word.length < 40 && !shown.includes(word))).toEqual([])
	})
})

describe('what the documents claim', () => {
	const known = new Set(stations.flatMap(({refusals}) => refusals.map(({code}) => code)))

	it('every path leads from its first unit to its last', () => {
		expect(walkedPaths().filter(({broken, hops}) => broken !== undefined || hops.length === 0)).toEqual([])
	})

	it('the entry path is the one chain', () => {
		const entry = walkedPaths().find(({id}) => id === 'entry')?.hops ?? []
		expect(entry.map(({reader}) => reader)).toEqual(['portfolio-gate', 'intent-bridge', 'governor', 'apply-layer'])
	})

	it('codes exist', () => {
		const named = [...races.flatMap(({codes}) => codes), ...authorities.flatMap(({stale}) => stale)]
		expect(named.filter(name => !known.has(name))).toEqual([])
	})

	it('guarantees stand in docs/guarantees.md', () => {
		const text = readFileSync(file('docs/guarantees.md'), 'utf8')
		expect(races.flatMap(({guarantees}) => guarantees).filter(name => !text.includes(`| ${name} |`))).toEqual([])
	})

	it('commands exist', () => {
		const path = (command: string) => command.split(' --')[0]?.replaceAll(' ', '/')
		const seen = findings.flatMap(({see}) => see.split(', ').map(command => command.replace(/^qt /, '')))
		const named = [...OPERATIONS.map(([, command]) => command), ...seen]
		expect(named.filter(command => !existsSync(file(`src/commands/${path(command)}.ts`)))).toEqual([])
	})

	it('every finding of the audit stands in one document, but for what the venue is asked', () => {
		const shown = [...MATRIX_RULES, ...WIRING_RULES, ...MAP_RULES]
		expect(new Set(shown).size).toBe(shown.length)
		expect(rules.filter(rule => !shown.includes(rule)).map(({needs}) => needs.includes('venue'))).toEqual([true])
	})
})
