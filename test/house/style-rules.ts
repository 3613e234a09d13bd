import {basename, dirname} from 'node:path'
import ts from 'typescript'
import {at, nodesOf, type SourceFile, type SourceText} from './source-tree.js'

/** A rule finds offences in one file, each as `path:line what, and what instead`. */
export type Rule = (file: SourceFile) => string[]

const isPureEngine = (path: string) => path.startsWith('src/engine/') && !path.startsWith('src/engine/adapters/')
const isTest = (path: string) => /\.test\.tsx?$/.test(path)

/** What reads a clock, chance, the machine or the environment; arguments instead. */
const impureCalls =
	/^(Date\.now|Math\.random|performance\.now|performance\.mark|crypto\.randomUUID|randomUUID|randomBytes)$/
const impureGlobals = new Set([
	'setTimeout',
	'setInterval',
	'setImmediate',
	'queueMicrotask',
	'process',
	'console',
	'fetch',
])

const isNameOfSomethingElse = (node: ts.Identifier): boolean => {
	const {parent} = node
	return (
		(ts.isPropertyAccessExpression(parent) && parent.name === node) ||
		(ts.isPropertyAssignment(parent) && parent.name === node) ||
		(ts.isPropertySignature(parent) && parent.name === node) ||
		(ts.isMethodSignature(parent) && parent.name === node) ||
		(ts.isMethodDeclaration(parent) && parent.name === node) ||
		(ts.isPropertyDeclaration(parent) && parent.name === node)
	)
}

/** Names that a file declares itself: its own `process` or `console` is not the global one. */
function declaredIn(file: SourceFile): Set<string> {
	const names = new Set<string>()
	for (const node of nodesOf(file.tree)) {
		const declares =
			ts.isVariableDeclaration(node) ||
			ts.isParameter(node) ||
			ts.isFunctionDeclaration(node) ||
			ts.isBindingElement(node) ||
			ts.isImportSpecifier(node)
		if (declares && node.name && ts.isIdentifier(node.name)) names.add(node.name.text)
	}
	return names
}

/** Time, chance and identity are arguments of the pure engine. */
export const determinism: Rule = file => {
	if (!isPureEngine(file.path)) return []
	const own = declaredIn(file)
	return nodesOf(file.tree).flatMap(node => {
		if (ts.isCallExpression(node) && impureCalls.test(node.expression.getText())) {
			return `${at(file, node)} ${node.expression.getText()}: take it as an argument`
		}
		if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) {
			return `${at(file, node)} new Date(): take the time as an argument`
		}
		if (ts.isIdentifier(node) && impureGlobals.has(node.text) && !own.has(node.text) && !isNameOfSomethingElse(node)) {
			return `${at(file, node)} ${node.text}: take it as an argument`
		}
		return []
	})
}

/** What may be spelled in src/engine/contracts only. */
export interface DeclaredNames {
	/** Stream names, former and retired ones included. */
	streams: readonly string[]
	/** Key patterns such as `market:quote:{symbol}`, retired ones included. */
	keys: readonly string[]
}

/**
 * Words that are told apart from prose and field names: a stream's by its dot,
 * a key's by its colon. `features` or `kill` alone could be anything.
 */
export function namesElsewhere({streams, keys}: DeclaredNames): Rule {
	const spelled = new Set(streams.filter(name => name.includes('.')))
	const prefixes = keys.map(pattern => pattern.replace(/\{.*$/, '')).filter(prefix => prefix.includes(':'))
	const isName = (text: string) =>
		spelled.has(text) ||
		/\bquantum:/.test(text) ||
		prefixes.some(prefix => text === prefix || (prefix.endsWith(':') && text.startsWith(prefix)))
	return file => {
		if (!file.path.startsWith('src/') || file.path.startsWith('src/engine/contracts/')) return []
		return nodesOf(file.tree).flatMap(node => {
			if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node)) return []
			if (!isName(node.text)) return []
			return `${at(file, node)} spells '${node.text}': take the name from the contract in src/engine/contracts`
		})
	}
}

const waits = /^(setTimeout|setInterval|sleep|delay|pause|wait)$/

