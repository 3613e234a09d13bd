import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {placementsOf} from '../../src/daemon/running/composition.js'
import {CRASH_MS, survives} from '../support/crash.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {entriesOf} from '../support/system-audit.js'
import {fillsOf} from '../support/system-venue.js'

let system: RunningSystem
beforeAll(async () => {
	system = await startSystem({settings: {market: {kind: 'synthetic'}}})
}, CRASH_MS)
afterAll(() => system?.stop(), CRASH_MS)

describe.sequential('after SIGKILL in the middle of trading nothing is lost and nothing happens twice', () => {
	for (const name of ['redis', 'paper-exchange', ...placementsOf([]).map(({process}) => process)])
		it(name, {timeout: CRASH_MS}, () => survives(system, name))

	it('and all of it was trading', async () => {
		expect((await entriesOf(system, 'trade.closed')).length).toBeGreaterThan(10)
		expect(fillsOf(system.venue.log()).length).toBeGreaterThan(20)
	})
})
