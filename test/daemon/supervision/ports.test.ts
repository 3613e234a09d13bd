import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {holderOfPort} from '../../../src/daemon/supervision/port-holder.js'
import {allocatePorts, isPortFree, requireFreePort} from '../../../src/daemon/supervision/ports.js'
import {temporaryHome} from '../../support/temporary-home.js'
import {compileSupervision} from './compiled-supervision.js'

const servers: Server[] = []

async function listener(host: string, port = 0): Promise<number> {
	const server = createServer()
	servers.push(server)
	server.listen({port, host})
	await once(server, 'listening')
	const address = server.address()
	if (!address || typeof address === 'string') throw new Error('no port')
	return address.port
}

afterEach(async () => {
	await Promise.all(servers.splice(0).map(server => new Promise(resolve => server.close(resolve))))
})

describe('a taken port', () => {
	for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
		it(`is seen, and its process named, when it listens on ${host}`, async () => {
			const port = await listener(host)
			expect(await isPortFree(port)).toBe(false)
			expect(holderOfPort(port)).toMatchObject({kind: 'process', pid: process.pid})
			await expect(requireFreePort(port, 'ai-engine')).rejects.toThrow(
				`port ${port}, wanted for ai-engine, is taken by process ${process.pid} (`,
			)
		})
	}

	it('is free again once nobody listens', async () => {
		const port = await listener('127.0.0.1')
		await new Promise(resolve => servers.splice(0)[0]?.close(resolve))
		expect(await isPortFree(port)).toBe(true)
		expect(holderOfPort(port)).toEqual({kind: 'nobody'})
		await requireFreePort(port, 'ai-engine')
	})
})

describe.runIf(process.getuid?.() === 0 && process.platform === 'linux')('seen without rights', () => {
	it('the holder is said to be invisible, with its user', async () => {
		const home = await temporaryHome()
		chmodSync(home.path, 0o755)
		const modules = compileSupervision(join(home.path, 'compiled'))
		const port = await listener('127.0.0.1')
		const script = `import {describeHolder, holderOfPort} from '${modules}/port-holder.js'
			console.log(describeHolder(holderOfPort(${port})))`
		const nobody = 65_534
		const asked = spawn(process.execPath, ['--input-type=module', '-e', script], {
			uid: nobody,
			stdio: ['ignore', 'pipe', 'inherit'],
		})
		const [answer] = await once(asked.stdout, 'data')
		expect(String(answer).trim()).toBe(
			'a process that cannot be seen from here: it belongs to user 0 or to another container',
		)
		await home.remove()
	})
})

describe('ports of units', () => {
	it('stay the same over restarts, and a new name disturbs no other', async () => {
		const home = await temporaryHome()
		const file = join(home.path, 'ports.json')
		const first = await allocatePorts(['feed', 'brain'], 'ephemeral', file)
		expect(new Set(Object.values(first)).size).toBe(2)
		const second = await allocatePorts(['brain', 'health', 'feed'], 'ephemeral', file)
		expect(second).toMatchObject(first)
		expect(await allocatePorts(['feed'], 'ephemeral', file)).toEqual({feed: first.feed})
		expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(second)
		await home.remove()
	})

	it('follow the base in order, step over what is taken, and move when the base moves', async () => {
		const home = await temporaryHome()
		const file = join(home.path, 'ports.json')
		const free = await allocatePorts(['x'], 'ephemeral', join(home.path, 'other.json'))
		const base = free.x ?? 0
		await listener('127.0.0.1', base)
		const ports = await allocatePorts(['feed', 'brain'], base, file)
		expect(ports.feed).toBeGreaterThan(base)
		expect(ports.brain).toBeGreaterThan(ports.feed ?? 0)
		const moved = await allocatePorts(['feed', 'brain'], base + 3_000, file)
		expect(moved.feed).toBeGreaterThanOrEqual(base + 3_000)
		await home.remove()
	})

	it('are chosen anew when a stranger has taken an ephemeral one, but not when its holder is ours', async () => {
		const home = await temporaryHome()
		const file = join(home.path, 'ports.json')
		const first = await allocatePorts(['feed'], 'ephemeral', file)
		await listener('127.0.0.1', first.feed)
		expect(await allocatePorts(['feed'], 'ephemeral', file, {isOurs: () => true})).toEqual(first)
		expect(await allocatePorts(['feed'], 'ephemeral', file, {isOurs: () => false})).not.toEqual(first)
		await home.remove()
	})

	it('are never guessed from a damaged file', async () => {
		const home = await temporaryHome()
		const file = join(home.path, 'ports.json')
		writeFileSync(file, '{"feed": "eighty"}')
		await expect(allocatePorts(['feed'], 'ephemeral', file)).rejects.toThrow(`${file} does not hold ports by name`)
		await home.remove()
	})
})
