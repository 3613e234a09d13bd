import {existsSync} from 'node:fs'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {execa} from 'execa'
import {Redis} from 'ioredis'
import {ModuleKind, ScriptTarget, transpileModule} from 'typescript'
import {describe, expect, it} from 'vitest'
import {eventually, eventuallyGone} from './eventually.js'
import {startRedis} from './redis.js'
import {temporaryHome} from './temporary-home.js'

const alive = (pid: number) => {
	try {
		return process.kill(pid, 0)
	} catch {
		return false
	}
}

describe('eventually', () => {
	it('returns the first truthy value', async () => {
		let looks = 0
		expect(await eventually(() => ++looks === 3 && 'third', {every_ms: 1})).toBe('third')
	})

	it('treats a failed expectation as not yet and reports the last one', async () => {
		const wait = eventually(() => expect([1, 2]).toHaveLength(3), {within_ms: 20, what: 'three rows'})
		await expect(wait).rejects.toThrow(/^Not so within 20 ms: three rows .*length of 3/)
	})

	it('says what it saw last', async () => {
		await expect(eventually(() => 0, {within_ms: 5})).rejects.toThrow('the last time it was 0')
	})

	it('waits for something to go', async () => {
		const rows = [1, 2, 3]
		await eventuallyGone(() => rows.splice(0, 1), {every_ms: 1})
		expect(rows).toEqual([])
		await expect(eventuallyGone(() => 'row', {within_ms: 5})).rejects.toThrow("still there: 'row'")
	})
})

describe('private Redis', () => {
	it('keeps acknowledged writes over a kill and removes everything at the end', async () => {
		const server = await startRedis()
		const client = new Redis(server.path, {lazyConnect: true, retryStrategy: () => 20})
		client.on('error', () => 'it connects again by itself')
		try {
			await client.connect()
			await client.set('written', 'yes')
			await client.call('CONFIG', 'SET', 'appendfsync', 'always')
			await client.set('durable', 'yes')
			const before = server.pid
			await server.kill9()
			await server.restart()
			expect(server.pid).not.toBe(before)
			expect(await client.get('durable')).toBe('yes')
			await server.restart()
			expect(await client.get('written')).toBe('yes')
		} finally {
			client.disconnect()
			await server.stop()
		}
		expect(existsSync(server.directory)).toBe(false)
		await server.stop()
	})

	it('ends with the process that started it, however that ends', async () => {
		const home = await temporaryHome()
		for (const name of ['redis', 'eventually', 'temporary-home']) {
			const source = await readFile(new URL(`${name}.ts`, import.meta.url), 'utf8')
			const {outputText} = transpileModule(source, {
				compilerOptions: {module: ModuleKind.ESNext, target: ScriptTarget.ES2023},
			})
			await writeFile(join(home.path, `${name}.js`), outputText)
		}
		const program = join(home.path, 'program.mjs')
		await writeFile(
			program,
			`import {startRedis} from './redis.js'
			const server = await startRedis()
			process.stdout.write(String(server.pid), () => process.kill(process.pid, 'SIGKILL'))`,
		)
		await writeFile(join(home.path, 'package.json'), '{"type": "module"}')
		const run = await execa(process.execPath, [program], {reject: false})
		expect(run.signal, run.stderr).toBe('SIGKILL')
		const pid = Number(run.stdout)
		await eventuallyGone(() => alive(pid))
		expect(alive(pid)).toBe(false)
		await home.remove()
	})

	it('names the setting that the server refuses', async () => {
		await expect(startRedis(['--no-such-setting', '1'])).rejects.toThrow(/Redis did not start/)
	})
})
