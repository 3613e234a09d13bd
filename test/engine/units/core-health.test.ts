import {expect, test} from 'vitest'
import type {HealthReading} from '../../../src/engine/logic/health.js'
import {contractCheck} from '../../../src/engine/units/obs/contract-check.js'
import {coreHealth} from '../../../src/engine/units/obs/core-health.js'
import {drive} from '../../support/drive.js'

const well: HealthReading = {
	...{units: [], reconciled_ms: undefined, armed: false, decided_venue_ms: undefined, unplanned: [], cursor: '5-0'},
	redis: {answer_ms: 3, aof_write: 'ok', aof_enabled: true, maxmemory_policy: 'noeviction'},
}

const start = async () => {
	const unit = await drive(coreHealth)
	const look = async (change: Partial<HealthReading> = {}, later_ms = 15_000) => {
		unit.clock.advance(later_ms)
		await unit.timer('look')
		const told = await unit.result('look', {ok: true, result: {...well, ...change}})
		return told.map(({payload: {severity, code, subject}}) => `${severity} ${code} ${subject}`)
	}
	return {unit, look}
}

test('tells of what stands for a minute, once, and of its end', async () => {
	const {look} = await start()
	const ill = {units: [{name: 'governor', state: 'FAILED', reason: 'exit 1'}]}
	expect(await look(ill)).toEqual([])
	expect(await look()).toEqual([])
	expect(await look(ill)).toEqual([])
	expect(await look(ill, 60_000)).toEqual(['critical UNIT_FAILED governor'])
	expect(await look(ill)).toEqual([])
	expect(await look()).toEqual(['info HEALTH_RESTORED governor'])
})

test('an order without a plan is told at once, and the next look begins behind it', async () => {
	const {unit, look} = await start()
	expect(await look({unplanned: [{client_id: 'q-plan-1', symbol: 'BTCUSDT'}]})).toEqual([
		'critical ORDER_WITHOUT_PLAN BTCUSDT',
	])
	await unit.timer('look')
	expect(unit.effects.map(({request}) => request)).toEqual([{cursor: '5-0'}])
	await unit.timer('look')
	expect(unit.effects).toHaveLength(1)
	await unit.result('look', {ok: false, error: 'LOADING'})
	await unit.timer('look')
	expect(unit.effects.map(({request}) => request)).toEqual([{cursor: '5-0'}])
})

test('counts the silence from when it was first seen armed', async () => {
	const {unit, look} = await start()
	expect(await look({armed: true})).toEqual([])
	expect(await look({armed: true}, 7_200_000)).toEqual([])
	expect(await look({armed: true}, 1)).toEqual([])
	expect(await look({armed: true}, 60_000)).toEqual(['warning NO_DECISION pipeline'])
	expect(await look({armed: true, decided_venue_ms: unit.clock.venue()})).toEqual(['info HEALTH_RESTORED pipeline'])
})

test('contract-check looks once a day, again where it could not, and names what is broken', async () => {
	const unit = await drive(contractCheck)
	for (const _ of [1, 2]) await unit.timer('due')
	expect(unit.effects).toHaveLength(1)
	await unit.result('check', {ok: false, error: 'LOADING'})
	await unit.timer('due')
	const whole = {stream: 'apply.plan', looked_at: 200, broken: 0}
	const broken = {
		stream: 'apply.result',
		looked_at: 9,
		broken: 2,
		first: {entry_id: '2-0', detail: 'CONTRACT_BROKEN: x'},
	}
	const told = await unit.result('check', {ok: true, result: [whole, broken]})
	expect(told.map(({payload}) => payload)).toEqual([
		{
			...{severity: 'warning', code: 'CONTRACT_BROKEN', subject: 'apply.result'},
			message: '2 of the newest 9 entries break the contract, first 2-0: CONTRACT_BROKEN: x',
		},
	])
	unit.clock.advance(86_399_999)
	await unit.timer('due')
	expect(unit.effects).toHaveLength(0)
	unit.clock.advance(1)
	await unit.timer('due')
	expect(unit.effects).toHaveLength(1)
})
