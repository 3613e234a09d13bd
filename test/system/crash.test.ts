import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {placementsOf} from '../../src/daemon/running/composition.js'
import {eventually} from '../support/eventually.js'
import {alive, type RunningSystem, startSystem} from '../support/system.js'
import {allProblems, entriesOf} from '../support/system-audit.js'
import {creations, fillsOf} from '../support/system-venue.js'

const STARTED_MS = 180_000
const CRASH_MS = 180_000
const patient = {within_ms: 90_000, every_ms: 100}

let system: RunningSystem
beforeAll(async () => {
	system = await startSystem()
}, STARTED_MS)
afterAll(() => system?.stop(), STARTED_MS)

/** Orders leave at this moment: the next instant is in the middle of something. */
const trading = async (): Promise<void> => {
	const before = system.venue.log().length
	const orders = () => creations(system.venue.log().slice(before)).length
	await eventually(() => orders() > 1, {...patient, every_ms: 5, what: 'orders leave'})
}

const comesBack = (name: string, dead: number): Promise<unknown> =>
	eventually(
		async () => {
			const {processes, stages} = await system.status()
			const found = processes.find(process => process.name === name)
			expect(found?.pid).not.toBe(dead)
			expect(found?.ready).toBe(true)
			expect(stages.filter(({open}) => !open)).toEqual([])
			return true
		},
		{...patient, what: `${name} is back and every stage open`},
	)

const agrees = (): Promise<unknown> =>
	eventually(
		async () => {
			expect(await allProblems(system)).toEqual([])
			return true
		},
		{within_ms: 45_000, every_ms: 250, what: 'everything agrees'},
	)

describe.sequential('after SIGKILL in the middle of trading nothing is lost and nothing happens twice', () => {
	for (const name of ['redis', 'paper-exchange', ...placementsOf([]).map(({process}) => process)])
		it(name, {timeout: CRASH_MS}, async () => {
			await system.arm()
			await trading()
			const pid = await system.pidOf(name)
			process.kill(pid, 'SIGKILL')
			await comesBack(name, pid)
			await trading()
			await system.kill()
			await agrees()
		})

	it('the daemon: what it ran goes on, and the next daemon adopts it', {timeout: CRASH_MS}, async () => {
		await system.arm()
		await trading()
		const before = (await system.status()).processes
		system.daemon.child.kill('SIGKILL')
		await system.daemon.exit()
		await trading()
		system.startDaemon()
		await eventually(() => system.status(), {...patient, what: 'the next daemon answers'})
		await system.allOpen()
		const after = (await system.status()).processes
		expect(after.map(({name, pid, adopted}) => ({name, pid, adopted}))).toEqual(
			before.map(({name, pid}) => ({name, pid, adopted: true})),
		)
		for (const {pid} of before) expect(alive(pid ?? -1)).toBe(true)
		await trading()
		await system.kill()
		await agrees()
	})

	it('and all of it was trading', async () => {
		expect((await entriesOf(system, 'trade.closed')).length).toBeGreaterThan(10)
		expect(fillsOf(system.venue.log()).length).toBeGreaterThan(20)
	})
})
