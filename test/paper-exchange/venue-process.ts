import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {fileURLToPath} from 'node:url'
import ts from 'typescript'
import {credentials, type Json, PlainClient} from './venue-fixture.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const source = join(root, 'src/paper-exchange')

const sources = (): string[] =>
	readdirSync(source, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
		.map(entry => relative(source, join(entry.parentPath, entry.name)))

const built = join(root, 'dist/paper-exchange')
const compiledName = (file: string): string => file.replace(/\.ts$/, '.js')

const isFresh = (file: string): boolean => {
	const out = join(built, compiledName(file))
	return existsSync(out) && statSync(out).mtimeMs >= statSync(join(source, file)).mtimeMs
}

/**
 * The venue's main file, compiled: the project's build when it is of these sources, else a build of its own in a
 * directory from which node finds the project's packages.
 */
export const compileVenue = (name: string): {main: string; remove: () => void} => {
	const files = sources()
	if (files.every(isFresh)) return {main: join(built, 'main.js'), remove: () => {}}
	const target = join(root, 'node_modules/.cache/venue-tests', name)
	for (const file of files) {
		const out = join(target, compiledName(file))
		const {outputText} = ts.transpileModule(readFileSync(join(source, file), 'utf8'), {
			compilerOptions: {module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true},
		})
		mkdirSync(dirname(out), {recursive: true})
		writeFileSync(out, outputText)
	}
	return {main: join(target, 'main.js'), remove: () => rmSync(target, {recursive: true})}
}

export type Exit = Readonly<{code: number | null; signal: string | null; stderr: string}>

const running = new Set<ChildProcess>()

/** Ends every venue that a failed test left behind. */
export const endAll = (): void => {
	for (const child of running) child.kill('SIGKILL')
}

/** A venue in a process of its own. */
export class VenueProcess extends PlainClient {
	private constructor(
		private readonly child: ChildProcess,
		readonly exit: Promise<Exit>,
		urls: Readonly<{rest_url: string; ws_url: string}>,
	) {
		super(urls.rest_url, urls.ws_url)
	}

	/** Starts `main.js` on a configuration; fails with its exit when it ends before it is ready. */
	static async start(main: string, config: Json, data_dir: string): Promise<VenueProcess> {
		mkdirSync(data_dir, {recursive: true})
		const path = join(data_dir, 'config.json')
		writeFileSync(path, JSON.stringify({port: 0, ...credentials, data_dir, ...config}))
		const child = spawn(process.execPath, [main, path], {stdio: ['ignore', 'pipe', 'pipe']})
		running.add(child)
		child.on('close', () => running.delete(child))
		let stderr = ''
		child.stderr?.on('data', chunk => {
			stderr += String(chunk)
		})
		const exit = new Promise<Exit>(resolve => child.on('close', (code, signal) => resolve({code, signal, stderr})))
		const line = new Promise<string>(resolve => child.stdout?.once('data', chunk => resolve(String(chunk))))
		const first = await Promise.race([line, exit])
		if (typeof first !== 'string') throw new Error(`The venue ended with ${JSON.stringify(first)}.`)
		return new VenueProcess(child, exit, JSON.parse(first) as {rest_url: string; ws_url: string})
	}

	end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Exit> {
		this.child.kill(signal)
		return this.exit
	}
}