/** Tests await a condition; only the named waiter may look at a clock. */
export const noSleeping =
	(allowed: readonly string[]): Rule =>
	file => {
		if (!file.path.startsWith('test/') || allowed.includes(file.path)) return []
		return nodesOf(file.tree).flatMap(node => {
			const sleeps =
				(ts.isCallExpression(node) && waits.test(node.expression.getText().replace(/^globalThis\./, ''))) ||
				(ts.isImportDeclaration(node) && /['"](node:)?timers/.test(node.moduleSpecifier.getText()))
			return sleeps ? `${at(file, node)} sleeps: await a condition with eventually() from test/support` : []
		})
	}

/** A test without an expectation passes whatever happens. A suite that several files run (`busConformance`) expects in their name. */
export const expects: Rule = file => {
	if (!isTest(file.path)) return []
	const found = nodesOf(file.tree).some(
		node =>
			ts.isCallExpression(node) &&
			/^(expect|expectTypeOf|assertType|fc\.assert|\w+Conformance)\b/.test(node.expression.getText()),
	)
	return found ? [] : [`${file.path} expects nothing`]
}

/** A test that does not run, or keeps the others from running, says nothing. */
export const allRun: Rule = file => {
	if (!file.path.startsWith('test/')) return []
	return nodesOf(file.tree).flatMap(node => {
		if (!ts.isPropertyAccessExpression(node) || !/^(only|skip|todo|fails)$/.test(node.name.text)) return []
		if (!/^(it|test|describe|suite|bench)\b/.test(node.expression.getText())) return []
		return `${at(file, node)} ${node.getText()}: run it or remove it`
	})
}

/** What we mock we do not test. */
export const noMocks: Rule = file =>
	nodesOf(file.tree).flatMap(node =>
		ts.isCallExpression(node) && /^(vi|vitest)\.(mock|doMock|hoisted)$/.test(node.expression.getText())
			? `${at(file, node)} mocks a module: use the real one, or inject what it needs`
			: [],
	)

const lineOf = (text: string, index: number) => text.slice(0, index).split('\n').length

/** Work left for later belongs in an issue. The words are put together here so that the rule does not find itself. */
export function leftovers({path, text}: SourceText): string[] {
	const words = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`, 'g')
	return [...text.matchAll(words)].map(
		({0: word, index}) => `${path}:${lineOf(text, index)} ${word}: do it, or open an issue`,
	)
}

/** Rules drawn with characters tell nothing that a file or function of its own would not. */
export function banners({path, text}: SourceText): string[] {
	return [...text.matchAll(/(?:\/\/|\/\*|^\s*\*|#|--)\s*[-=*#~_]{6,}/gm)].map(
		({index}) => `${path}:${lineOf(text, index)} banner: split the file instead`,
	)
}

/** Names that say nothing about the domain collect what has no place. */
export function naming(path: string): string[] {
	const vague = /(^|[-./])(utils?|helpers?|manager|common|misc|shared|lib)($|[-./])/
	const offences: string[] = []
	if (vague.test(path)) offences.push(`${path}: name it after what it is about`)
	const parts = [...dirname(path).split('/'), basename(path).replace(/(\.(test|bench))?\.[a-z]+$/, '')]
	const crooked = parts.find(part => !/^\.?[a-z0-9]+(-[a-z0-9]+)*$/.test(part))
	if (crooked !== undefined && dirname(path) !== '.') offences.push(`${path}: ${crooked} is not in kebab-case`)
	return offences
}

/** Files longer than the limit, unless a reviewer can name the reason; and reasons that are no longer needed. */
export function tooLong(
	files: readonly SourceText[],
	linesMax: number,
	reasons: Readonly<Record<string, string>>,
): string[] {
	const lengths = new Map(files.map(({path, text}) => [path, text.split('\n').length - 1]))
	const long = [...lengths].filter(([path, lines]) => lines > linesMax && !(path in reasons))
	const needless = Object.keys(reasons).filter(path => (lengths.get(path) ?? 0) <= linesMax)
	return [
		...long.map(([path, lines]) => `${path} has ${lines} lines, ${linesMax} are the limit: split it by subject`),
		...needless.map(path => `${path} is within the limit or gone: remove its exception`),
	]
}
