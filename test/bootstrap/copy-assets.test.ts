import {existsSync} from 'node:fs'
import {cp, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type FakeProject, fakeProject} from './fake-project.js'

let project: FakeProject
beforeEach(async () => {
	project = await fakeProject()
})
afterEach(() => project.remove())

const stamp = async () => JSON.parse(await readFile(join(project.root, 'dist/build.json'), 'utf8'))

describe('the end of a build', () => {
	it('copies what the compiler leaves out, and follows when it goes', async () => {
		const assets = ['engine/gates/admit.lua', 'engine/limits.json', 'paper/markets.yaml']
		for (const asset of assets) await project.write(`src/${asset}`, `content of ${asset}`)
		await project.write('src/engine/notes.md', 'not an asset')
		await project.bootstrap(['build'])
		for (const asset of assets) {
			expect(await readFile(join(project.root, 'dist', asset), 'utf8')).toBe(`content of ${asset}`)
		}
		expect(existsSync(join(project.root, 'dist/engine/notes.md'))).toBe(false)

		await rm(join(project.root, 'src/engine'), {recursive: true})
		await project.bootstrap(['build'])
		expect(existsSync(join(project.root, 'dist/engine'))).toBe(false)
		expect(existsSync(join(project.root, 'dist/paper/markets.yaml'))).toBe(true)
	})

	it('removes the output of a source that is gone and keeps the dot entries', async () => {
		await project.write('src/two.ts', '')
		await project.bootstrap(['build'])
		await project.write('dist/.tsbuildinfo', '{}')
		expect(existsSync(join(project.root, 'dist/two.js'))).toBe(true)
		await rm(join(project.root, 'src/two.ts'))
		await project.bootstrap(['build'])
		expect(existsSync(join(project.root, 'dist/two.js'))).toBe(false)
		expect(existsSync(join(project.root, 'dist/two.js.map'))).toBe(false)
		expect(existsSync(join(project.root, 'dist/one.js'))).toBe(true)
		expect(existsSync(join(project.root, 'dist/.tsbuildinfo'))).toBe(true)
	})

	it('leaves a stamp of what was built', async () => {
		await project.bootstrap(['build'])
		const before = await stamp()
		expect(before).toMatchObject({version: '0.0.1', commit: null, source_hash: expect.stringMatching(/^[0-9a-f]{64}$/)})
		expect(new Date(before.built_at).toISOString()).toBe(before.built_at)
		await project.write('src/one.ts', 'other')
		await project.bootstrap(['build'])
		expect((await stamp()).source_hash).not.toBe(before.source_hash)
	})

	it('refuses output with a hole in it', async () => {
		await project.bootstrap(['build'])
		await rm(join(project.root, 'dist/one.js'))
		const run = await execa(process.execPath, ['bin/copy-assets.mjs'], {cwd: project.root, reject: false})
		expect(run).toMatchObject({exitCode: 1, stderr: expect.stringContaining('dist/one.js is missing')})
	})
})

describe('qt before a build', () => {
	const runFile = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

	it.each([{args: ['status']}, {args: ['status', '--json']}])('says so for $args', async ({args}) => {
		await cp(runFile, join(project.root, 'bin/run.js'))
		const run = await execa(process.execPath, ['bin/run.js', ...args], {cwd: project.root, reject: false})
		expect(run.exitCode).toBe(5)
		if (args.includes('--json')) {
			expect(JSON.parse(run.stdout)).toMatchObject({ok: false, code: 5, hint: expect.stringContaining('npm start')})
		} else {
			expect(run.stderr).toContain('dist/commands is missing')
			expect(run.stderr).toContain('npm run build')
		}
	})
})
