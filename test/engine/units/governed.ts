import type {Write} from '../../../src/engine/bus/bus.js'
import type {KeyContract, KeyParameters} from '../../../src/engine/contracts/key.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {Policy} from '../../../src/engine/contracts/policy.js'
import {readReservation} from '../../../src/engine/scripts/reservation.js'
import {applyLayer} from '../../../src/engine/units/exec/apply-layer.js'
import {governor} from '../../../src/engine/units/exec/governor.js'
import {drive, HandClock} from '../../support/drive.js'

type Driven = Awaited<ReturnType<typeof drive>>
type Value = string | Readonly<Record<string, string>> | undefined

/** Writes a key as its owner would; undefined removes it. */
export const put = async <Pattern extends string>(
	{bus, naming}: Pick<Driven, 'bus' | 'naming'>,
	contract: KeyContract<Pattern>,
	parameters: KeyParameters<Pattern>,
	value: Value,
): Promise<void> => {
	const key = naming.key(contract, parameters)
	const write: Write =
		value === undefined
			? {op: 'remove', key}
			: typeof value === 'string'
				? {op: 'put-string', key, value}
				: {op: 'put-hash', key, fields: value}
	await bus.commit({acknowledge: [], writes: [write]})
}

export const SYMBOL = 'BTCUSDT'
export const OTHER = '币安人生USDT'

/** Armed, reconciled, watched over, with a fresh quote of 99.9/100.1 in each symbol. */
export const permissive = async (
	unit: Pick<Driven, 'bus' | 'naming' | 'clock'>,
	symbols: readonly string[] = [SYMBOL, OTHER],
): Promise<void> => {
	const venue_ms = String(unit.clock.venue())
	const machine_ms = String(unit.clock.machine())
	await put(unit, keys.kill, {}, '0')
	await put(unit, keys.arm, {}, {armed: '1', epoch: '7'})
	await put(unit, keys.mode, {}, 'PAPER')
	await put(unit, keys.execution, {}, 'ENABLED')
	await put(unit, keys.reconcileLast, {}, {outcome: 'CLEAN', machine_ms})
	await put(unit, keys.essState, {}, {state: 'NORMAL', machine_ms})
	await put(unit, keys.essWatch, {}, {state: 'HEARD', machine_ms})
	await put(unit, keys.bscState, {}, {state: 'NORMAL', machine_ms})
	await put(unit, keys.heatPortfolio, {}, {heat_share: '0.01', machine_ms})
	await put(unit, keys.universe, {}, {machine_ms})
	const members = {op: 'add-members', key: unit.naming.key(keys.allowlist, {}), members: symbols} as const
	await unit.bus.commit({acknowledge: [], writes: [members]})
	for (const symbol of symbols) {
		const book = {bid: '99.9', ask: '100.1', bid_quantity: '1000', ask_quantity: '1000', venue_ms, machine_ms}
		await put(unit, keys.marketQuote, {symbol}, book)
		await put(unit, keys.marketFilters, {symbol}, {tradable: 'true', min_notional_usdt: '5'})
	}
}

export const startGovernor = async (policy: Partial<Policy> = {}, clock = new HandClock()) => {
	const unit = await drive(governor, {policy, clock})
	await permissive(unit)
	return unit
}

/** The sender on the bus of a governor. */
export const startSender = ({bus, clock}: Driven): Promise<Driven> => drive(applyLayer, {bus, clock})

export const open = (plan_id: string, changes: Readonly<Record<string, unknown>> = {}) => ({
	plan_id,
	symbol: SYMBOL,
	action: 'OPEN',
	side: 'BUY',
	notional_usdt: '100',
	reference_price: '100',
	source: 'intent-bridge',
	...changes,
})
export const close = (plan_id: string, changes: Readonly<Record<string, unknown>> = {}) => ({
	plan_id,
	symbol: SYMBOL,
	action: 'FULL_CLOSE_PROPOSED',
	side: 'SELL',
	quantity: '1',
	source: 'exit-monitor',
	...changes,
})

/** A fill as the governor hears of it. */
export const filled = (plan_id: string, side: string, quantity: string, price = '100', symbol = SYMBOL) => ({
	plan_id,
	symbol,
	trade_id: '1',
	order_id: '1',
	side,
	price,
	quantity,
	notional_usdt: '1',
	fee: '0',
	fee_asset: 'USDT',
	realised_pnl: '0',
	liquidity: 'TAKER',
	effect: 'OPEN',
	position_amount: '0',
})

export const executed = (
	plan_id: string,
	filled_quantity: string,
	changes: Readonly<Record<string, unknown>> = {},
) => ({
	plan_id,
	symbol: SYMBOL,
	action: 'OPEN',
	decision: 'EXECUTED',
	executed: true,
	reduce_only: false,
	filled_quantity,
	average_price: '100',
	...changes,
})

/** Reservations by symbol, the total and the free slots, as numbers. */
export const reserved = async ({bus, naming}: Pick<Driven, 'bus' | 'naming'>) => {
	const lines = {...(await bus.hashAll(naming.key(keys.reservations, {})))}
	const total = Number((await bus.get(naming.key(keys.totalNotional, {}))) ?? 0)
	const slots = await bus.get(naming.key(keys.availableSlots, {}))
	const bySymbol = Object.fromEntries(Object.entries(lines).map(([symbol, line]) => [symbol, readReservation(line)]))
	return {bySymbol, total, slots: slots === undefined ? undefined : Number(slots)}
}

export const fieldsOf = async <Pattern extends string>(
	{bus, naming}: Pick<Driven, 'bus' | 'naming'>,
	contract: KeyContract<Pattern>,
	parameters: KeyParameters<Pattern>,
): Promise<Readonly<Record<string, string>>> => ({...(await bus.hashAll(naming.key(contract, parameters)))})
