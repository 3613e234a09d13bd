import {readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {armFence, GatewayGuard, type GuardReport} from '../../../../src/engine/adapters/exchange/fence.js'
import type {ArmRecord} from '../../../../src/engine/exchange/arm-record.js'
import type {PermitState, SharedArmState} from '../../../../src/engine/exchange/arm-state.js'
import {blockFileBeside} from '../../../../src/engine/exchange/block-path.js'
import type {FenceContext} from '../../../../src/engine/exchange/order-request.js'
import {eventually} from '../../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../../support/temporary-home.js'

let home: TemporaryHome
let file: string
beforeEach(async () => {
	home = await temporaryHome()
	file = join(home.path, 'arm.json')
})
afterEach(() => home.remove())

const armed = (epoch: string): SharedArmState => ({
	kill: '0',
	armed: '1',
	execution: 'ENABLED',
	epoch,
	mode: 'PAPER',
	by: 'operator',
	reason: 'go',
	time_ms: '1',
})
const entry: FenceContext = {plan_id: 'plan-1', symbol: 'BTCUSDT', epoch: 7, class: 'ENTRY', operator: false}
const onDisk = (): ArmRecord => JSON.parse(readFileSync(file, 'utf8')) as ArmRecord
const write = (state: Partial<ArmRecord>): void =>
	writeFileSync(
		file,
		JSON.stringify({epoch: 7, armed: true, mode: 'PAPER', by: 'operator', reason: '', time_ms: 1, ...state}),
	)
const block = (symbol: string): void =>
	writeFileSync(blockFileBeside(file), JSON.stringify({symbols: {[symbol]: {by: 'ada', reason: 'test', time_ms: 1}}}))

describe('the fence of the gateway', () => {
	const taken = async (): Promise<PermitState> => ({state: 'TAKEN', epoch: '7'})
	const never = (): Promise<never> => new Promise(() => undefined)

	it.each<[string, () => void, () => Promise<SharedArmState>, () => Promise<PermitState>, string | undefined]>([
		['no file', () => undefined, async () => armed('7'), taken, 'ARM_FILE_UNREADABLE'],
		['a corrupt file', () => writeFileSync(file, '{"epoch":7,'), async () => armed('7'), taken, 'ARM_FILE_UNREADABLE'],
		[
			'a file of another shape',
			() => write({epoch: '7' as unknown as number}),
			async () => armed('7'),
			taken,
			'ARM_FILE_UNREADABLE',
		],
		['a killed file', () => write({armed: false}), async () => armed('7'), taken, 'KILLED'],
		['an older file', () => write({epoch: 6}), async () => armed('7'), taken, 'EPOCH_OLD'],
		['shared state that hangs', () => write({}), never, taken, 'STATE_UNREACHABLE'],
		['shared state that fails', () => write({}), () => Promise.reject(new Error('gone')), taken, 'STATE_UNREACHABLE'],
		['a permit that hangs', () => write({}), async () => armed('7'), never, 'STATE_UNREACHABLE'],
		['kill set by hand', () => write({}), async () => ({...armed('7'), kill: '1'}), taken, 'KILLED'],
		[
			'disabled meanwhile',
			() => write({}),
			async () => ({...armed('7'), execution: 'DISABLED'}),
			taken,
			'EXECUTION_DISABLED',
		],
		['paused meanwhile', () => write({}), async () => ({...armed('7'), execution: 'REDUCE_ONLY'}), taken, 'PAUSED'],
		['a permit not taken', () => write({}), async () => armed('7'), async () => ({}), 'PERMIT_NOT_TAKEN'],
		[
			'a symbol that was blocked in the file',
			() => {
				write({})
				block('BTCUSDT')
			},
			async () => armed('7'),
			taken,
			'SYMBOL_BLOCKED',
		],
		[
			'a file of blocked symbols that nobody can read',
			() => {
				write({})
				writeFileSync(blockFileBeside(file), '{"symbols":')
			},
			async () => armed('7'),
			taken,
			'BLOCK_FILE_UNREADABLE',
		],
		[
			'a symbol that was blocked in Redis',
			() => write({}),
			async () => ({...armed('7'), blocked: ['BTCUSDT']}),
			taken,
			'SYMBOL_BLOCKED',
		],
		[
			'another symbol that was blocked in both',
			() => {
				write({})
				block('ETHUSDT')
			},
			async () => ({...armed('7'), blocked: ['ETHUSDT']}),
			taken,
			undefined,
		],
		['everything in order', () => write({}), async () => armed('7'), taken, undefined],
	])('%s', async (_, prepare, shared, permit, reason) => {
		prepare()
		const verdict = await armFence({file, shared, permit})(entry)
		expect(verdict).toEqual(reason === undefined ? {ok: true} : {ok: false, reason})
	})

	it('sees a kill that was written while it asked', async () => {
		write({})
		const shared = async () => {
			write({armed: false})
			return armed('7')
		}
		expect(await armFence({file, shared, permit: taken})(entry)).toEqual({ok: false, reason: 'KILLED'})
	})

	it('sees a block that was written while it asked', async () => {
		write({})
		const shared = async () => {
			block('BTCUSDT')
			return armed('7')
		}
		expect(await armFence({file, shared, permit: taken})(entry)).toEqual({ok: false, reason: 'SYMBOL_BLOCKED'})
	})

	it('lets protection and an operator’s close pass with nothing else in reach', async () => {
		const fence = armFence({file, shared: never, permit: never})
		expect(await fence({...entry, class: 'PROTECT'})).toEqual({ok: true})
		expect(await fence({...entry, class: 'EXIT', operator: true})).toEqual({ok: true})
	})
})

describe('the guard', () => {
	const guarded = (initial: SharedArmState) => {
		const world = {
			shared: initial,
			in_flight: 0,
			reports: [] as GuardReport[],
			errors: [] as unknown[],
			files: [] as ArmRecord[],
		}
		const guard = new GatewayGuard({
			file,
			clock: new SystemClock(),
			shared: async () => world.shared,
			inFlight: () => world.in_flight,
			acknowledge: async report => {
				world.reports.push(report)
				world.files.push(onDisk())
			},
			onError: error => world.errors.push(error),
		})
		const stop = new AbortController()
		const done = guard.run(stop.signal)
		return {
			world,
			stop: async () => {
				stop.abort()
				await done
			},
		}
	}

	it('persists an arming before it acknowledges it, readable by its owner only', async () => {
		const {world, stop} = guarded(armed('3'))
		await eventually(() => world.reports.length > 0)
		expect(world.reports[0]).toMatchObject({epoch: 3, armed: true, in_flight: 0})
		expect(world.files[0]).toMatchObject({epoch: 3, armed: true, mode: 'PAPER', by: 'operator'})
		expect(statSync(file).mode & 0o777).toBe(0o600)
		await stop()
	})

	it('shuts the file at once on a kill, and acknowledges when nothing is in flight', async () => {
		const {world, stop} = guarded(armed('3'))
		await eventually(() => world.reports.length > 0)
		world.in_flight = 1
		world.shared = {...armed('3'), kill: '1', armed: '0'}
		await eventually(() => !onDisk().armed)
		expect(world.reports.every(report => report.armed)).toBe(true)
		world.in_flight = 0
		await eventually(() => world.reports.some(report => !report.armed))
		expect(world.reports.at(-1)).toMatchObject({epoch: 3, armed: false, in_flight: 0})
		// A 0 by hand opens nothing; a new epoch does.
		world.shared = armed('3')
		const count = world.reports.length
		await eventually(() => world.reports.length > count, {within_ms: 3_000})
		expect(world.reports.at(-1)).toMatchObject({epoch: 3, armed: false})
		world.shared = armed('4')
		await eventually(() => world.reports.at(-1)?.epoch === 4)
		expect(onDisk()).toMatchObject({epoch: 4, armed: true})
		await stop()
	})

	it.each<[string, SharedArmState, Partial<ArmRecord>]>([
		['the stop that this arming ended does not stop it', armed('7'), {epoch: 7, armed: true}],
		['a stop after it does', {...armed('8'), kill: '1', armed: '0'}, {epoch: 8, armed: false}],
	])('armed while the shared state is being read: %s', async (_, later, standing) => {
		const reports: GuardReport[] = []
		write({epoch: 6, armed: false})
		const answers = [{...armed('6'), kill: '1', armed: '0'}, later]
		const guard = new GatewayGuard({
			file,
			clock: new SystemClock(),
			shared: async () => {
				const answer = answers.shift() ?? later
				if (answers.length > 0) write({epoch: 7, armed: true})
				return answer
			},
			inFlight: () => 0,
			acknowledge: async report => {
				reports.push(report)
			},
		})
		await guard.look(new AbortController().signal)
		expect(onDisk()).toMatchObject(standing)
		expect(reports).toMatchObject([standing])
	})

	it('goes on when the shared state fails', async () => {
		const {world, stop} = guarded(armed('3'))
		await eventually(() => world.reports.length > 0)
		const good = world.shared
		Object.defineProperty(world, 'shared', {
			configurable: true,
			get: () => {
				throw new Error('gone')
			},
		})
		await eventually(() => world.errors.length > 0)
		Object.defineProperty(world, 'shared', {configurable: true, writable: true, value: {...good, kill: '1'}})
		await eventually(() => world.reports.some(report => !report.armed))
		await stop()
	})
})
