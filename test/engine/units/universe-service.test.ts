import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {Policy} from '../../../src/engine/contracts/policy.js'
import type {Listings} from '../../../src/engine/logic/universe.js'
import {universeService} from '../../../src/engine/units/core/universe-service.js'
import {drive, HandClock} from '../../support/drive.js'

const trades = {tradable: true, quote_volume_usdt: 5, spread_bps: 1}
const both: Listings = {BTCUSDT: trades, 币安人生USDT: trades}
const policy = (changes: Partial<Policy> = {}) => ({allowlist: ['BTCUSDT', '币安人生USDT'], ...changes})
const announced = {version: 2, author: 'operator', reason: 'test', hash: 'h', changes: {}}

const start = async (of: Partial<Policy> = policy(), bus?: Awaited<ReturnType<typeof drive>>['bus']) => {
	const clock = new HandClock()
	const unit = await drive(universeService, {policy: of, clock, ...(bus && {bus})})
	return {
		...unit,
		clock,
		told: async (listings: Listings) => (await unit.feed('listings', {listings})).map(({payload}) => payload),
		members: async () => [...(await unit.bus.members(unit.naming.key(keys.allowlist, {})))].sort(),
		record: () => unit.bus.hashAll(unit.naming.key(keys.universe, {})),
	}
}

describe('universe-service', () => {
	test('what may open is in the set, and each symbol in the record', async () => {
		const {told, members, record, clock} = await start()
		expect(await told(both)).toEqual([])
		expect(await members()).toEqual(['BTCUSDT', '币安人生USDT'])
		const {version, machine_ms, ...lines} = await record()
		expect({version, machine_ms}).toEqual({version: '1', machine_ms: String(clock.machine_ms)})
		expect(JSON.parse(lines.BTCUSDT ?? '')).toEqual({
			...trades,
			tradable: undefined,
			open: true,
			sector: 'store of value',
		})
	})

	test('a symbol that the venue no longer trades is exits only, and comes back', async () => {
		const {told, members} = await start()
		await told(both)
		const gone = {...both, BTCUSDT: {...trades, tradable: false}}
		expect(await told(gone)).toEqual([
			{
				event: 'UNIVERSE_CHANGED',
				subject: 'BTCUSDT',
				detail: 'BTCUSDT is exits only: NOT_TRADING',
				before: 'OPEN',
				after: 'NOT_TRADING',
			},
		])
		expect(await members()).toEqual(['币安人生USDT'])
		expect(await told(gone)).toEqual([])
		expect(await told(both)).toMatchObject([{before: 'NOT_TRADING', after: 'OPEN'}])
		expect(await members()).toEqual(['BTCUSDT', '币安人生USDT'])
	})

	test('each reading is confirmed, changed or not', async () => {
		const {told, clock, record} = await start()
		await told(both)
		clock.advance(60_000)
		await told(both)
		expect((await record()).machine_ms).toBe(String(clock.machine_ms))
	})

	test('an empty allowlist blocks all, and says so once', async () => {
		const {told, members, record} = await start(policy({allowlist: []}))
		expect(await told(both)).toMatchObject([{event: 'UNIVERSE_EMPTY'}])
		expect(await told(both)).toEqual([])
		expect(await members()).toEqual([])
		expect(Object.keys(await record()).sort()).toEqual(['machine_ms', 'version'])
	})

	test.each<{why: string; act: (unit: Awaited<ReturnType<typeof start>>) => Promise<unknown>}>([
		{why: 'when it is announced', act: unit => unit.send('policy', announced)},
		{why: 'when it is in force after all', act: unit => unit.timer('policy')},
	])('a new policy counts $why', async ({act}) => {
		const first = await start()
		await first.told(both)
		const second = await start(policy({allowlist: ['币安人生USDT', 'ETHUSDT'], version: 2}), first.bus)
		const events = (await act(second)) as readonly {payload: unknown}[]
		expect(events.map(({payload}) => payload)).toMatchObject([
			{subject: 'BTCUSDT', after: 'REMOVED'},
			{subject: 'ETHUSDT', before: 'REMOVED', after: 'NOT_LISTED'},
		])
		expect(await second.members()).toEqual(['币安人生USDT'])
		expect(await second.record()).toMatchObject({version: '2', machine_ms: String(first.clock.machine_ms)})
		expect(await second.timer('policy')).toEqual([])
	})

	test('before the venue has answered nothing is said', async () => {
		const unit = await start({version: 7})
		expect(await unit.send('policy', announced)).toEqual([])
		expect(await unit.timer('policy')).toEqual([])
		expect(await unit.record()).toEqual({})
	})
})
