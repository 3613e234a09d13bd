import {randomBytes} from 'node:crypto'
import {readdirSync, readFileSync, readlinkSync, statSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join, relative} from 'node:path'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {socketPath} from '../../src/daemon/supervision/socket-path.js'
import {passwordFile, REDIS_USERS} from '../../src/daemon/system/redis-login.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {EXIT_CODES} from '../../src/engine/exit-codes.js'
import {eventually} from '../support/eventually.js'
import {runQt} from '../support/qt.js'
import {alive, DaemonProcess, type RunningSystem, startSystem} from '../support/system.js'
import {entriesOf} from '../support/system-audit.js'
import {clientIdOf, creations} from '../support/system-venue.js'

const LONG_MS = 180_000
const patient = {within_ms: 120_000, every_ms: 100}
/** A request that had passed the fence when the key was set arrives within this, machine time. */
const ON_ITS_WAY_MS = 1_000

let pings = 0
/** Whoever has it may say that this system is well. */
const token = randomBytes(24).toString('hex')
let listener: Server
let system: RunningSystem
let brokenConfig: string
let config: string

const unit = async (name: string) => (await system.status()).units.find(found => found.name === name)
const processOf = async (name: string) => (await system.status()).processes.find(found => found.name === name)

/** 127.0.0.1 as the kernel writes it. */
const LOOPBACK = '0100007F'

/** Files below a directory that hold one of the texts. */
const filesWith = (directory: string, texts: readonly string[]): string[] =>
	readdirSync(directory, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => join(entry.parentPath, entry.name))
		.filter(path => {
			const content = readFileSync(path)
			return texts.some(text => content.includes(text))
		})

/** Addresses on which a process takes TCP connections, as the kernel writes them: table 4 and 6, state 0A. */
const listeningOf = (pid: number): string[] => {
	const own = new Set(
		readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
			try {
				return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
			} catch {
				// Closed meanwhile.
				return []
			}
		}),
	)
	return ['tcp', 'tcp6'].flatMap(table =>
		readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
			.split('\n')
			.map(line => line.trim().split(/\s+/))
			.filter(([, , , state, , , , , , inode = '']) => state === '0A' && own.has(inode))
			.map(([, local = '']) => local.split(':')[0] ?? ''),
	)
}

beforeAll(async () => {
	listener = createServer((_, response) => {
		pings += 1
		response.end('noted')
	})
	await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
	const {port} = listener.address() as AddressInfo
	const settings = {isolate: ['governor', 'health-gate'], heartbeat_url: `http://127.0.0.1:${port}/ping?token=${token}`}
	system = await startSystem({daemonOnly: true, settings})
	// One process cannot even read its configuration: all others must come up without it.
	brokenConfig = join(system.home.run, 'host-health-gate.config.json')
	config = readFileSync(brokenConfig, 'utf8')
	writeFileSync(brokenConfig, '{"name": "health-gate"')
	await system.control.start([])
}, LONG_MS)
afterAll(async () => {
	await system?.stop()
	listener?.close()
}, LONG_MS)

