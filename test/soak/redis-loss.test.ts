import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {arm} from '../../src/daemon/client/arming.js'
import {readFlow} from '../../src/daemon/client/flow-reading.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {readReservation} from '../../src/engine/scripts/reservation.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {entriesOf, ledgerVerdict} from '../support/system-audit.js'
import {creations, fillsOf} from '../support/system-venue.js'

/** Nobody of the system may flush its server: one step takes every key. */
const loseAll = `
local cursor = '0'
repeat
  local found = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = found[1]
  if #found[2] > 0 then redis.call('UNLINK', unpack(found[2])) end
until cursor == '0'`
const STARTED_MS = 180_000
const TEST_MS = 600_000
const patient = {within_ms: 240_000, every_ms: 250}

let system: RunningSystem
beforeAll(async () => {
	system = await startSystem({settings: {market: {kind: 'synthetic'}}})
}, STARTED_MS)
afterAll(() => system?.stop(), STARTED_MS)

const stateOf = ({bus, naming}: RunningSystem) => ({bus, naming, url: ''})
/** Both places, as an operator does: Redis catches up with the epoch of the gateway's file first. */
const armed = () =>
	eventually(
		async () => {
			const who = {by: 'test', reason: 'test', now_ms: Date.now, policy_version: 1, gateways_ms: 5_000}
			const {state} = await arm({home: system.home, state: stateOf(system), mode: 'PAPER', ...who})
			expect(['ARMED', 'ALREADY ARMED']).toContain(state)
			return true
		},
		{...patient, what: 'armed'},
	)
const booksOf = async (): Promise<number> => {
	const books = await Promise.all(
		[...new Set(fillsOf(system.venue.log()).map(({symbol}) => symbol))].map(symbol =>
			system.bus.hashAll(system.naming.key(keys.ledger, {symbol})),
		),
	)
	return books.filter(({fills}) => Number(fills ?? 0) > 0).length
}
const trading = async () => {
	const before = fillsOf(system.venue.log()).length
	await eventually(() => fillsOf(system.venue.log()).length >= before + 6, {...patient, what: 'orders fill'})
}

describe('when Redis loses everything in the middle of trading', () => {
	it('the system comes back killed, with reservations from the venue and books from the journal', {
		timeout: TEST_MS,
	}, async () => {
		await armed()
		await trading()
		const marker = system.naming.key(keys.schema, {})
		const pid = await system.pidOf('redis')
		await system.redis.eval(loseAll, 0)
		process.kill(pid, 'SIGKILL')
		await eventually(
			async () => {
				expect(await system.redis.exists(marker)).toBe(1)
				const {stages, units} = await system.status()
				expect(stages.filter(({open}) => !open)).toEqual([])
				expect(units.filter(({state}) => state !== 'RUNNING')).toEqual([])
				return true
			},
			{...patient, what: 'every stage is open again'},
		)
		expect(await system.redis.get(system.naming.key(keys.kill, {}))).toBe('1')
		await eventually(
			async () => {
				const held = await system.venue.positions()
				const reserved = await system.redis.hgetall(system.naming.key(keys.reservations, {}))
				const open = Object.keys(reserved).filter(symbol => (readReservation(reserved[symbol])?.open ?? 0) > 0)
				expect(open.toSorted()).toEqual(held.map(({symbol}) => symbol).toSorted())
				expect(await system.redis.hget(system.naming.key(keys.reconcileLast, {}), 'outcome')).toBe('CLEAN')
				return true
			},
			{...patient, what: 'reservations are those of the venue'},
		)
		expect(await booksOf()).toBeGreaterThan(0)
		const codes = (await entriesOf(system, 'alerts')).map(({code}) => code)
		expect(codes).toContain('LEDGER_REBUILT')
	})

	it('and trades on, with books that agree with the venue and no order without a plan', {
		timeout: TEST_MS,
	}, async () => {
		const orders = creations(system.venue.log()).length
		await armed()
		await eventually(() => creations(system.venue.log()).length > orders, {...patient, what: 'orders leave again'})
		await trading()
		await system.kill()
		await eventually(
			async () => {
				const {differences, ok} = await ledgerVerdict(system)
				expect(differences).toEqual([])
				return ok
			},
			{...patient, what: 'the books agree'},
		)
		const {findings, before} = await readFlow(system.home, stateOf(system), 0)
		expect(findings).toEqual([])
		expect(before.fills).toBeGreaterThan(0)
	})
})
