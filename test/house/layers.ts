import {type Import, packageOf} from './import-graph.js'

/**
 * The areas of the house, first match wins, and what each may import of ours
 * besides itself. Direction is down only: faces over the client, the client
 * and the daemon over the engine, the engine over nothing.
 */
export const layers: readonly {name: string; holds: RegExp; imports: readonly string[]}[] = [
	{name: 'commands', holds: /^src\/commands\//, imports: ['cli', 'tui', 'truth', 'audit', 'client', 'engine']},
	// What every command does the same way: the envelope of its answer, exit codes, errors.
	{name: 'cli', holds: /^src\/cli\//, imports: ['tui', 'truth', 'audit', 'client', 'engine']},
	{name: 'tui', holds: /^src\/tui\//, imports: ['truth', 'audit', 'client', 'engine']},
	// The reference documents: what is declared, beside what is seen.
	{name: 'truth', holds: /^src\/truth\//, imports: ['audit', 'client', 'engine']},
	// Looks at a whole system from outside, and holds what it sees against what is declared.
	{name: 'audit', holds: /^src\/audit\//, imports: ['client', 'ground', 'engine', 'adapters']},
	{name: 'client', holds: /^src\/(client|daemon\/client)[/.-]/, imports: ['ground', 'engine', 'adapters']},
	// Where a system lies and how its processes are found: known to the daemon and to its clients alike.
	{
		name: 'ground',
		holds:
			/^src\/daemon\/(system\/|supervision\/(atomic-file|closest-name|instance-record|listeners|log-tail|port-holder|process-identity|process-table|redis-binary|run-record|single-instance|socket-path|supervision-limits|supervision-mark)\.ts)/,
		imports: ['engine'],
	},
	{name: 'daemon', holds: /^src\/daemon\//, imports: ['client', 'ground', 'engine', 'adapters']},
	{name: 'adapters', holds: /^src\/engine\/adapters\//, imports: ['engine']},
	{name: 'engine', holds: /^src\/engine\//, imports: []},
	// The oracle of our tests: what it shared with the engine it could not prove wrong.
	{name: 'paper-exchange', holds: /^src\/paper-exchange\//, imports: []},
	// Plays whole markets and judges by the venue's own log.
	{name: 'rehearsal', holds: /^src\/rehearsal\//, imports: ['bench', 'client', 'engine', 'paper-exchange']},
	// Harms a whole system on purpose, and judges it by the venue's own log.
	{
		name: 'chaos',
		holds: /^src\/chaos\//,
		imports: ['bench', 'client', 'ground', 'daemon', 'engine', 'adapters', 'paper-exchange'],
	},
	{
		name: 'bench',
		holds: /^src\/bench\//,
		imports: ['audit', 'client', 'ground', 'daemon', 'engine', 'adapters', 'paper-exchange'],
	},
]

export const layerOf = (path: string): string | undefined => layers.find(({holds}) => holds.test(path))?.name

/** What the pure engine may import from outside: deterministic, without I/O. */
const pureLibraries = ['zod', 'decimal.js', 'node:crypto', 'node:assert']

/** Why an import is against the direction of the house, or undefined. */
export function trespass({from, place, target, own}: Import): string | undefined {
	const layer = layers.find(({holds}) => holds.test(from))
	if (!layer) return `${place} lies in no layer; test/house/layers.ts lists them`
	if (!own) {
		if (layer.name !== 'engine' || pureLibraries.includes(packageOf(target))) return undefined
		return `${place} imports ${target}: the pure engine may import ${pureLibraries.join(', ')}; I/O belongs in src/engine/adapters`
	}
	const other = layerOf(target)
	if (other === layer.name || (other !== undefined && layer.imports.includes(other))) return undefined
	const allowed = layer.imports.length > 0 ? layer.imports.join(', ') : 'nothing else of ours'
	return `${place} imports ${target} (${other ?? 'no layer'}): ${layer.name} may import ${allowed}`
}
