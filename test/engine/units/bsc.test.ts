import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {defaultPolicy, type Policy} from '../../../src/engine/contracts/policy.js'
import {GAP_MS, type StateReading} from '../../../src/engine/logic/baseline.js'
import {bsc} from '../../../src/engine/units/brains/bsc.js'
import {drive} from '../../support/drive.js'

const start = async (policy: Partial<Policy> = {}) => {
	const unit = await drive(bsc, {policy})
	unit.bus.store.put(unit.naming.key(keys.kill, {}), '0')
	unit.bus.store.hashPut(unit.naming.key(keys.arm, {}), {epoch: '3', armed: '1', by: 'alice', reason: 'go'})
	return unit
}
type Unit = Awaited<ReturnType<typeof start>>

/** A reading of a calm system, `later_ms` after the one before. */
const look = (unit: Unit, changes: Partial<StateReading> = {}, later_ms = 1_000) => {
	unit.clock.advance(later_ms)
	const told_ms = unit.clock.machine()
	const calm = {armed: isArmed(unit), equity_usdt: '10000', notionals: ['100', '-100'], sends: []}
	return unit.feed('reading', {...calm, portfolio_ms: told_ms, market_ms: told_ms, ...changes})
}
const isArmed = ({bus, naming}: Unit) => bus.store.get(naming.key(keys.kill, {})) === '0'
const armOf = ({bus, naming}: Unit) => bus.store.hashAll(naming.key(keys.arm, {}))
const said = ({bus, naming}: Unit) => bus.store.hashAll(naming.key(keys.bscState, {}))
const eventsOf = (emitted: Awaited<ReturnType<Unit['feed']>>) =>
	emitted.filter(({stream}) => stream === 'bsc.events').map(({payload}) => payload)

const silent = defaultPolicy.bsc.silent_machine_ms
const unacked = defaultPolicy.bsc.unacked_machine_ms
const positions = (count: number, notional = '100') => Array.from({length: count}, () => notional)

/** Looks every second for a while, as the host does, with what each of them finds. */
const watch = async (unit: Unit, ms: number, find: () => Partial<StateReading>) => {
	const emitted = []
	for (let passed = 0; passed < ms; passed += 5_000) emitted.push(...(await look(unit, find(), 5_000)))
	return emitted
}

type Break = (unit: Unit) => Promise<unknown>
const rows: ReadonlyArray<readonly [rule: string, holds: Break, breaks: Break]> = [
	['DRAWDOWN', unit => look(unit, {equity_usdt: '9000.01'}), unit => look(unit, {equity_usdt: '9000'})],
	['POSITIONS', unit => look(unit, {notionals: positions(10)}), unit => look(unit, {notionals: positions(11, '-100')})],
	[
		'STATE_SILENT',
		unit => {
			const portfolio_ms = unit.clock.machine()
			return watch(unit, silent - 5_000, () => ({portfolio_ms}))
		},
		unit => look(unit, {portfolio_ms: unit.clock.machine() + 5_000 - silent}, 5_000),
	],
	[
		'MARKET_SILENT',
		unit => watch(unit, silent, () => ({market_ms: unit.clock.machine() + 5_000 - silent + 1})),
		unit => look(unit, {market_ms: unit.clock.machine() + 1_000 - silent}),
	],
	[
		'UNACKED_ORDERS',
		async unit => {
			await watch(unit, unacked, () => ({sends: ['a', 'b']}))
			await look(unit, {sends: ['a', 'b', 'c']})
		},
		unit => watch(unit, unacked, () => ({sends: ['a', 'b', 'c']})),
	],
]

describe.each(rows)('%s', (rule, holds, breaks) => {
	test('disarms at its limit and not before it, and says so in the same step', async () => {
		const unit = await start()
		await look(unit)
		await holds(unit)
		expect(said(unit)).toMatchObject({state: 'NORMAL', rule: 'NONE'})
		expect(isArmed(unit)).toBe(true)
		await breaks(unit)
		expect(said(unit)).toMatchObject({state: 'TRIPPED', rule})
		expect(isArmed(unit)).toBe(false)
		const {used, limit} = said(unit)
		expect(armOf(unit)).toMatchObject({
			epoch: '4',
			armed: '0',
			by: 'bsc',
			reason: `BSC: ${rule} at ${used} of ${limit}`,
		})
	})
})

