import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {advanceArmFile, epochOf, readArmFile} from '../../../src/daemon/client/arm-file.js'
import {armingOf} from '../../../src/daemon/client/arming-record.js'
import {auditLog, auditProof} from '../../../src/daemon/client/audit.js'
import {type KillOptions, kill, type VenueAccess} from '../../../src/daemon/client/killing.js'
import {changeLatch, readLatch} from '../../../src/daemon/client/latch.js'
import type {OperatorSender} from '../../../src/daemon/client/operator-sender.js'
import type {RestingOrder, VenueDesk} from '../../../src/daemon/client/venue-desk.js'
import {identify} from '../../../src/daemon/supervision/process-identity.js'
import {openRunRecords} from '../../../src/daemon/supervision/run-record.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {OperatorError} from '../../../src/engine/errors.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {startSystem, TestGateway, type TestSystem} from './system-fixture.js'

const noVenue = async (): Promise<VenueAccess> => ({kind: 'not-running', detail: 'no venue'})
const entry: RestingOrder = {
	symbol: 'BTCUSDT',
	kind: 'regular',
	order_id: '1',
	client_order_id: 'q-planabcd',
	side: 'BUY',
	order_type: 'LIMIT',
	status: 'NEW',
	price: '1',
	trigger_price: '0',
	quantity: '1',
	filled_quantity: '0',
	reduce_only: false,
	close_position: false,
}
/** A venue that keeps resting whatever it is told to cancel. */
const stubborn: VenueDesk = {
	cancelEntryOrders: async () => [entry],
	openOrders: async () => [entry, {...entry, kind: 'algo', reduce_only: true}],
	positions: async () => [],
	cancel: async () => undefined,
	everyPosition: async () => [],
	wallet: async () => [],
	income: async () => [],
	close: async () => undefined,
}
/** A sender whose orders the venue refuses. */
const refused: OperatorSender = {
	close: async () => ({status: 'REFUSED', code: '-2015', message: 'no permission'}),
	stop: async () => ({status: 'REFUSED', code: '-2015', message: 'no permission'}),
	end: async () => undefined,
}
const venueOf = (desk: VenueDesk) => async (): Promise<VenueAccess> => ({kind: 'desk', desk, sender: refused})

