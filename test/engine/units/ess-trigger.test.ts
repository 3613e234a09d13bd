import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {essTrigger, FLATTEN_WITHIN_MS, PLAN_EVERY_MS} from '../../../src/engine/units/brains/ess-trigger.js'
import {drive} from '../../support/drive.js'

const armed = async () => {
	const unit = await drive(essTrigger)
	unit.bus.store.put(unit.naming.key(keys.kill, {}), '0')
	unit.bus.store.hashPut(unit.naming.key(keys.arm, {}), {epoch: '3', armed: '1', by: 'alice', reason: 'go'})
	return unit
}
type Unit = Awaited<ReturnType<typeof armed>>

const trip = (unit: Unit, {state = 'CRITICAL', flatten = true, authority = 'live' as 'live' | 'shadow'} = {}) =>
	unit.send(
		'ess',
		{state, before: 'NORMAL', rule: 'DAILY_LOSS', used: '0.04', limit: '0.03', flatten, since_ms: 1},
		{authority},
	)
const position = (unit: Unit, symbol: string, amount: string) =>
	unit.send('position', {symbol, amount, entry_price: '100', opened_ms: 1, source: 'fill', stop_resting: true})
const isKilled = ({bus, naming}: Unit) => bus.store.get(naming.key(keys.kill, {})) === '1'
const armOf = ({bus, naming}: Unit) => bus.store.hashAll(naming.key(keys.arm, {}))
const plansOf = (emitted: Awaited<ReturnType<Unit['send']>>) =>
	emitted.filter(({stream}) => stream === 'apply.plan').map(({payload}) => payload)
const alertsOf = (emitted: Awaited<ReturnType<Unit['send']>>) =>
	emitted.filter(({stream}) => stream === 'alerts').map(({payload}) => payload)

describe('CRITICAL', () => {
	test.each([
		['nothing is open', async () => undefined, true],
		['nothing is to be closed', (unit: Unit) => position(unit, 'BTCUSDT', '1'), false],
	])('kills at once where %s, and says why', async (_, before, flatten) => {
		const unit = await armed()
		await before(unit)
		const emitted = await trip(unit, {flatten})
		expect(plansOf(emitted)).toEqual([])
		expect(alertsOf(emitted)).toMatchObject([{severity: 'critical', code: 'ESS_KILLED'}])
		expect(isKilled(unit)).toBe(true)
		expect(armOf(unit)).toMatchObject({
			epoch: '4',
			armed: '0',
			by: 'ess',
			reason: 'ESS CRITICAL: DAILY_LOSS at 0.04 of 0.03',
		})
	})

	test('closes every position first, and kills when all is flat', async () => {
		const unit = await armed()
		await position(unit, 'BTCUSDT', '1.5')
		await position(unit, '币安人生USDT', '-20')
		await position(unit, 'ETHUSDT', '1')
		await position(unit, 'ETHUSDT', '0')
		expect(plansOf(await trip(unit))).toMatchObject([
			{symbol: 'BTCUSDT', action: 'FULL_CLOSE_PROPOSED', side: 'SELL', quantity: '1.5', source: 'ess-trigger'},
			{symbol: '币安人生USDT', action: 'FULL_CLOSE_PROPOSED', side: 'BUY', quantity: '20', source: 'ess-trigger'},
		])
		expect(await position(unit, 'BTCUSDT', '0')).toEqual([])
		expect(isKilled(unit)).toBe(false)
		const done = await position(unit, '币安人生USDT', '0')
		expect(alertsOf(done)).toMatchObject([{message: 'ESS CRITICAL: DAILY_LOSS at 0.04 of 0.03'}])
		expect(isKilled(unit)).toBe(true)
	})

	test('asks again for what is still open, with a plan of its own, and kills when the time is up', async () => {
		const unit = await armed()
		await position(unit, 'BTCUSDT', '1')
		const [first] = plansOf(await trip(unit))
		unit.clock.advance(PLAN_EVERY_MS - 1)
		expect(await unit.timer('act')).toEqual([])
		await position(unit, 'BTCUSDT', '0.4')
		unit.clock.advance(1)
		const [second] = plansOf(await unit.timer('act'))
		expect(second).toMatchObject({quantity: '0.4'})
		expect(second?.plan_id).not.toBe(first?.plan_id)
		unit.clock.advance(FLATTEN_WITHIN_MS - PLAN_EVERY_MS)
		const emitted = await unit.timer('act')
		expect(plansOf(emitted)).toEqual([])
		expect(alertsOf(emitted)[0]?.message).toContain('still open: BTCUSDT')
		expect(isKilled(unit)).toBe(true)
	})

	test('closes at once what is filled meanwhile', async () => {
		const unit = await armed()
		await position(unit, 'BTCUSDT', '1')
		await trip(unit)
		unit.clock.advance(10)
		expect(plansOf(await position(unit, 'ETHUSDT', '2')).map(({symbol}) => symbol)).toContain('ETHUSDT')
	})

	test('is acted on once: an operator who arms again over it is not disarmed by the same trip', async () => {
		const unit = await armed()
		await trip(unit)
		await trip(unit)
		unit.clock.advance(60_000)
		expect(await unit.timer('act')).toEqual([])
		expect(armOf(unit).epoch).toBe('4')
		await trip(unit, {state: 'NORMAL'})
		await trip(unit)
		expect(armOf(unit).epoch).toBe('5')
	})
})

test.each([
	['WARNING', {state: 'WARNING'}],
	['what is only measured', {authority: 'shadow' as const}],
])('%s changes nothing', async (_, options) => {
	const unit = await armed()
	await position(unit, 'BTCUSDT', '1')
	expect(await trip(unit, options)).toEqual([])
	unit.clock.advance(60_000)
	expect(await unit.timer('act')).toEqual([])
	expect(isKilled(unit)).toBe(false)
})
