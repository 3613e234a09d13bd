import {mkdir, readFile, rm, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {type FakeProject, fakeProject} from './fake-project.js'

let project: FakeProject
beforeEach(async () => {
	project = await fakeProject()
})
afterEach(() => project.remove())

describe('usage', () => {
	it('explains itself', async () => {
		const run = await project.bootstrap(['--help'])
		expect(run).toMatchObject({exitCode: 0, stderr: ''})
		expect(run.stdout).toMatch(/^Usage: node bin\/bootstrap\.mjs start\|test\|bench\|rehearse\|chaos\|build/)
	})

	it.each([{args: []}, {args: ['strat']}, {args: ['constructor']}])('refuses $args', async ({args}) => {
		const run = await project.bootstrap(args)
		expect(run).toMatchObject({exitCode: 2, stdout: ''})
		expect(run.stderr).toMatch(/what to do is missing|unknown: /)
		expect(run.stderr).toContain('Usage:')
	})

	it.each([
		['18.20.4', 5],
		['20.19.9', 5],
		['20.20.0', 0],
		['22.1.0', 0],
	])('on Node %s exits with %i', async (version, exitCode) => {
		const preload = `Object.defineProperty(process, 'versions', {value: {...process.versions, node: '${version}'}})`
		const run = await project.bootstrap(['build'], {preload})
		expect(run.exitCode, String(run.stderr)).toBe(exitCode)
		if (exitCode === 0) return
		expect(run.stderr).toContain(`Node ${version} (${process.execPath}) is too old: 20.20 or newer is needed`)
		expect(run.stderr).toContain('nvm install 20')
	})
})

describe('preparing', () => {
	it('installs, builds and starts in a fresh clone, and is silent when all is there', async () => {
		const first = await project.bootstrap(['start', '--speed', '60'])
		expect(first.stdout).toBe('qt up --mode paper --go --watch --speed 60')
		expect(first.stderr).toMatch(
			/installing packages: node_modules is missing .*\n.*done in .*\n.*building: there is no/,
		)
		expect(await project.record()).toEqual(['ci', 'run --silent build'])

		const second = await project.bootstrap(['start'])
		expect(second).toMatchObject({exitCode: 0, stderr: '', stdout: 'qt up --mode paper --go --watch'})
		expect(await project.record()).toEqual([])
	})

	it('passes arguments and exit code of the test runner on', async () => {
		const run = await project.bootstrap(['test', 'test/one.test.ts', '--bail'])
		expect(run).toMatchObject({exitCode: 7, stdout: 'vitest run test/one.test.ts --bail'})
	})

	it('starts the compiled benchmark', async () => {
		await project.write('src/bench/run.ts', "console.log('bench', ...process.argv.slice(2))")
		expect(await project.bootstrap(['bench', '--json'])).toMatchObject({exitCode: 0, stdout: 'bench --json'})
	})

	it.each([
		['a changed version', {'node_modules/one': {version: '1.0.1', integrity: 'x'}}, 'one is 1.0.0 instead of 1.0.1'],
		['a new package', {'node_modules/two': {version: '2.0.0', integrity: 'y'}}, 'two is missing'],
		['a removed package', {'node_modules/one': undefined}, 'one is not in package-lock.json'],
	])('installs again for %s', async (_, change, reason) => {
		await project.bootstrap(['build'])
		await project.record()
		const lock = JSON.parse(await readFile(join(project.root, 'package-lock.json'), 'utf8'))
		await project.write('package-lock.json', JSON.stringify({packages: {...lock.packages, ...change}}))
		const run = await project.bootstrap(['build'])
		expect(run.stderr).toContain(`installing packages: ${reason}`)
		expect(await project.record()).toEqual(['ci'])
		expect(await project.bootstrap(['build'])).toMatchObject({exitCode: 0, stderr: ''})
	})

	it('installs again when the record of an installation is torn', async () => {
		await project.bootstrap(['build'])
		await project.record()
		await project.write('node_modules/.package-lock.json', '{"packages": {')
		expect((await project.bootstrap(['build'])).stderr).toContain('the installed packages cannot be told')
		expect(await project.record()).toEqual(['ci'])
	})

	it('builds again for other content or a removed file, not for another file time', async () => {
		await project.write('src/two.ts', 'export const two = 2\n')
		await project.bootstrap(['build'])
		await project.record()
		await utimes(join(project.root, 'src/one.ts'), new Date(), new Date())
		expect((await project.bootstrap(['build'])).stderr).toBe('')
		const changes = [
			() => project.write('src/one.ts', 'export const one = 2\n'),
			() => project.write('tsconfig.json', '{}'),
			() => rm(join(project.root, 'src/two.ts')),
		]
		for (const change of changes) {
			await change()
			expect((await project.bootstrap(['build'])).stderr).toContain('building: the sources changed since ')
		}
		expect(await project.record()).toEqual(Array(3).fill('run --silent build'))
	})

	it('does not take a build that failed half-way for the one before it', async () => {
		await project.bootstrap(['build'])
		await project.write('src/one.ts', 'syntax error')
		const failed = await project.bootstrap(['start'])
		expect(failed).toMatchObject({exitCode: 1, stdout: ''})
		expect(failed.stderr).toContain('npm run build ended with 2')
		await project.record()
		await project.write('src/one.ts', 'export const one = 1\n')
		expect((await project.bootstrap(['build'])).stderr).toContain('building: there is no finished build')
		expect(await project.record()).toEqual(['run --silent build'])
	})

	it('says what to do when npm ci fails', async () => {
		await project.tool('npm', 'echo "npm error network" >&2; exit 3')
		const run = await project.bootstrap(['build'])
		expect(run).toMatchObject({exitCode: 1, stdout: ''})
		expect(run.stderr).toMatch(/npm error network\n.*npm ci ended with 3\n.*npm ci --include=dev/)
	})
})

describe('several at once', () => {
	it('install and build once', async () => {
		const runs = await Promise.all([1, 2, 3, 4].map(n => project.bootstrap(['start', String(n)])))
		expect(runs.map(run => run.exitCode)).toEqual([0, 0, 0, 0])
		expect(await project.record()).toEqual(['ci', 'run --silent build'])
		expect(runs.map(run => run.stdout)).toEqual([1, 2, 3, 4].map(n => `qt up --mode paper --go --watch ${n}`))
	})

	it.each([
		['a process that has ended', {pid: 4_194_303}],
		['another process with its id', {pid: process.pid, startTime: '1'}],
	])('take the lock of %s over', async (_, owner) => {
		const lock = join(project.root, 'dist/.bootstrap-lock')
		await mkdir(lock, {recursive: true})
		await writeFile(join(lock, 'owner.json'), JSON.stringify(owner))
		expect(await project.bootstrap(['build'])).toMatchObject({exitCode: 0})
		expect(await project.record()).toEqual(['ci', 'run --silent build'])
	})

	it('wait for the one at work and name it', async () => {
		const lock = join(project.root, 'dist/.bootstrap-lock')
		await mkdir(lock, {recursive: true})
		await writeFile(join(lock, 'owner.json'), JSON.stringify({pid: process.pid}))
		const waiting = project.bootstrap(['build'])
		let said = ''
		waiting.stderr?.on('data', chunk => {
			said += chunk
		})
		await eventually(() => said.includes(`process ${process.pid} is preparing`))
		expect(await project.record()).toEqual([])
		await writeFile(join(lock, 'owner.json'), JSON.stringify({pid: 4_194_303}))
		expect(await waiting).toMatchObject({exitCode: 0})
	})
})

describe('signals', () => {
	it('reach what was started once, however many copies of a Ctrl-C arrive, and its exit code is passed on', async () => {
		await project.bootstrap(['build'])
		const run = project.bootstrap(['start', '--wait'], {stdin: 'pipe'})
		let said = ''
		run.stdout?.on('data', chunk => {
			said += chunk
		})
		await eventually(() => said.includes('--wait'))
		for (const _ of [1, 2, 3]) run.kill('SIGINT')
		await eventually(() => said.includes('SIGINT'))
		run.kill('SIGTERM')
		await eventually(() => said.includes('SIGTERM'))
		run.stdin?.end()
		expect(await run).toMatchObject({exitCode: 9})
		expect(said.split('\n').slice(1).filter(Boolean)).toEqual(['SIGINT', 'SIGTERM'])
	})

	it('end a step that is under way and start nothing after it', async () => {
		await project.tool('npm', 'echo started >&2; exec tail -f /dev/null')
		await project.tool('tail', 'exec /usr/bin/tail "$@"')
		const run = project.bootstrap(['start'])
		let said = ''
		run.stderr?.on('data', chunk => {
			said += chunk
		})
		await eventually(() => said.includes('started'))
		run.kill('SIGINT')
		expect(await run).toMatchObject({exitCode: 130, stdout: ''})
	})
})
