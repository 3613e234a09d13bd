import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Turn, turnExecution} from '../../../src/daemon/client/execution.js'
import {initGovernor, showGovernor} from '../../../src/daemon/client/governor.js'
import {readStatus} from '../../../src/daemon/client/system-status.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {events} from '../../../src/engine/contracts/streams/ops.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {executionLine, turnView} from '../../../src/tui/plain/execution-view.js'
import {startSystem, type TestSystem} from './system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
afterAll(() => system.stop())

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)
const turn = (what: Turn, by = 'ada', reason = 'why') =>
	turnExecution(system.state, {turn: what, by, reason, now_ms: () => NOW_MS})
const told = async () => {
	const {bus, naming} = system.state
	const entries = await bus.range(naming.stream(events.name), {count: 100})
	return entries.map(({fields}) => fields)
}

describe('the execution switch', () => {
	beforeEach(async () => {
		await system.reset()
		await initGovernor({home: system.home, state: system.state, mode: 'PAPER', positions_max: 10, now_ms: () => 1_000})
	})

	it.each<[Turn[], string]>([
		[['pause'], 'REDUCE_ONLY'],
		[['pause', 'resume'], 'ENABLED'],
		[['disable'], 'DISABLED'],
		[['disable', 'enable'], 'ENABLED'],
		[['pause', 'disable', 'enable'], 'REDUCE_ONLY'],
		[['disable', 'pause'], 'DISABLED'],
		[['disable', 'pause', 'enable'], 'REDUCE_ONLY'],
		[['pause', 'disable', 'resume'], 'DISABLED'],
		[['pause', 'disable', 'resume', 'enable'], 'ENABLED'],
		[['pause', 'enable'], 'REDUCE_ONLY'],
	])('after %j stands at %s', async (turns, expected) => {
		for (const what of turns) await turn(what)
		expect(await showGovernor(system.home, system.state)).toMatchObject({execution: expected})
	})

	it('says who did it and why, in the key, the stream, and what operators look at', async () => {
		await system.state.bus.redis.hset(system.state.naming.key(keys.clock, {}), {
			venue_ms: '5000',
			machine_ms: String(NOW_MS - 10),
			speed: '300',
		})
		expect(await turn('pause', 'ada', 'the feed looks odd')).toMatchObject({state: 'CHANGED', before: 'ENABLED'})
		const change = {what: 'pause', by: 'ada', reason: 'the feed looks odd', time_ms: NOW_MS}
		const seen = {execution: 'REDUCE_ONLY', execution_change: change}
		expect(await showGovernor(system.home, system.state)).toMatchObject(seen)
		expect(await readStatus(system.home)).toMatchObject(seen)
		expect(await told()).toMatchObject([
			{
				event: 'EXECUTION_PAUSED',
				subject: 'governor:execution',
				by: 'ada',
				detail: 'the feed looks odd',
				before: 'ENABLED',
				after: 'REDUCE_ONLY',
				unit: 'operator',
				ts: '8000',
			},
		])
		expect(events.payload.safeParse((await told())[0]).success).toBe(true)
		expect(executionLine('REDUCE_ONLY', change, plainPaint)).toBe(
			'REDUCE_ONLY (paused: no entries; exits and stops go on; qt resume ends it) since 2026-01-02 03:04:05 UTC by ada: the feed looks odd',
		)
	})

	it('is turned once however often it is asked, by however many at a time', async () => {
		const reports = await Promise.all(['ada', 'eve', 'bob'].map(by => turn('disable', by)))
		expect(reports.filter(({state}) => state === 'CHANGED')).toHaveLength(1)
		const again = await turn('disable', 'late')
		const {by} = reports.find(({state}) => state === 'CHANGED')?.change ?? {}
		expect(again).toMatchObject({state: 'UNCHANGED', execution: 'DISABLED', change: {by}})
		expect(turnView(again, plainPaint)).toContain(`DISABLED  as it stood since 2026-01-02 03:04:05 UTC by ${by}: why`)
		expect(await told()).toHaveLength(1)
	})

	it('set by hand counts as what the word says', async () => {
		await system.state.bus.redis.set(system.state.naming.key(keys.execution, {}), 'nonsense')
		expect(await turn('disable')).toMatchObject({state: 'UNCHANGED', execution: 'nonsense'})
		expect(await turn('enable')).toMatchObject({state: 'CHANGED', execution: 'ENABLED'})
	})

	it('forgets a pause when the governor is set up anew', async () => {
		await turn('pause')
		await turn('disable')
		const options = {home: system.home, state: system.state, mode: 'PAPER', positions_max: 10, now_ms: () => 2_000}
		expect(await initGovernor(options)).toMatchObject({execution: 'ENABLED', execution_change: {what: 'init'}})
		await turn('disable')
		expect(await turn('enable')).toMatchObject({execution: 'ENABLED'})
	})
})

it('cannot be turned before the governor was set up', async () => {
	await system.reset()
	await expect(turn('pause')).rejects.toMatchObject({exit_code: EXIT_CODES.refused})
	expect(await told()).toEqual([])
})
