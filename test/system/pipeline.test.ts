import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {readFlow} from '../../src/daemon/client/flow-reading.js'
import {idTime} from '../../src/engine/bus/stream-id.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {allProblems, entriesOf, ledgerVerdict, positionProblems} from '../support/system-audit.js'
import {creations, fillsOf} from '../support/system-venue.js'

const STARTED_MS = 180_000
const TRADED_MS = 120_000
const patient = {within_ms: 90_000, every_ms: 200}

const flowOf = (of: RunningSystem) => readFlow(of.home, {bus: of.bus, naming: of.naming, url: ''}, 0)

let system: RunningSystem
beforeAll(async () => {
	system = await startSystem()
}, STARTED_MS)
afterAll(() => system?.stop(), STARTED_MS)

describe('the pipeline', () => {
	it('opens every stage, killed, with the stage that sends up', async () => {
		const {stages, units} = await system.status()
		expect(stages.filter(({open}) => !open)).toEqual([])
		expect(units.filter(({state}) => state !== 'RUNNING')).toEqual([])
		const {naming, redis} = system
		expect(await redis.get(naming.key(keys.kill, {}))).toBe('1')
		expect(await redis.get(naming.key(keys.mode, {}))).toBe('PAPER')
		expect(await redis.get(naming.key(keys.execution, {}))).toBe('ENABLED')
		expect(await redis.hget(naming.key(keys.arm, {}), 'armed')).toBe('0')
	})

	it('refuses every plan visibly until somebody arms', {timeout: TRADED_MS}, async () => {
		await eventually(async () => (await entriesOf(system, 'governor.events')).length >= 3, {
			...patient,
			what: 'three verdicts',
		})
		const verdicts = await entriesOf(system, 'governor.events')
		expect(new Set(verdicts.map(({verdict, reason}) => `${verdict} ${reason}`))).toEqual(new Set(['REFUSE KILLED']))
		expect(creations(system.venue.log())).toEqual([])
	})

	it('ends in closed trades once it is armed', {timeout: TRADED_MS}, async () => {
		await system.arm()
		await eventually(async () => (await entriesOf(system, 'trade.closed')).length >= 5, {
			...patient,
			what: 'five closed trades',
		})
		expect(fillsOf(system.venue.log()).length).toBeGreaterThanOrEqual(10)
	})

	it('has a stop at the venue for every position that is open', {timeout: TRADED_MS}, async () => {
		await eventually(
			async () => {
				expect((await system.venue.positions()).length).toBeGreaterThan(0)
				expect(await positionProblems(system)).toEqual([])
				return true
			},
			{...patient, what: 'positions are open and protected'},
		)
	})

	it('agrees with the venue in every step, fill, position and posting', {timeout: TRADED_MS}, async () => {
		await system.kill()
		await eventually(
			async () => {
				expect(await allProblems(system)).toEqual([])
				return true
			},
			{...patient, what: 'everything agrees'},
		)
		await eventually(async () => expect((await flowOf(system)).open).toEqual([]), {...patient, what: 'nothing is open'})
		const {findings, sources, record} = await flowOf(system)
		expect({findings, complete_from_ms: record.complete_from_ms}).toEqual({findings: [], complete_from_ms: 0})
		const intents = await entriesOf(system, 'trade.intent')
		const asked = intents.filter(({stream_id}) => idTime(stream_id) <= record.until_ms).length
		const [first] = sources
		expect(first).toMatchObject({source: 'trade.intent', asked})
		expect((first?.outcomes ?? 0) + (first?.open ?? 0)).toBe(asked)
		const {wallet_ledger, wallet_income, wallet_venue} = await ledgerVerdict(system)
		expect([wallet_ledger, wallet_income]).toEqual([wallet_venue, wallet_venue])
	})
})
