import {existsSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import type {SlowStop} from '../../../src/daemon/supervision/supervisor-types.js'
import {eventually} from '../../support/eventually.js'
import {alive, alwaysOk, awaitGone, fileProbe, ground, pidOf, stateOf} from './small-processes.js'

describe('start and stop', () => {
	it('starts in dependency order, each only once its dependency is ready, and stops in reverse', async () => {
		const at = await ground()
		const supervisor = at.supervisor([
			at.idle('brain', {depends_on: ['feed']}),
			at.idle('feed', {depends_on: ['redis'], ready: fileProbe(at.path('feed-ready'))}),
			at.idle('redis'),
		])
		const seen: string[] = []
		supervisor.on('transition', ({name, to}) => seen.push(`${name} ${to}`))
		await supervisor.start()
		await supervisor.waitReady(['redis'], 5_000)
		await eventually(() => stateOf(supervisor, 'feed').ready_reason?.includes('missing'))
		expect(stateOf(supervisor, 'brain')).toMatchObject({
			state: 'STARTING',
			phase: 'WAITING',
			waiting_for: ['feed'],
			pid: null,
		})
		at.touch('feed-ready')
		await supervisor.waitReady(undefined, 5_000)
		expect(supervisor.status().map(({name, state}) => `${name} ${state}`)).toEqual([
			'redis RUNNING',
			'feed RUNNING',
			'brain RUNNING',
		])
		const pids = supervisor.status().map(({pid}) => pid)
		seen.length = 0
		const report = await supervisor.stop()
		expect(report).toEqual({stopped: ['brain', 'feed', 'redis'], killed: [], superseded: []})
		expect(seen.filter(line => /STOP/.test(line))).toEqual(
			['brain', 'feed', 'redis'].flatMap(name => [`${name} STOPPING`, `${name} STOPPED`]),
		)
		expect(pids.filter(pid => pid !== null && alive(pid))).toEqual([])
	})

	it('starts what is named with all it needs, and stops what is named with all that needs it', async () => {
		const at = await ground()
		const supervisor = at.supervisor([at.idle('redis'), at.idle('feed', {depends_on: ['redis']}), at.idle('aside')])
		await supervisor.start(['feed'])
		await supervisor.waitReady(['feed'], 5_000)
		expect(stateOf(supervisor, 'redis').state).toBe('RUNNING')
		expect(stateOf(supervisor, 'aside').state).toBe('STOPPED')
		expect((await supervisor.stop(['redis'])).stopped).toEqual(['feed', 'redis'])
	})

	it('suggests the process that a mistyped name means', async () => {
		const at = await ground()
		const supervisor = at.supervisor([at.idle('price-feed')])
		await expect(supervisor.start(['prize-feed'])).rejects.toMatchObject({
			message: 'there is no process "prize-feed"',
			hint: 'did you mean price-feed?',
			exit_code: 2,
		})
	})

	it('sends SIGTERM to the whole group, names the slow one, and ends it by SIGKILL after the grace', async () => {
		const at = await ground()
		const child = `trap 'touch ${at.path('child-got-term')}' TERM; touch ${at.path('child-up')}; while :; do sleep 0.02; done`
		const setup = `trap '' TERM; (${child}) & while ! test -e ${at.path('child-up')}; do sleep 0.01; done`
		const stop = {signal: 'SIGTERM', grace_ms: 300} as const
		const supervisor = at.supervisor([
			at.spec('stubborn', 'while :; do sleep 0.05; done', {setup, stop}),
			at.idle('easy'),
		])
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		const pid = pidOf(supervisor, 'stubborn')
		const slow: SlowStop[] = []
		const report = await supervisor.stop(undefined, notice => slow.push(notice))
		expect(report.killed).toEqual(['stubborn'])
		expect(slow).toMatchObject([{name: 'stubborn', pid}])
		expect(existsSync(at.path('child-got-term'))).toBe(true)
		expect(alive(pid)).toBe(false)
	})

	it('ends a process that is stopped by SIGSTOP', async () => {
		const at = await ground()
		const supervisor = at.supervisor([at.idle('frozen')])
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		process.kill(pidOf(supervisor, 'frozen'), 'SIGSTOP')
		const {killed} = await supervisor.stop()
		expect(killed).toEqual([])
	})

	it('forces on demand while a graceful stop is under way', async () => {
		const at = await ground()
		const setup = `trap '' TERM`
		const supervisor = at.supervisor([
			at.spec('stubborn', 'while :; do sleep 0.05; done', {setup, stop: {signal: 'SIGTERM', grace_ms: 60_000}}),
		])
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		const stopped = supervisor.stop()
		supervisor.kill()
		expect(await stopped).toMatchObject({stopped: ['stubborn'], killed: ['stubborn']})
	})

	it('leaves nothing of a group whose leader has crashed before the next generation starts', async () => {
		const at = await ground()
		const script = `sleep 1000 & echo $! > ${at.path('straggler')}; sleep 1000`
		const supervisor = at.supervisor([at.spec('leader', script)])
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		const straggler = await eventually(() => Number(readFileSync(at.path('straggler'), 'utf8')))
		const overlap: boolean[] = []
		supervisor.on('transition', ({to, generation}) => {
			if (to === 'STARTING' && generation === 2) overlap.push(alive(straggler))
		})
		process.kill(pidOf(supervisor, 'leader'), 'SIGKILL')
		await eventually(() => stateOf(supervisor, 'leader').generation === 2)
		expect(overlap).toEqual([false])
	})
})

describe('stop wins over restart', () => {
	it('while the process is in back-off, being restarted, or crashing', async () => {
		const at = await ground()
		const supervisor = at.supervisor([
			at.spec('crasher', 'exit 1', {
				ready: fileProbe(at.path('never')),
				restart: {backoff_min_ms: 50, backoff_max_ms: 50, intensity_max: 99},
			}),
			at.spec('slow', 'while :; do sleep 0.01; done', {setup: `trap 'sleep 0.2; exit 1' TERM`}),
		])
		await supervisor.start()
		await supervisor.waitReady(['slow'], 5_000)
		await supervisor.restart('slow')
		await eventually(() => stateOf(supervisor, 'crasher').phase === 'BACKOFF')
		const stopped = supervisor.stop()
		await expect(supervisor.restart('slow')).rejects.toMatchObject({message: 'slow is being stopped', exit_code: 6})
		expect(await stopped).toMatchObject({superseded: []})
		const starts = at.starts('crasher').length
		const since = performance.now()
		await eventually(() => performance.now() - since > 150)
		expect(at.starts('crasher')).toHaveLength(starts)
		expect(at.starts('slow')).toHaveLength(1)
		expect(supervisor.status().map(({state}) => state)).toEqual(['STOPPED', 'STOPPED'])
	})

	it('and a start during the stop supersedes it with one new copy', async () => {
		const at = await ground()
		const supervisor = at.supervisor([
			at.spec('slow', 'while :; do sleep 0.01; done', {setup: `trap 'sleep 0.2; exit 0' TERM`}),
		])
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		const first = pidOf(supervisor, 'slow')
		const stopped = supervisor.stop()
		await supervisor.start()
		expect(await stopped).toMatchObject({superseded: ['slow'], stopped: []})
		await eventually(() => stateOf(supervisor, 'slow').generation === 2)
		await supervisor.waitReady(undefined, 5_000)
		expect(at.starts('slow')).toHaveLength(2)
		expect(stateOf(supervisor, 'slow').restarts_in_window).toBe(0)
		await awaitGone(first)
	})
})

it('gives each child its own session, a bare environment and its mark', async () => {
	const at = await ground()
	const supervisor = at.supervisor([at.spec('shower', 'env; exec sleep 1000', {env: {MINE: 'yes'}, ready: alwaysOk})], {
		base_env: {PATH: '/usr/bin:/bin'},
	})
	await supervisor.start()
	const log = await eventually(() => {
		const text = readFileSync(at.path('shower.log'), 'utf8')
		return text.includes('QT_SUPERVISED') ? text : null
	})
	const names = log
		.split('\n')
		.map(line => line.split('=')[0])
		.filter(Boolean)
	expect(names.filter(name => !['_', 'SHLVL', 'OLDPWD', 'PWD'].includes(name ?? '')).sort()).toEqual([
		'MINE',
		'PATH',
		'QT_SUPERVISED',
	])
})
