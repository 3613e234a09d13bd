import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, posix} from 'node:path'
import {fileURLToPath} from 'node:url'
import ts from 'typescript'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A file of the repository: its path from the root with `/`, and its text. */
export interface SourceText {
	path: string
	text: string
}

/** A TypeScript file, parsed but not type-checked. */
export interface SourceFile extends SourceText {
	tree: ts.SourceFile
}

/** Paths under a folder of the repository whose name ends in one of `endings`, sorted. */
export function pathsUnder(folder: string, endings: readonly string[]): string[] {
	let entries: {name: string; parentPath: string; isFile(): boolean}[]
	try {
		entries = readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
	} catch {
		return []
	}
	return entries
		.filter(entry => entry.isFile() && endings.some(ending => entry.name.endsWith(ending)))
		.map(entry => posix.relative(root, posix.join(entry.parentPath, entry.name)))
		.sort()
}

export const readText = (path: string): SourceText => ({path, text: readFileSync(join(root, path), 'utf8')})

export const parse = ({path, text}: SourceText): SourceFile => ({
	path,
	text,
	tree: ts.createSourceFile(
		path,
		text,
		ts.ScriptTarget.Latest,
		true,
		path.endsWith('x') ? ts.ScriptKind.TSX : undefined,
	),
})

const parsed = new Map<string, SourceFile[]>()

/** The TypeScript files under a folder; each is parsed once in a test run. */
export function typescriptUnder(folder: string): readonly SourceFile[] {
	const known = parsed.get(folder) ?? pathsUnder(folder, ['.ts', '.tsx']).map(path => parse(readText(path)))
	parsed.set(folder, known)
	return known
}

const walked = new WeakMap<ts.Node, readonly ts.Node[]>()

/** Every node of a tree, parents before children. */
export function nodesOf(tree: ts.SourceFile): readonly ts.Node[] {
	const known = walked.get(tree)
	if (known) return known
	const nodes: ts.Node[] = []
	const visit = (node: ts.Node) => {
		nodes.push(node)
		node.forEachChild(visit)
	}
	visit(tree)
	walked.set(tree, nodes)
	return nodes
}

/** `path:line`, as editors understand it. */
export const at = ({path, tree}: SourceFile, node: ts.Node): string =>
	`${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