describe.sequential('one daemon', () => {
	it('refuses a second one on its home, and that one names it', async () => {
		const second = new DaemonProcess(system.home.root)
		expect(await second.exit()).toBe(EXIT_CODES.refused)
		expect(second.output).toContain(`pid ${system.daemon.pid}`)
		expect(second.output).toContain(system.home.root)
		expect((await system.status()).pid).toBe(system.daemon.pid)
	})

	it('keeps its sockets and secrets to itself', () => {
		const {home} = system
		for (const path of [socketPath(home.run, home.controlSocketName), home.secrets])
			expect(statSync(path).mode & 0o077).toBe(0)
		expect(statSync(home.root).mode & 0o077).toBe(0)
	})

	it('runs an isolated unit in a process of its own', {timeout: LONG_MS}, async () => {
		await eventually(async () => (await unit('governor'))?.state === 'RUNNING', {...patient, what: 'the governor runs'})
		const [alone, beside] = [await unit('governor'), await unit('apply-layer')]
		expect(alone?.process).toBe('host-governor')
		expect(beside?.process).toBe('host-exec')
		expect(alone?.pid).not.toBe(beside?.pid)
	})

	it('stops sending when somebody sets the kill key by hand, and records it', {timeout: LONG_MS}, async () => {
		const {naming, redis, home} = system
		const execOpen = async () => (await system.status()).stages.find(({name}) => name === 'exec')?.open
		await eventually(execOpen, {...patient, what: 'exec is open'})
		const epoch = await system.arm()
		await eventually(() => creations(system.venue.log()).length >= 2, {...patient, what: 'orders leave'})
		await execa('redis-cli', ['-s', system.redisSocket, 'SET', naming.key(keys.kill, {}), '1'])
		const killed_ms = Date.now()
		await eventually(
			async () => {
				const arm = await redis.hgetall(naming.key(keys.arm, {}))
				expect(arm).toMatchObject({armed: '0', by: 'by hand', reason: expect.stringContaining('outside')})
				expect(Number(arm.epoch)).toBe(epoch + 1)
				expect(JSON.parse(readFileSync(home.arm, 'utf8'))).toMatchObject({armed: false, epoch: epoch + 1})
				return true
			},
			{...patient, what: 'the kill is recorded'},
		)
		await execa('redis-cli', ['-s', system.redisSocket, 'SET', naming.key(keys.kill, {}), '0'])
		await eventually(async () => (await redis.get(naming.key(keys.kill, {}))) === '1', {
			...patient,
			what: 'a 0 by hand opens nothing and is put back',
		})
		const refused = async () =>
			(await entriesOf(system, 'governor.events')).filter(({reason}) => reason === 'KILLED').length
		const before = await refused()
		await eventually(async () => (await refused()) >= before + 3, {...patient, what: 'plans go on being refused'})
		const late = creations(system.venue.log()).filter(({machine_ms}) => machine_ms > killed_ms + ON_ITS_WAY_MS)
		expect(late.map(clientIdOf).filter(id => !/^[st]-/.test(id))).toEqual([])
	})

	it('gives a process that cannot start up after a bounded number of restarts', {timeout: LONG_MS}, async () => {
		await eventually(async () => (await processOf('host-health-gate'))?.state === 'FAILED', {
			...patient,
			what: 'host-health-gate is given up',
		})
		const {processes, stages, alarms} = await system.status()
		const failed = processes.find(({name}) => name === 'host-health-gate')
		expect(failed?.restarts_in_window).toBeLessThanOrEqual(6)
		expect(failed?.last_error).toBeTruthy()
		expect(await unit('health-gate')).toMatchObject({state: 'FAILED'})
		expect(stages.filter(({open}) => !open).map(({name}) => name)).toEqual(['obs'])
		expect(alarms.some(({message}) => /host-health-gate.*FAILED/.test(message))).toBe(true)
		expect(pings, 'no ping while not all is well').toBe(0)
	})

	it('runs it again after a reset, and only then says outside that all is well', {timeout: LONG_MS}, async () => {
		writeFileSync(brokenConfig, config, {mode: 0o600})
		await system.control.reset('health-gate')
		await system.allOpen()
		await eventually(() => pings > 0, {...patient, what: 'the heartbeat'})
	})

	it('says its credentials nowhere, and opens no door to others', {timeout: LONG_MS}, async () => {
		const {home} = system
		const {api_key, api_secret} = JSON.parse(readFileSync(home.secrets, 'utf8')).paper as Record<string, string>
		// Logs, the replay of Redis with every stream and key in it, journals, the venue's own log.
		const passwords = REDIS_USERS.map(user => readFileSync(passwordFile(home, user), 'utf8').trim())
		const secrets = [String(api_key), String(api_secret), token, ...passwords]
		expect(secrets.every(secret => secret.length >= 32)).toBe(true)
		const holders = filesWith(home.root, secrets).map(path => relative(home.root, path))
		expect(holders.sort()).toEqual([
			...[...REDIS_USERS].sort().map(user => `access/redis-${user}`),
			...['run/paper-exchange.config.json', 'secrets.json', 'system.json'],
		])
		for (const holder of holders) expect(statSync(join(home.root, holder)).mode & 0o077).toBe(0)
		const {processes, ...told} = await system.status()
		const pids = [system.daemon.pid, ...processes.flatMap(({pid}) => (pid === null ? [] : [pid]))]
		const ofProcesses = pids.flatMap(pid =>
			['cmdline', 'environ'].map(name => readFileSync(`/proc/${pid}/${name}`, 'utf8')),
		)
		const answers = await Promise.all(
			[['status'], ['governor', 'show'], ['streams'], ['redis', 'ACL', 'WHOAMI'], ['redis', 'HSET', 'x', 'y', 'z']].map(
				words => runQt(home.root, [...words, '--json']),
			),
		)
		const told_by_qt = answers.flatMap(({stdout, stderr}) => [stdout, stderr])
		expect(told_by_qt.join('')).toContain('reader')
		expect(told_by_qt.join('')).toContain('NOPERM')
		const said = [JSON.stringify({processes, told}), ...ofProcesses, ...told_by_qt, system.daemon.output]
		expect(said.filter(text => secrets.some(secret => text.includes(secret)))).toEqual([])
		const sockets = readdirSync(home.run).filter(name => name.endsWith('.sock'))
		expect(sockets.length).toBeGreaterThanOrEqual(processes.filter(({name}) => name.startsWith('host-')).length)
		expect(sockets.filter(name => (statSync(join(home.run, name)).mode & 0o077) !== 0)).toEqual([])
		expect(pids.flatMap(listeningOf).filter(address => address !== LOOPBACK)).toEqual([])
		expect(pids.flatMap(listeningOf)).toContain(LOOPBACK)
	})

	it('stops in order, dependants first, and leaves nobody behind', {timeout: LONG_MS}, async () => {
		const {processes} = await system.status()
		const {stopped, killed} = await system.control.stop()
		expect(killed).toEqual([])
		const order = ['host-exec', 'host-brains', 'host-state', 'host-core', 'paper-exchange'].map(name =>
			stopped.indexOf(name),
		)
		expect(order).toEqual([...order].sort((left, right) => left - right))
		expect([...stopped].sort()).toEqual(processes.map(({name}) => name).sort())
		expect(stopped.at(-1)).toBe('redis')
		expect(await system.daemon.exit()).toBe(0)
		expect(processes.filter(({pid}) => pid !== null && alive(pid))).toEqual([])
	})
})
