import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {agrees, CRASH_MS, patient, survives, trading} from '../support/crash.js'
import {eventually} from '../support/eventually.js'
import {alive, type RunningSystem, startSystem} from '../support/system.js'
import {entriesOf} from '../support/system-audit.js'
import {fillsOf} from '../support/system-venue.js'

let system: RunningSystem
beforeAll(async () => {
	system = await startSystem()
}, CRASH_MS)
afterAll(() => system?.stop(), CRASH_MS)

describe.sequential('after SIGKILL in the middle of trading nothing is lost and nothing happens twice', () => {
	// The sender of orders and the memory of all of them; every other process has its trial in test/soak.
	for (const name of ['host-exec', 'redis']) it(name, {timeout: CRASH_MS}, () => survives(system, name))

	it('the daemon: what it ran goes on, and the next daemon adopts it', {timeout: CRASH_MS}, async () => {
		await system.arm()
		await trading(system)
		const before = (await system.status()).processes
		system.daemon.child.kill('SIGKILL')
		await system.daemon.exit()
		await trading(system)
		system.startDaemon()
		await eventually(() => system.status(), {...patient, what: 'the next daemon answers'})
		await system.allOpen()
		const after = (await system.status()).processes
		expect(after.map(({name, pid, adopted}) => ({name, pid, adopted}))).toEqual(
			before.map(({name, pid}) => ({name, pid, adopted: true})),
		)
		for (const {pid} of before) expect(alive(pid ?? -1)).toBe(true)
		await trading(system)
		await system.kill()
		await agrees(system)
	})

	it('and all of it was trading', async () => {
		expect((await entriesOf(system, 'trade.closed')).length).toBeGreaterThan(3)
		expect(fillsOf(system.venue.log()).length).toBeGreaterThan(10)
	})
})
