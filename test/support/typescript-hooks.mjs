import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import ts from 'typescript'

/** Resolves `./x.js` to the `x.ts` that stands there, and hands Node the JavaScript of it. */
export async function resolve(specifier, context, next) {
	try {
		return await next(specifier, context)
	} catch (error) {
		if (!specifier.startsWith('.') || !specifier.endsWith('.js')) throw error
		return next(specifier.replace(/\.js$/, '.ts'), context)
	}
}

export async function load(url, context, next) {
	if (!url.endsWith('.ts')) return next(url, context)
	const {outputText} = ts.transpileModule(await readFile(fileURLToPath(url), 'utf8'), {
		compilerOptions: {module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true},
	})
	return {format: 'module', source: outputText, shortCircuit: true}
}
