import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {identify, sameProcess, signalGroup, signalProcess} from '../../../src/daemon/supervision/process-identity.js'
import type {ProcessSpec} from '../../../src/daemon/supervision/process-spec.js'
import {openRunRecords} from '../../../src/daemon/supervision/run-record.js'
import {eventually} from '../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'
import {compileSupervision} from './compiled-supervision.js'
import {alive, awaitGone, type Ground, ground, pidOf, stateOf} from './small-processes.js'

let tools: TemporaryHome
let program: string

beforeAll(async () => {
	tools = await temporaryHome()
	const modules = compileSupervision(join(tools.path, 'compiled'))
	program = join(tools.path, 'compiled/first-daemon.js')
	writeFileSync(
		program,
		`import {Supervisor} from '${modules}/supervisor.js'
		const ready = {check: async () => ({ok: true}), interval_ms: 20, timeout_ms: 1000, failures_max: 2}
		const {specs, run_dir} = JSON.parse(process.argv[2])
		const supervisor = new Supervisor({specs: specs.map(spec => ({...spec, ready})), run_dir, version: '1'})
		await supervisor.start()
		await supervisor.waitReady(undefined, 5000)
		console.log('ready')
		setInterval(() => {}, 1000)`,
	)
})

afterAll(() => tools.remove())

/** A daemon of its own process that supervises the specs and is then killed without warning. */
async function killedDaemon(at: Ground, specs: ProcessSpec[]): Promise<void> {
	const work = JSON.stringify({specs, run_dir: at.path('run')})
	const daemon: ChildProcess = spawn(process.execPath, [program, work], {stdio: ['ignore', 'pipe', 'inherit']})
	if (!daemon.stdout) throw new Error('no stdout')
	onTestFinished(() => void daemon.kill('SIGKILL'))
	const [line] = await once(daemon.stdout, 'data')
	expect(String(line)).toBe('ready\n')
	await eventually(() => specs.every(({name}) => at.starts(name).length === 1))
	const gone = once(daemon, 'exit')
	daemon.kill('SIGKILL')
	await gone
}

