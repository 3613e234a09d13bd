import {mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ModuleKind, ScriptTarget, transpileModule} from 'typescript'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Compiles supervision into `dir`, so that processes of a test's own can import it. Returns the folder of the modules. */
export function compileSupervision(dir: string): string {
	const sources = [
		...readdirSync(join(root, 'src/daemon/supervision')).map(name => `daemon/supervision/${name}`),
		'engine/errors.ts',
		'engine/exit-codes.ts',
	].filter(name => name.endsWith('.ts'))
	for (const name of sources) {
		const {outputText} = transpileModule(readFileSync(join(root, 'src', name), 'utf8'), {
			compilerOptions: {module: ModuleKind.ESNext, target: ScriptTarget.ES2023, verbatimModuleSyntax: true},
		})
		const target = join(dir, name.replace(/\.ts$/, '.js'))
		mkdirSync(dirname(target), {recursive: true})
		writeFileSync(target, outputText)
	}
	writeFileSync(join(dir, 'package.json'), '{"type": "module"}')
	symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'))
	return join(dir, 'daemon/supervision')
}
