import {keys} from '../../engine/contracts/keys.js'
import {executionReset} from '../../engine/scripts/execution-switch.js'
import {readReservation} from '../../engine/scripts/reservation.js'
import {raiseKilled, writeKilled} from './arm-file.js'
import {type Arming, FRESH_STATE, readArming} from './arming-record.js'
import {audited} from './audit.js'
import {type ExecutionChange, executionChangeOf} from './execution-record.js'
import type {Home} from './home.js'
import {operatorName} from './killing.js'
import {killLatch, readLatch} from './latch.js'
import type {State} from './state.js'

export type GovernorView = Readonly<{
	arming: Arming
	mode: string | null
	execution: string | null
	execution_change: ExecutionChange | null
	available_slots: number | null
	total_notional_usdt: string | null
	reservations: ReadonlyArray<
		Readonly<{
			symbol: string
			plan_id: string
			state: string
			open_usdt: string
			reserved_usdt: string
			deadline_ms: number
		}>
	>
}>

const usdt = (micro: number): string => (micro / 1e6).toFixed(2)

export const showGovernor = async (home: Home, state: State): Promise<GovernorView> => {
	const {bus, naming} = state
	const [mode, execution, change, slots, total, reserved, latch] = await Promise.all([
		bus.get(naming.key(keys.mode, {})),
		bus.get(naming.key(keys.execution, {})),
		bus.hashAll(naming.key(keys.executionChange, {})),
		bus.get(naming.key(keys.availableSlots, {})),
		bus.get(naming.key(keys.totalNotional, {})),
		bus.hashAll(naming.key(keys.reservations, {})),
		readLatch(state),
	])
	const reservations = Object.entries(reserved).flatMap(([symbol, line]) => {
		const held = readReservation(line)
		if (!held) return []
		const {plan_id, state: progress, open, reserved: aside, deadline_ms} = held
		return [
			{
				symbol,
				plan_id,
				state: progress,
				open_usdt: usdt(open),
				reserved_usdt: usdt(aside),
				deadline_ms: Number(deadline_ms),
			},
		]
	})
	return {
		arming: readArming(home, latch),
		mode: mode ?? null,
		execution: execution ?? null,
		execution_change: executionChangeOf(change),
		available_slots: slots === undefined ? null : Number(slots),
		total_notional_usdt: total === undefined ? null : usdt(Number(total)),
		reservations: reservations.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
	}
}

type InitOptions = Readonly<{home: Home; state: State; mode: string; positions_max: number; now_ms: () => number}>

/**
 * Leaves the governor killed, of the mode, with execution ENABLED. What counts open positions is untouched where it
 * exists. A kill that stands keeps its author and reason.
 */
export const initGovernor = async ({home, state, mode, positions_max, now_ms}: InitOptions): Promise<GovernorView> => {
	const {bus, naming} = state
	const before = readArming(home, await readLatch(state))
	const {last} = before
	if (last && !last.armed && (await bus.get(naming.key(keys.kill, {}))) !== '1')
		await killLatch(state, {by: last.by, reason: last.reason, mode, time_ms: now_ms()}, last.epoch)
	if (last === undefined || last.armed) {
		const mark = last === undefined ? FRESH_STATE : {by: operatorName(), reason: 'governor initialised'}
		const record = {...mark, mode, time_ms: now_ms()}
		const {epoch} = await writeKilled(home.arm, record)
		const reached = await killLatch(state, record, epoch)
		await raiseKilled(home.arm, record, reached)
	}
	await bus.commit({
		acknowledge: [],
		writes: [
			{op: 'put-string', key: naming.key(keys.mode, {}), value: mode},
			...executionReset(naming, {by: operatorName(), time_ms: now_ms()}),
		],
	})
	const used = Object.keys(await bus.hashAll(naming.key(keys.reservations, {}))).length
	await bus.redis.set(naming.key(keys.totalNotional, {}), '0', 'NX')
	await bus.redis.set(naming.key(keys.availableSlots, {}), String(positions_max - used), 'NX')
	return showGovernor(home, state)
}

const briefOf = ({arming, mode, execution, available_slots}: GovernorView) => ({
	armed: arming.armed,
	mode,
	execution,
	available_slots,
})

/** Sets the governor up for the mode and policy that the home holds. */
export const initGovernorOf = async (home: Home, state: State, now_ms: () => number): Promise<GovernorView> => {
	const [{readSettings}, {readPolicy}] = await Promise.all([
		import('../system/settings.js'),
		import('../system/policy-file.js'),
	])
	const mode = readSettings(home)?.mode ?? 'PAPER'
	const {positions_max} = readPolicy(home)
	const before = await showGovernor(home, state)
	const init = () => initGovernor({home, state, mode, positions_max, now_ms})
	return audited(home, now_ms, {what: 'governor init', why: 'qt governor init'}, init, after => ({
		before: briefOf(before),
		after: briefOf(after),
	}))
}