describe('after a kill -9 of the daemon', () => {
	it('its children live on, are adopted with pid and generation, and are supervised as before', async () => {
		const at = await ground()
		const specs = [at.idle('redis'), at.idle('unit', {depends_on: ['redis']})]
		await killedDaemon(at, specs)
		const [redis, unit] = [at.starts('redis')[0] ?? 0, at.starts('unit')[0] ?? 0]
		expect([alive(redis), alive(unit)]).toEqual([true, true])
		const supervisor = at.supervisor(specs)
		expect(await supervisor.recover()).toMatchObject({replaced: [], orphans: [], unreadable: [], leftovers_ended: 0})
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		expect(stateOf(supervisor, 'unit')).toMatchObject({pid: unit, generation: 1, adopted: true, restarts_in_window: 0})
		expect(stateOf(supervisor, 'redis')).toMatchObject({pid: redis, generation: 1, adopted: true})
		expect([at.starts('redis'), at.starts('unit')]).toEqual([[redis], [unit]])
		process.kill(unit, 'SIGKILL')
		await eventually(() => stateOf(supervisor, 'unit').generation === 2)
		await supervisor.waitReady(undefined, 5_000)
		expect(stateOf(supervisor, 'unit')).toMatchObject({
			adopted: false,
			last_exit: {code: null, signal: null, generation: 1},
		})
		expect((await supervisor.stop()).stopped).toEqual(['unit', 'redis'])
		await awaitGone(redis)
		const {records} = openRunRecords(at.path('run')).readAll()
		expect(records.map(({name, generation, identity}) => [name, generation, identity]).sort()).toEqual([
			['redis', 1, null],
			['unit', 2, null],
		])
	})

	it('an adopted process that ignores SIGTERM is ended by SIGKILL, with its group', async () => {
		const at = await ground()
		const setup = `trap '' TERM; sleep 1000 & echo $! > ${at.path('child')}`
		const specs = [
			at.spec('stubborn', 'while :; do sleep 0.05; done', {setup, stop: {signal: 'SIGTERM', grace_ms: 100}}),
		]
		await killedDaemon(at, specs)
		const supervisor = at.supervisor(specs)
		await supervisor.start()
		const pid = pidOf(supervisor, 'stubborn')
		expect(await supervisor.stop()).toMatchObject({stopped: ['stubborn'], killed: ['stubborn']})
		await awaitGone(pid)
		await awaitGone(Number(readFileSync(at.path('child'), 'utf8')))
	})

	it('what differs is replaced, never doubled; what is no longer declared is an orphan until it is reaped', async () => {
		const at = await ground()
		await killedDaemon(at, [at.idle('same'), at.idle('changed'), at.idle('removed')])
		const [same, changed, removed] = ['same', 'changed', 'removed'].map(name => at.starts(name)[0] ?? 0)
		const supervisor = at.supervisor([at.idle('same'), at.idle('changed', {env: {LEVEL: 'debug'}}), at.idle('new')])
		const report = await supervisor.recover()
		expect(report).toMatchObject({adopted: ['same'], replaced: ['changed']})
		expect(report.orphans).toMatchObject([
			{name: 'removed', identity: {pid: removed}, reason: 'no process removed is declared any more'},
		])
		expect(alive(changed ?? 0)).toBe(false)
		await supervisor.waitReady(['same', 'changed'], 5_000)
		expect(stateOf(supervisor, 'same').pid).toBe(same)
		expect(stateOf(supervisor, 'changed').generation).toBe(2)
		expect(alive(removed ?? 0)).toBe(true)
		const [orphan] = report.orphans
		expect(orphan && (await supervisor.reapOrphan(orphan, 1_000))).toBe(true)
		expect(alive(removed ?? 0)).toBe(false)
	})

	it('another version of the product replaces all', async () => {
		const at = await ground()
		const specs = [at.idle('unit')]
		await killedDaemon(at, specs)
		const supervisor = at.supervisor(specs, {version: '2'})
		expect(await supervisor.recover()).toMatchObject({adopted: [], replaced: ['unit']})
		await supervisor.waitReady(undefined, 5_000)
		expect(at.starts('unit')).toHaveLength(2)
	})

	it.runIf(process.platform === 'linux')('a process without a readable record is told by its mark', async () => {
		const at = await ground()
		const specs = [at.idle('lost'), at.idle('torn')]
		await killedDaemon(at, specs)
		rmSync(at.path('run/lost.run.json'))
		writeFileSync(at.path('run/torn.run.json'), '{"name":')
		const supervisor = at.supervisor(specs)
		const report = await supervisor.recover()
		expect(report.adopted.sort()).toEqual(['lost', 'torn'])
		expect(report.unreadable.map(({file}) => file)).toEqual([at.path('run/torn.run.json')])
		await supervisor.waitReady(undefined, 5_000)
		expect([at.starts('lost'), at.starts('torn')]).toEqual([[pidOf(supervisor, 'lost')], [pidOf(supervisor, 'torn')]])
	})

	it.runIf(process.platform === 'linux')(
		'what is left of a group whose leader is gone ends before its successor starts',
		async () => {
			const at = await ground()
			const specs = [at.spec('leader', 'sleep 1000', {setup: `sleep 1000 & echo $! > ${at.path('child')}`})]
			await killedDaemon(at, specs)
			const child = await eventually(() => Number(readFileSync(at.path('child'), 'utf8')))
			process.kill(at.starts('leader')[0] ?? 0, 'SIGKILL')
			await awaitGone(at.starts('leader')[0] ?? 0)
			expect(alive(child)).toBe(true)
			const supervisor = at.supervisor(specs)
			expect((await supervisor.recover()).leftovers_ended).toBeGreaterThan(0)
			await awaitGone(child)
			await supervisor.start()
			await supervisor.waitReady(undefined, 5_000)
			expect(stateOf(supervisor, 'leader').generation).toBe(2)
		},
	)

	it('a process that has taken over the pid of a record is neither adopted nor signalled', async () => {
		const at = await ground()
		const stranger = spawn('sleep', ['1000'], {detached: true, stdio: 'ignore'})
		onTestFinished(() => void stranger.kill('SIGKILL'))
		const pid = stranger.pid ?? 0
		const identity = identify(pid)
		if (!identity) throw new Error('the stranger did not start')
		const records = openRunRecords(at.path('run'))
		const supervisor = at.supervisor([at.idle('unit')])
		const stale = {...identity, start_time: `${Number(identity.start_time) - 1}`}
		records.write({name: 'unit', generation: 7, identity: stale, spec_hash: 'x', version: '1', started_at: null})
		expect(await supervisor.recover()).toMatchObject({adopted: [], replaced: [], orphans: []})
		expect(signalGroup(stale, 'SIGKILL')).toBe(false)
		expect(signalProcess(stale, 'SIGKILL')).toBe(false)
		expect(sameProcess({...identity, boot_id: 'another boot'})).toBe(false)
		expect(sameProcess(identity)).toBe(true)
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		expect(stateOf(supervisor, 'unit').generation).toBe(8)
		const gone = once(stranger, 'exit')
		expect(signalGroup(identity, 'SIGTERM')).toBe(true)
		await gone
	})
})

it('goes on without run records when their directory is lost', async () => {
	const at = await ground()
	const supervisor = at.supervisor([at.idle('unit')])
	const alarms: string[] = []
	supervisor.on('alarm', ({message}) => alarms.push(message))
	await supervisor.recover()
	rmSync(at.path('run'), {recursive: true})
	writeFileSync(at.path('run'), 'a file where the directory was')
	await supervisor.start()
	await supervisor.waitReady(undefined, 5_000)
	expect(alarms[0]).toMatch(/^cannot write the run record of unit: E/)
	await supervisor.stop()
	rmSync(at.path('run'))
	expect(existsSync(at.path('unit.log'))).toBe(true)
})