describe('kill', () => {
	let system: TestSystem
	const options = (of: Partial<KillOptions> = {}): KillOptions => ({
		home: system.home,
		mode: 'PAPER',
		by: 'ada',
		reason: 'drill',
		now_ms: Date.now,
		openVenue: noVenue,
		gateways_ms: 2_000,
		outcomes_ms: 0,
		...of,
	})
	const arm = (expected_epoch: number) =>
		changeLatch(system.state, {what: 'arm', by: 'ada', reason: 'go', mode: 'PAPER', time_ms: 1, expected_epoch})

	beforeAll(async () => {
		system = await startSystem()
	})
	beforeEach(() => system.reset())
	afterAll(() => system.stop())

	it('halts a system that was never armed', async () => {
		const report = await kill(options())
		expect(report).toMatchObject({state: 'HALTED', epoch: 1, by: 'ada', reason: 'drill'})
		expect(report.steps.map(({name, ok}) => [name, ok])).toEqual([
			['file', true],
			['redis', true],
			['gateways', true],
			['venue', true],
		])
	})

	it('waits until the gateway obeys with nothing in flight', async () => {
		await arm(0)
		const gateway = await TestGateway.start(system)
		gateway.in_flight = 2
		const killing = kill(options())
		await system.state.bus.redis.ping()
		gateway.in_flight = 0
		const report = await killing
		expect(report.state).toBe('HALTED')
		expect(await system.state.bus.get(system.state.naming.key(keys.kill, {}))).toBe('1')
		expect(epochOf(readArmFile(system.home.arm))).toBe((await readLatch(system.state)).record.epoch)
		await gateway.stop()
	})

	it.each([
		['reports orders in flight', {deaf: false}, 1, '1 in flight'],
		['has never reported', {deaf: true}, 0, 'has reported no epoch'],
	])('is not confirmed while the gateway %s', async (_, how, in_flight, detail) => {
		const gateway = await TestGateway.start(system, how)
		gateway.in_flight = in_flight
		const report = await kill(options({gateways_ms: 150}))
		expect(report.state).toBe('NOT CONFIRMED')
		expect(report.steps[2]).toMatchObject({name: 'gateways', ok: false, detail: expect.stringContaining(detail)})
		await gateway.stop()
	})

	it('is not confirmed while entry orders rest, and names them', async () => {
		const report = await kill(options({openVenue: venueOf(stubborn)}))
		expect(report).toMatchObject({state: 'NOT CONFIRMED', entries_left: [{client_order_id: 'q-planabcd'}]})
		expect(report.steps[3]?.detail).toBe('1 entry orders cancelled, 1 left, 1 protective orders stay')
	})

	it('goes on when the venue cannot be asked', async () => {
		const missing = new OperatorError('no credentials', {exit_code: EXIT_CODES.needs_input})
		const report = await kill(options({openVenue: () => Promise.reject(missing)}))
		expect(report).toMatchObject({state: 'NOT CONFIRMED', entries_left: []})
		expect(report.steps[3]).toMatchObject({ok: false, detail: 'no credentials'})
		expect(readArmFile(system.home.arm)).toMatchObject({record: {armed: false}})
	})

	describe('with Redis down', () => {
		it('is held by the arm file, and proven when nothing is in flight', async () => {
			const gateway = await TestGateway.start(system, {deaf: true})
			await system.redis.kill9()
			const report = await kill(options())
			expect(report.state).toBe('HALTED')
			expect(report.steps[1]?.detail).toContain('the arm file alone holds the kill')
			expect(report.steps[2]?.detail).toContain('fenced by the arm file, nothing in flight')
			await system.redis.restart()
			await gateway.stop()
		})

		it('is not confirmed while the gateway has orders on their way', async () => {
			const gateway = await TestGateway.start(system, {deaf: true})
			gateway.in_flight = 1
			await system.redis.kill9()
			const report = await kill(options({gateways_ms: 100}))
			expect(report.state).toBe('NOT CONFIRMED')
			expect(report.steps.map(({ok}) => ok)).toEqual([true, false, false, true])
			await system.redis.restart()
			await gateway.stop()
		})

		it('counts while Redis comes back armed', async () => {
			await arm(0)
			await kill(options())
			await arm(1)
			await system.redis.kill9()
			await kill(options())
			await system.redis.restart()
			const arming = armingOf(readArmFile(system.home.arm), await readLatch(system.state))
			expect(arming).toMatchObject({armed: false, why: 'ada: drill'})
		})
	})

	it('is not confirmed when a wedged gateway does not answer', async () => {
		const gateway = await TestGateway.start(system, {silent: true, deaf: true})
		const report = await kill(options({gateways_ms: 100}))
		expect(report).toMatchObject({state: 'NOT CONFIRMED'})
		await gateway.stop()
	})

	describe('with a gateway process that is stopped', () => {
		const recorded = async (units: readonly string[]) => {
			const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
				detached: true,
				stdio: 'ignore',
			})
			const ended = once(child, 'exit')
			const identity = identify(child.pid ?? -1)
			const {name, ...run} = {name: 'host-exec', generation: 1, spec_hash: '', version: '', started_at: null}
			openRunRecords(join(system.home.run, 'processes')).write({name, ...run, identity})
			writeFileSync(join(system.home.run, `${name}.config.json`), JSON.stringify({units}))
			child.kill('SIGSTOP')
			// The socket outlives no process in truth; here it is another's.
			const gateway = await TestGateway.start(system, {silent: true, deaf: true})
			ended.then(
				() => gateway.stop(),
				() => undefined,
			)
			return {child, ended, gateway}
		}
		afterEach(() => rmSync(join(system.home.run, 'host-exec.config.json'), {force: true}))

		it('ends it by SIGKILL and halts, with Redis or without', async () => {
			for (const redis of [true, false]) {
				const {child, ended} = await recorded([keys.gatewayEpoch.owner])
				if (!redis) await system.redis.kill9()
				const report = await kill(options({gateways_ms: 300}))
				expect(report.steps[2]).toMatchObject({
					ok: true,
					detail: `host-exec (pid ${child.pid}) did not answer and was ended; no process runs a gateway`,
				})
				expect(report.state).toBe('HALTED')
				expect(await ended).toEqual([null, 'SIGKILL'])
			}
			await system.redis.restart()
		})

		it('leaves a silent process alone that sends no orders', async () => {
			const {child, ended} = await recorded(['price-feed'])
			expect(await kill(options({gateways_ms: 300}))).toMatchObject({state: 'HALTED'})
			expect(child.exitCode ?? child.signalCode).toBeNull()
			child.kill('SIGKILL')
			await ended
		})
	})

	it('says for which positions no stop rests', async () => {
		const position = {
			symbol: 'ETHUSDT',
			amount: '0.1',
			entry_price: '1',
			mark_price: '1',
			unrealised_pnl: '0',
			liquidation_price: '0',
		}
		const desk = {...stubborn, openOrders: async () => [], positions: async () => [position]}
		const report = await kill(options({openVenue: venueOf(desk)}))
		expect(report.state).toBe('NOT CONFIRMED')
		expect(report.steps[4]).toMatchObject({name: 'stops', ok: false})
		expect(report.steps[4]?.detail).toMatch(/; NO STOP RESTS FOR ETHUSDT \(-2015: no permission\)$/)
	})

	it('is not stopped by a full disk: the file is written over, and the report says that nothing is recorded', async () => {
		await arm(0)
		const {arm: file} = system.home
		await advanceArmFile(file, {epoch: 1, armed: true, mode: 'PAPER', by: 'ada', reason: 'go', time_ms: 1})
		// Where no second file can be made, and none can grow.
		mkdirSync(`${file}.${process.pid}.draft`)
		for (const path of [system.home.audit, system.home.auditHead]) rmSync(path, {force: true})
		symlinkSync('/dev/full', system.home.audit)
		const report = await kill(options({by: 'a name that is longer than the one before it'}))
		expect(report).toMatchObject({state: 'HALTED', unrecorded: expect.stringMatching(/ENOSPC/)})
		expect(readArmFile(file)).toMatchObject({record: {armed: false, epoch: 2}})
		rmSync(`${file}.${process.pid}.draft`, {recursive: true})
		for (const path of [system.home.audit, system.home.auditHead]) rmSync(path, {force: true})
	})

	it('stands in the audit log with what it proved', async () => {
		await kill(options({reason: 'for the record'}))
		expect(auditProof(system.home)).toMatchObject({broken: undefined})
		expect(auditLog(system.home, 1)).toMatchObject([
			{what: 'kill', why: 'for the record', outcome: 'HALTED', after: {killed_by: 'ada', failed: []}},
		])
		expect(Object.keys(auditLog(system.home, 1)[0]?.timings ?? {})).toContain('durable_ms')
	})

	it('may be repeated by several at once; file and Redis end in one epoch', async () => {
		await arm(0)
		const reports = await Promise.all(['ada', 'bob', 'eve', 'kim'].map(by => kill(options({by}))))
		expect(reports.map(({state}) => state)).toEqual(['HALTED', 'HALTED', 'HALTED', 'HALTED'])
		const {killed, record} = await readLatch(system.state)
		expect(killed).toBe(true)
		expect(readArmFile(system.home.arm)).toMatchObject({record: {epoch: record.epoch, armed: false}})
	})
})
