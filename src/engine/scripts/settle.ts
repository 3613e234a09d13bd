import type {ScriptStore} from '../bus/store.js'
import {keys} from '../contracts/keys.js'
import {defineScript, type ScriptReply} from '../contracts/script.js'
import {type Reservation, readReservation, writeReservation} from './reservation.js'

/** What became of a plan or a position, as the reservations must learn it. */
export type Settlement = 'failed' | 'expired' | 'executed' | 'position' | 'exit-done'

export const settle = defineScript({
	name: 'settle',
	summary:
		'Moves a reservation to what is really open, or gives it back; exactly once per plan, never while an outcome is unknown.',
	keys: {
		permit: keys.permit,
		reservations: keys.reservations,
		total: keys.totalNotional,
		slots: keys.availableSlots,
		history: keys.execHistory,
		lock: keys.exitLock,
	},
	/**
	 * `notional_micro` is open (position) or executed; `rest_micro` what the fills of the plan have yet to tell,
	 * empty while its outcome is unknown. What is open below `dust_micro`, with nothing on its way, holds no slot.
	 * `filled` of `order` (client order id) is what an exit did, in base units.
	 */
	args: [
		'what',
		'plan_id',
		'symbol',
		'notional_micro',
		'rest_micro',
		'now_ms',
		'slots_max',
		'dust_micro',
		'order',
		'filled',
	],
	outcomes: {released: ['notional_micro'], settled: ['notional_micro'], nothing: []},
	source: new URL('./settle.lua', import.meta.url),
	model: (store, key, arg) => settleModel(store, key, arg),
})

type Names = Readonly<Record<string, string>>

/** What settle.lua must do, said in TypeScript. */
const settleModel = (store: ScriptStore, key: Names, arg: Names): ScriptReply => {
	const name = (of: string): string => key[of] ?? ''
	const {what = '', plan_id = '', symbol = '', notional_micro = '0', rest_micro = '', now_ms = '0'} = arg
	const {order = '', filled = '0'} = arg
	const line = store.hashGet(name('reservations'), symbol)
	const held = readReservation(line) ?? {plan_id: '', state: '', open: 0, reserved: 0, deadline_ms: '0'}
	const pending = held.plan_id !== '' && held.plan_id === plan_id

	const put = (changes: Partial<Reservation>): void => {
		const asked = {...held, ...changes}
		const dust = asked.plan_id === '' && asked.open < Number(arg.dust_micro ?? 0)
		const next = dust ? {...asked, open: 0} : asked
		if (next.plan_id === '' && next.open === 0) store.hashRemove(name('reservations'), [symbol])
		else store.hashPut(name('reservations'), {[symbol]: writeReservation(next)})
		const change = next.open + next.reserved - held.open - held.reserved
		store.put(name('total'), String(Number(store.get(name('total')) ?? 0) + change))
		store.put(name('slots'), String(Number(arg.slots_max) - store.hashSize(name('reservations'))))
	}
	const cleared = {plan_id: '', state: '', reserved: 0, deadline_ms: '0'}
	const told = (open: number): void => {
		const rest = Number(rest_micro)
		put(rest === 0 ? {...cleared, open} : {state: 'FILLING', open, reserved: rest})
	}

	if (what === 'exit-done') {
		if (store.hashGet(name('lock'), 'plan_id') === plan_id)
			store.hashPut(name('lock'), {plan_id: '', owner: '', deadline_ms: '0', done_order: order, done_filled: filled})
		return {outcome: 'nothing', fields: {}}
	}
	if (what === 'position') {
		const open = Number(notional_micro)
		if (!pending) put({open})
		else if (rest_micro === '') put({open, reserved: Math.max(0, held.reserved - Math.max(0, open - held.open))})
		else told(open)
		return {outcome: 'settled', fields: {notional_micro}}
	}
	if (!pending) return {outcome: 'nothing', fields: {}}
	if (what === 'expired' && (held.state !== 'RESERVED' || Number(held.deadline_ms) > Number(now_ms)))
		return {outcome: 'nothing', fields: {}}
	if (what === 'executed') {
		told(held.open)
		store.hashPut(name('permit'), {state: 'SETTLED'})
		return {outcome: 'settled', fields: {notional_micro}}
	}
	put(cleared)
	store.sortedRemove(name('history'), plan_id)
	store.hashPut(name('permit'), {state: what === 'expired' ? 'EXPIRED' : 'FAILED'})
	return {outcome: 'released', fields: {notional_micro: String(held.reserved)}}
}
