import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {eventually} from '../../support/eventually.js'
import {alive, fileProbe, ground, pidOf, quickProbe, stateOf} from './small-processes.js'

describe('known bugs of others', () => {
	it('restart while waiting for a dependency leaves no second copy', async () => {
		const at = await ground()
		const supervisor = at.supervisor([
			at.idle('redis', {ready: fileProbe(at.path('redis-ready'))}),
			at.idle('unit', {depends_on: ['redis']}),
		])
		await supervisor.start()
		await eventually(() => stateOf(supervisor, 'unit').phase === 'WAITING')
		for (let round = 0; round < 5; round += 1) await supervisor.restart('unit')
		await supervisor.stop(['unit'])
		expect(stateOf(supervisor, 'unit').state).toBe('STOPPED')
		await supervisor.start(['unit'])
		await supervisor.restart('unit')
		at.touch('redis-ready')
		await supervisor.waitReady(undefined, 5_000)
		const pid = pidOf(supervisor, 'unit')
		expect(at.starts('unit').filter(started => started === pid || alive(started))).toEqual([pid])
		expect(stateOf(supervisor, 'unit').generation).toBe(1)
	})

	it('readiness that flaps skips no late dependant', async () => {
		const at = await ground()
		let readings = 0
		const flapping = quickProbe(async () => (++readings % 3 === 0 ? {ok: true} : {ok: false, reason: 'flaps'}), {
			failures_max: 1,
		})
		const supervisor = at.supervisor([
			at.idle('redis', {ready: flapping}),
			at.idle('early', {depends_on: ['redis']}),
			at.idle('late', {depends_on: ['redis', 'early']}),
		])
		await supervisor.start(['early'])
		await eventually(() => stateOf(supervisor, 'early').state === 'RUNNING')
		await supervisor.start(['late'])
		await eventually(() => stateOf(supervisor, 'late').state === 'RUNNING')
		expect(at.starts('redis')).toHaveLength(1)
		expect(at.starts('early')).toHaveLength(1)
	})

	it('a finished process does not satisfy a dependency', async () => {
		const at = await ground()
		const supervisor = at.supervisor([
			at.spec('oneshot', `test -e ${at.path('done')} || { touch ${at.path('done')}; exit 0; }; exec sleep 1000`, {
				restart: {type: 'transient'},
			}),
			at.idle('unit', {depends_on: ['oneshot']}),
		])
		await supervisor.start(['oneshot'])
		await eventually(() => stateOf(supervisor, 'oneshot').last_exit?.code === 0)
		await expect(supervisor.waitReady(['unit'], 5_000)).rejects.toThrow(/unit is STOPPED \(waits for oneshot\)/)
		const satisfiedBy: number[] = []
		supervisor.on('transition', ({name, to}) => {
			const {ready, generation} = stateOf(supervisor, 'oneshot')
			if (name === 'unit' && to === 'STARTING' && ready) satisfiedBy.push(generation)
		})
		await supervisor.start(['unit'])
		await supervisor.waitReady(['unit'], 5_000)
		expect(satisfiedBy).toEqual([2])
	})

	it('good health of one generation is not believed of the next', async () => {
		const at = await ground()
		const asked: number[] = []
		let release = () => {}
		const ready = quickProbe(async ({generation}) => {
			asked.push(generation)
			if (generation === 1) return {ok: true}
			await new Promise<void>(resolve => {
				release = resolve
			})
			return {ok: false, reason: 'second generation is not ready'}
		})
		const supervisor = at.supervisor([at.idle('redis', {ready}), at.idle('unit', {depends_on: ['redis']})])
		await supervisor.start(['redis'])
		await supervisor.waitReady(['redis'], 5_000)
		await supervisor.restart('redis')
		expect(stateOf(supervisor, 'redis').ready).toBe(false)
		await supervisor.start(['unit'])
		await eventually(() => asked.includes(2))
		release()
		await eventually(() => stateOf(supervisor, 'redis').ready_reason === 'second generation is not ready')
		expect(stateOf(supervisor, 'unit')).toMatchObject({phase: 'WAITING', pid: null})
	})

	it('nobody truncates the log: not a restart, not a second supervisor', async () => {
		const at = await ground()
		const speaker = at.spec('speaker', 'echo hello from $$; exec sleep 1000')
		const first = at.supervisor([speaker])
		await first.start()
		await first.waitReady(undefined, 5_000)
		await first.restart('speaker')
		await eventually(() => at.starts('speaker').length === 2)
		await first.waitReady(undefined, 5_000)
		const second = at.supervisor([speaker])
		first.close()
		await second.recover()
		await second.restart('speaker')
		await eventually(() => at.starts('speaker').length === 3)
		const lines = await eventually(() => {
			const text = readFileSync(at.path('speaker.log'), 'utf8').trim().split('\n')
			return text.length === 3 && text
		})
		expect(lines).toEqual(at.starts('speaker').map(pid => `hello from ${pid}`))
	})
})
