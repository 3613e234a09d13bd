import {rmSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {auditLog, auditProof} from '../../../src/daemon/client/audit.js'
import {changeLatch} from '../../../src/daemon/client/latch.js'
import {keepStopsRecorded} from '../../../src/daemon/running/stops-recorded.js'
import {SystemClock} from '../../../src/engine/adapters/clock/system-clock.js'
import {eventually} from '../../support/eventually.js'
import {startSystem, type TestSystem} from '../client/system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
beforeEach(async () => {
	await system.reset()
	rmSync(system.home.audit, {force: true})
	rmSync(system.home.auditHead, {force: true})
})
afterAll(() => system.stop())

const kill = (by: string, reason: string) =>
	changeLatch(system.state, {what: 'kill', by, reason, mode: 'PAPER', time_ms: 7})
const said = () => auditLog(system.home, 100).map(({who, why, after}) => [who, why, after.epoch])

/** Runs the keeper as a daemon does, until it has looked after `act`. */
const whileKept = async (act: () => Promise<unknown>, expected: readonly unknown[]): Promise<void> => {
	const {bus, naming} = system.state
	const stop = new AbortController()
	const errors: unknown[] = []
	const kept = keepStopsRecorded({bus, naming, home: system.home}, new SystemClock(), stop.signal, error =>
		errors.push(error),
	)
	await act()
	await eventually(() => said().length === expected.length, {within_ms: 30_000, what: 'what it did is recorded'})
	stop.abort()
	await kept
	expect(errors).toEqual([])
	expect(said()).toEqual(expected)
}

describe('what stops the system without a command', () => {
	it('stands in the audit log once, also when another daemon looks again', async () => {
		await kill('ess', 'DAILY_LOSS')
		const first = [['ess', 'DAILY_LOSS', 1]]
		await whileKept(async () => undefined, first)
		await whileKept(() => kill('bsc', 'too many orders'), [...first, ['bsc', 'too many orders', 2]])
		expect(auditProof(system.home)).toMatchObject({broken: undefined, sound: 2})
	})

	it('and what an operator did is left to the command, which knows more of it', async () => {
		await kill('ada', 'by hand')
		await whileKept(() => kill('ess', 'DRAWDOWN'), [['ess', 'DRAWDOWN', 2]])
	})
})
