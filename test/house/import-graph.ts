import {posix} from 'node:path'
import ts from 'typescript'
import {at, nodesOf, type SourceFile} from './source-tree.js'

/** One import as it stands in a file. */
export interface Import {
	from: string
	/** `path:line` of the import. */
	place: string
	/** Path from the root for our own files, with the ending of the source; a bare package or `node:` name otherwise. */
	target: string
	own: boolean
	/** Gone after compilation. */
	typeOnly: boolean
	/** `import()` inside a function: loaded when needed. */
	dynamic: boolean
}

function specifierOf(node: ts.Node): {text: string; typeOnly: boolean; dynamic: boolean} | undefined {
	if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
		const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
		return {text: node.moduleSpecifier.text, typeOnly, dynamic: false}
	}
	if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
		return {text: node.moduleSpecifier.text, typeOnly: node.isTypeOnly, dynamic: false}
	}
	if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
		return {text: node.argument.literal.text, typeOnly: true, dynamic: false}
	}
	if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
		const [argument] = node.arguments
		if (argument && ts.isStringLiteralLike(argument)) return {text: argument.text, typeOnly: false, dynamic: true}
	}
	return undefined
}

/** What a file imports, static, dynamic and type-only. `exists` tells which paths are files of ours. */
export function importsOf(file: SourceFile, exists: (path: string) => boolean): Import[] {
	return nodesOf(file.tree).flatMap(node => {
		const found = specifierOf(node)
		if (!found) return []
		const {text, typeOnly, dynamic} = found
		const own = text.startsWith('.')
		const path = posix.join(posix.dirname(file.path), text)
		const candidates = [path, path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')]
		const target = own ? (candidates.find(exists) ?? path) : text
		return [{from: file.path, place: at(file, node), target, own, typeOnly, dynamic}]
	})
}

/** `ccxt/js/src/pro/binanceusdm.js` belongs to `ccxt`, `@duckdb/node-api/x` to `@duckdb/node-api`. */
export const packageOf = (specifier: string): string =>
	specifier
		.split('/')
		.slice(0, specifier.startsWith('@') ? 2 : 1)
		.join('/')

/** Circles in a graph, each once, as the list of files that leads back to its first. */
export function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
	const found: string[][] = []
	const done = new Set<string>()
	const visit = (file: string, trail: string[]) => {
		const start = trail.indexOf(file)
		if (start >= 0) {
			found.push([...trail.slice(start), file])
			return
		}
		if (done.has(file)) return
		for (const next of edges.get(file) ?? []) visit(next, [...trail, file])
		done.add(file)
	}
	for (const file of edges.keys()) visit(file, [])
	return found
}

/** Everything that is loaded with a file, the shortest way to each: from target to the chain of files leading there. */
export function loadedWith(file: string, imports: readonly Import[]): ReadonlyMap<string, readonly string[]> {
	const byFile = groupByFile(imports)
	const chains = new Map<string, readonly string[]>([[file, [file]]])
	const queue = [file]
	for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
		for (const {target, typeOnly, dynamic} of byFile.get(next) ?? []) {
			if (typeOnly || dynamic || chains.has(target)) continue
			chains.set(target, [...(chains.get(next) ?? []), target])
			queue.push(target)
		}
	}
	return chains
}

function groupByFile(imports: readonly Import[]): Map<string, Import[]> {
	const groups = new Map<string, Import[]>()
	for (const each of imports) groups.set(each.from, [...(groups.get(each.from) ?? []), each])
	return groups
}
