import {chmod, cp, mkdir, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {temporaryHome} from '../support/temporary-home.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** What `npm ci` and `npm run build` leave behind, without a network; two at once leave "overlap" in the record. */
const npm = `#!${process.execPath}
import {appendFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync} from 'node:fs'
import {execFileSync} from 'node:child_process'
const verb = process.argv[2] === 'ci' ? 'ci' : process.argv.slice(2).join(' ')
try { mkdirSync('busy') } catch { appendFileSync('record', 'overlap\\n') }
appendFileSync('record', verb + '\\n')
if (verb === 'ci') {
	rmSync('node_modules', {recursive: true, force: true})
	mkdirSync('node_modules/vitest', {recursive: true})
	const {packages} = JSON.parse(readFileSync('package-lock.json'))
	delete packages['']
	for (const [path, entry] of Object.entries(packages)) if (entry.optional) delete packages[path]
	writeFileSync('node_modules/vitest/vitest.mjs', "console.log('vitest', ...process.argv.slice(2)); process.exit(7)")
	writeFileSync('node_modules/.package-lock.json', JSON.stringify({packages}))
} else {
	mkdirSync('dist/bench', {recursive: true})
	const sources = readdirSync('src', {recursive: true}).filter(name => name.endsWith('.ts'))
	for (const name of sources) {
		for (const kind of ['.js', '.js.map']) cpSync('src/' + name, 'dist/' + name.replace('.ts', kind))
		if (readFileSync('src/' + name, 'utf8').includes('syntax error')) { rmdirSync('busy'); process.exit(2) }
	}
	execFileSync(process.execPath, ['bin/copy-assets.mjs'], {stdio: 'inherit'})
}
rmdirSync('busy')
`

/** Stands in for \`qt\`: tells its arguments, or with \`--wait\` the signals it gets until the pipe to it closes. */
const qt = `
const args = process.argv.slice(2)
if (args.includes('--wait')) {
	for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => console.log(signal))
	process.stdin.resume().on('end', () => process.exit(9))
}
console.log('qt', ...args)
`

const lock = {
	packages: {
		'': {name: 'fake'},
		'node_modules/one': {version: '1.0.0', integrity: 'sha512-one'},
		'node_modules/other-platform': {version: '2.0.0', integrity: 'sha512-other', optional: true},
	},
}

const launch = (command: string[], cwd: string, env: Record<string, string>, stdin: 'pipe' | 'ignore') =>
	execa(process.execPath, command, {cwd, env, stdin, reject: false, extendEnv: false})

export interface BootstrapOptions {
	env?: Record<string, string>
	stdin?: 'pipe' | 'ignore'
	/** Source of a module that Node evaluates before the bootstrap. */
	preload?: string
}

export interface FakeProject {
	root: string
	/** The only folder on PATH besides none: what is not in it is not installed. */
	tools: string
	/** Puts an executable shell script on PATH. */
	tool(name: string, script: string): Promise<void>
	write(path: string, content: string): Promise<void>
	/** What the fake npm was asked to do since the last call, in order. */
	record(): Promise<string[]>
	/** Runs the bootstrap to its end; a failure is a result, not an exception. */
	bootstrap(args: string[], options?: BootstrapOptions): ReturnType<typeof launch>
	remove(): Promise<void>
}

/** A tiny clone with the real bootstrap in it and a PATH of its own that holds npm, a Redis server and env. */
export async function fakeProject(): Promise<FakeProject> {
	const home = await temporaryHome('qt-bootstrap-')
	const root = join(home.path, 'clone')
	const tools = join(home.path, 'tools')
	const write = async (path: string, content: string) => {
		await mkdir(dirname(join(root, path)), {recursive: true})
		await writeFile(join(root, path), content)
	}
	const put = async (name: string, content: string) => {
		await writeFile(join(tools, name), content)
		await chmod(join(tools, name), 0o755)
	}
	await mkdir(tools, {recursive: true})
	await cp(join(repository, 'bin'), join(root, 'bin'), {recursive: true})
	await write('bin/run.js', qt)
	await write(
		'package.json',
		JSON.stringify({name: 'fake', version: '0.0.1', type: 'module', engines: {node: '>=20.20'}}),
	)
	await write('package-lock.json', JSON.stringify(lock))
	await write('src/one.ts', 'export const one = 1\n')
	// Without an extension Node takes a script for CommonJS: the module lies beside and the tool imports it.
	await writeFile(join(tools, 'npm.mjs'), npm)
	await put('npm', `#!/bin/sh\nexec ${process.execPath} "${join(tools, 'npm.mjs')}" "$@"\n`)
	await put('redis-server', '#!/bin/sh\necho "Redis server v=7.0.15 sha=0:0 malloc=jemalloc"\n')
	await symlink('/usr/bin/env', join(tools, 'env'))
	return {
		root,
		tools,
		write,
		tool: (name, script) => put(name, `#!/bin/sh\n${script}\n`),
		async record() {
			const text = await readFile(join(root, 'record'), 'utf8').catch(() => '')
			await rm(join(root, 'record'), {force: true})
			return text.split('\n').filter(Boolean)
		},
		bootstrap(args, {preload, env, stdin = 'ignore'} = {}) {
			const imported = preload === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`]
			const command = [...imported, join(root, 'bin/bootstrap.mjs'), ...args]
			return launch(command, home.path, {PATH: tools, ...env}, stdin)
		},
		remove: home.remove,
	}
}
