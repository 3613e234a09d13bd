import {existsSync, rmSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {eventually} from '../../support/eventually.js'
import {fileProbe, ground, pidOf, quickProbe, stateOf} from './small-processes.js'

describe('failures', () => {
	it('restarts with back-off up to the intensity, then is FAILED until reset', async () => {
		const at = await ground()
		const supervisor = at.supervisor([
			at.spec('crasher', 'echo cannot bind; exit 7', {ready: fileProbe(at.path('never'))}),
		])
		await supervisor.start()
		const failed = await eventually(() =>
			stateOf(supervisor, 'crasher').state === 'FAILED' ? stateOf(supervisor, 'crasher') : null,
		)
		expect(failed).toMatchObject({
			pid: null,
			restarts_in_window: 3,
			last_exit: {code: 7, signal: null},
			last_error: 'exited with code 7; given up at 3 restarts',
		})
		expect(at.starts('crasher')).toHaveLength(4)
		const refusal = {
			exit_code: 6,
			hint: `see ${at.path('crasher.log')}, which ends with: cannot bind; then: qt reset crasher`,
		}
		await expect(supervisor.start(['crasher'])).rejects.toMatchObject(refusal)
		await expect(supervisor.restart('crasher')).rejects.toMatchObject(refusal)
		await supervisor.start()
		expect(stateOf(supervisor, 'crasher').state).toBe('FAILED')
		await supervisor.stop()
		expect(stateOf(supervisor, 'crasher').state).toBe('FAILED')
		supervisor.reset('crasher')
		expect(stateOf(supervisor, 'crasher')).toMatchObject({state: 'STOPPED', restarts_in_window: 0, last_error: null})
		expect(at.starts('crasher')).toHaveLength(4)
	})

	it('starts again on reset what is still wanted', async () => {
		const at = await ground()
		const script = `test -e ${at.path('mended')} || exit 1; exec sleep 1000`
		const supervisor = at.supervisor([at.spec('mended-later', script, {ready: fileProbe(at.path('mended'))})])
		await supervisor.start()
		await eventually(() => stateOf(supervisor, 'mended-later').state === 'FAILED')
		at.touch('mended')
		supervisor.reset('mended-later')
		await supervisor.waitReady(undefined, 5_000)
		expect(stateOf(supervisor, 'mended-later').restarts_in_window).toBe(0)
	})

	it('runs without its log rather than not at all, with an alarm', async () => {
		const at = await ground()
		const supervisor = at.supervisor([at.idle('unit', {log_file: `${at.touch('file')}/unit.log`})])
		const alarms: string[] = []
		supervisor.on('alarm', ({message}) => alarms.push(message))
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		expect(alarms).toEqual([expect.stringMatching(/^unit runs without its log: E/)])
	})

	it('restarts after a kill -9', async () => {
		const at = await ground()
		const supervisor = at.supervisor([at.idle('victim')])
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		const pid = pidOf(supervisor, 'victim')
		process.kill(pid, 'SIGKILL')
		await eventually(() => stateOf(supervisor, 'victim').generation === 2)
		await supervisor.waitReady(undefined, 5_000)
		expect(stateOf(supervisor, 'victim')).toMatchObject({
			restarts_in_window: 1,
			last_exit: {signal: 'SIGKILL', generation: 1},
		})
	})

	it('says that a command cannot be started', async () => {
		const at = await ground()
		const spec = {...at.idle('missing', {restart: {intensity_max: 0}}), command: '/no/such/program'}
		const supervisor = at.supervisor([spec])
		await supervisor.start()
		await expect(supervisor.waitReady(undefined, 5_000)).rejects.toThrow(
			/missing is FAILED \(cannot start \/no\/such\/program: .*ENOENT/,
		)
	})

	it('honours transient and temporary', async () => {
		const at = await ground()
		const supervisor = at.supervisor([
			at.spec('transient-done', 'exit 0', {ready: fileProbe(at.path('never')), restart: {type: 'transient'}}),
			at.spec('temporary-broken', 'exit 3', {ready: fileProbe(at.path('never')), restart: {type: 'temporary'}}),
		])
		await supervisor.start()
		await eventually(() => stateOf(supervisor, 'transient-done').state === 'STOPPED')
		await eventually(() => stateOf(supervisor, 'temporary-broken').state === 'FAILED')
		expect(at.starts('transient-done')).toHaveLength(1)
		expect(at.starts('temporary-broken')).toHaveLength(1)
	})

	it('restarts one that is not ready in time, and one that no longer lives though it runs', async () => {
		const at = await ground()
		let lives = true
		const live = quickProbe(async () => (lives ? {ok: true} : {ok: false, reason: 'no heartbeat'}))
		const supervisor = at.supervisor([
			at.idle('late', {ready: fileProbe(at.path('never')), start_timeout_ms: 100, restart: {intensity_max: 1}}),
			at.idle('wedged', {live}),
		])
		await supervisor.start()
		await supervisor.waitReady(['wedged'], 5_000)
		lives = false
		const wedged = await eventually(() =>
			stateOf(supervisor, 'wedged').generation === 2 ? stateOf(supervisor, 'wedged') : null,
		)
		lives = true
		expect(wedged.last_error).toBe('not alive, 2 times: no heartbeat')
		const late = await eventually(() =>
			stateOf(supervisor, 'late').state === 'FAILED' ? stateOf(supervisor, 'late') : null,
		)
		expect(late.last_error).toMatch(/^not ready within 100 ms: .*never is missing/)
	})

	it('counts a probe that hangs as failed', async () => {
		const at = await ground()
		const hangs = quickProbe(() => new Promise(() => {}), {timeout_ms: 30})
		const supervisor = at.supervisor([at.idle('mute', {ready: hangs})])
		await supervisor.start()
		await eventually(() => stateOf(supervisor, 'mute').ready_reason === 'no answer within 30 ms')
		await eventually(() => stateOf(supervisor, 'mute').ready_reason === '4 earlier checks still hang')
		expect(stateOf(supervisor, 'mute').state).toBe('STARTING')
	})
})

describe('an outage of a dependency', () => {
	it('feeds no restart of those who depend on it, alive or crashing', async () => {
		const at = await ground()
		const ready = fileProbe(at.path('redis-up'), {failures_max: 1})
		at.touch('redis-up')
		const live = quickProbe(
			async () => (existsSync(at.path('redis-up')) ? {ok: true} : {ok: false, reason: 'no heartbeat'}),
			{failures_max: 3},
		)
		const crashes = `while test -e ${at.path('redis-up')}; do sleep 0.01; done; exit 1`
		const supervisor = at.supervisor([
			at.idle('redis', {ready}),
			at.idle('patient', {depends_on: ['redis'], live}),
			at.spec('fragile', crashes, {depends_on: ['redis'], restart: {intensity_max: 0}}),
		])
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		const patient = pidOf(supervisor, 'patient')
		for (let outage = 0; outage < 3; outage += 1) {
			rmSync(at.path('redis-up'))
			await eventually(() => stateOf(supervisor, 'fragile').phase === 'WAITING')
			// Long enough for the liveness probe to fail more often than it may.
			const since = performance.now()
			await eventually(() => performance.now() - since > 120)
			at.touch('redis-up')
			await supervisor.waitReady(undefined, 5_000)
		}
		expect(pidOf(supervisor, 'patient')).toBe(patient)
		expect(stateOf(supervisor, 'patient').restarts_in_window).toBe(0)
		expect(stateOf(supervisor, 'fragile')).toMatchObject({state: 'RUNNING', generation: 4, restarts_in_window: 0})
	})

	it('stops the clock of a start that is under way', async () => {
		const at = await ground()
		at.touch('redis-up')
		const supervisor = at.supervisor([
			at.idle('redis', {ready: fileProbe(at.path('redis-up'), {failures_max: 1})}),
			at.idle('unit', {depends_on: ['redis'], ready: fileProbe(at.path('unit-up')), start_timeout_ms: 400}),
		])
		await supervisor.start()
		await eventually(() => stateOf(supervisor, 'unit').pid !== null)
		rmSync(at.path('redis-up'))
		await eventually(() => !stateOf(supervisor, 'redis').ready)
		const since = performance.now()
		await eventually(() => performance.now() - since > 600)
		expect(stateOf(supervisor, 'unit')).toMatchObject({phase: 'STARTING', generation: 1})
		at.touch('redis-up')
		at.touch('unit-up')
		await supervisor.waitReady(undefined, 5_000)
		expect(stateOf(supervisor, 'unit').generation).toBe(1)
	})
})