test('tells each break and each end of one once, to people too', async () => {
	const unit = await start()
	await look(unit)
	const broken = await look(unit, {notionals: positions(11)})
	expect(eventsOf(broken)).toEqual([{state: 'TRIPPED', rule: 'POSITIONS', used: '11', limit: '10', killed: true}])
	expect(broken.filter(({stream}) => stream === 'alerts')).toMatchObject([
		{payload: {severity: 'critical', code: 'BSC_TRIPPED', subject: 'POSITIONS'}},
	])
	expect(await look(unit, {notionals: positions(12)})).toEqual([])
	expect(eventsOf(await look(unit))).toMatchObject([{state: 'NORMAL', rule: 'POSITIONS'}])
	expect(said(unit)).toMatchObject({state: 'NORMAL'})
	expect(isArmed(unit)).toBe(false)
})

test('disarms again who arms over a rule that is broken', async () => {
	const unit = await start()
	await look(unit)
	await look(unit, {notionals: positions(11)})
	unit.bus.store.put(unit.naming.key(keys.kill, {}), '0')
	await look(unit, {notionals: positions(11)})
	expect(isArmed(unit)).toBe(false)
	expect(armOf(unit).epoch).toBe('5')
})

test('a fall counts once: the next one is measured from where it disarmed', async () => {
	const unit = await start()
	await look(unit)
	await look(unit, {equity_usdt: '8999'})
	expect(isArmed(unit)).toBe(false)
	await look(unit, {equity_usdt: '8999'})
	expect(said(unit)).toMatchObject({state: 'NORMAL'})
	unit.bus.store.put(unit.naming.key(keys.kill, {}), '0')
	await look(unit, {equity_usdt: '8100'})
	expect(isArmed(unit)).toBe(true)
	await look(unit, {equity_usdt: '8099'})
	expect(isArmed(unit)).toBe(false)
})

test('a fall that nobody was armed for is recorded as a stop of its own', async () => {
	const unit = await start()
	await look(unit)
	unit.bus.store.put(unit.naming.key(keys.kill, {}), '1')
	expect(eventsOf(await look(unit, {equity_usdt: '1'}))).toMatchObject([{rule: 'DRAWDOWN'}])
	expect(armOf(unit)).toMatchObject({by: 'bsc', armed: '0'})
})

test('while nothing is armed a standing rule is said and nobody is stopped for it', async () => {
	const unit = await start()
	await look(unit)
	unit.bus.store.put(unit.naming.key(keys.kill, {}), '1')
	expect(eventsOf(await look(unit, {notionals: positions(11)}))).toMatchObject([{rule: 'POSITIONS', killed: false}])
	expect(armOf(unit).epoch).toBe('3')
})

test('positions that are there before the limit are inherited: they may only become fewer', async () => {
	const unit = await start({positions_max: 2})
	await look(unit, {notionals: positions(4)})
	expect(isArmed(unit)).toBe(true)
	await look(unit, {notionals: positions(3)})
	await look(unit, {notionals: positions(4)})
	expect(said(unit)).toMatchObject({rule: 'POSITIONS', used: '4', limit: '3'})
	expect(isArmed(unit)).toBe(false)
})

test('dust, and what is near to it, is no position', async () => {
	const unit = await start({positions_max: 1})
	await look(unit, {notionals: ['100']})
	await look(unit, {notionals: ['100', '9.99', '-9.99']})
	expect(said(unit)).toMatchObject({state: 'NORMAL'})
	await look(unit, {notionals: ['100', '10']})
	expect(said(unit)).toMatchObject({rule: 'POSITIONS'})
})

test('blames nobody for the time in which it did not look itself', async () => {
	const unit = await start()
	await look(unit, {sends: ['a', 'b', 'c']})
	const portfolio_ms = unit.clock.machine()
	await look(unit, {portfolio_ms, market_ms: portfolio_ms, sends: ['a', 'b', 'c']}, Math.max(GAP_MS, 10 * silent))
	expect(said(unit)).toMatchObject({state: 'NORMAL'})
	await watch(unit, silent, () => ({portfolio_ms}))
	expect(said(unit)).toMatchObject({state: 'TRIPPED', rule: 'STATE_SILENT'})
})

test('keeps the highest equity over a restart', async () => {
	const unit = await start()
	await look(unit)
	const next = await drive(bsc, {bus: unit.bus, clock: unit.clock})
	await look(next, {equity_usdt: '9000'})
	expect(said(next)).toMatchObject({rule: 'DRAWDOWN', used: '0.1'})
	expect(armOf(next)).toMatchObject({by: 'bsc'})
})
