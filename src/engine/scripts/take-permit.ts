import {keys} from '../contracts/keys.js'
import {defineScript} from '../contracts/script.js'
import {readReservation, writeReservation} from './reservation.js'

/** Why an allowed plan is not sent after all: what was true at the verdict is asked again. */
export const permitRefusals = {
	PERMIT_MISSING: 'There is no permit for such a plan: a permit key by hand opens nothing.',
	PERMIT_SERVED: 'The permit was taken before: it serves once.',
	PERMIT_EXPIRED: 'The deadline of the permit is past.',
	KILLED: 'The system was stopped since the verdict.',
	EPOCH_OLD: 'The system was stopped and armed again since the verdict.',
	EXECUTION_DISABLED: 'Execution was disabled since the verdict.',
	PAUSED: 'Entries were paused since the verdict.',
	LOCK_LOST: 'The exit lock belongs to another plan now: its deadline passed, or an exit of higher rank took it.',
	NOTIONAL_DIFFERS: 'Another notional than the permit’s would be sent.',
	RESERVATION_MISSING: 'Nothing is set aside for the entry.',
} as const

export const takePermit = defineScript({
	name: 'take-permit',
	summary:
		'Consumes a permit once: it must be issued, in time, of the present arm epoch and of the notional that is sent; an entry must hold its reservation, an exit its lock; nothing is taken while execution is disabled, no entry while paused.',
	keys: {
		kill: keys.kill,
		arm: keys.arm,
		execution: keys.execution,
		permit: keys.permit,
		reservations: keys.reservations,
		lock: keys.exitLock,
	},
	args: ['plan_id', 'symbol', 'class', 'operator', 'notional_micro', 'now_ms'],
	outcomes: {taken: ['epoch'], refused: ['reason']},
	source: new URL('./take-permit.lua', import.meta.url),
	model: (store, key, arg) => {
		const refused = (reason: keyof typeof permitRefusals) => ({outcome: 'refused', fields: {reason}})
		const name = (of: string): string => key[of] ?? ''
		const permit = store.hashAll(name('permit'))
		if (permit.verdict !== 'ALLOW' || permit.class !== arg.class || permit.symbol !== arg.symbol)
			return refused('PERMIT_MISSING')
		if (permit.state !== 'ISSUED') return refused('PERMIT_SERVED')
		if (arg.class !== 'PROTECT' && Number(permit.deadline_ms) < Number(arg.now_ms)) return refused('PERMIT_EXPIRED')
		const exempt = arg.class === 'PROTECT' || (arg.class === 'EXIT' && arg.operator === '1')
		const armed = store.get(name('kill')) === '0' && store.hashGet(name('arm'), 'armed') === '1'
		if (!armed && !exempt) return refused('KILLED')
		if (!exempt && store.hashGet(name('arm'), 'epoch') !== permit.epoch) return refused('EPOCH_OLD')
		const execution = store.get(name('execution'))
		if (execution !== 'ENABLED' && execution !== 'REDUCE_ONLY') return refused('EXECUTION_DISABLED')
		if (execution === 'REDUCE_ONLY' && arg.class === 'ENTRY') return refused('PAUSED')
		if (arg.class === 'EXIT' && store.hashGet(name('lock'), 'plan_id') !== arg.plan_id) return refused('LOCK_LOST')
		if (arg.class === 'EXIT') store.hashPut(name('lock'), {taken: '1'})
		if (arg.class === 'ENTRY') {
			if (permit.notional_micro !== arg.notional_micro) return refused('NOTIONAL_DIFFERS')
			const held = readReservation(store.hashGet(name('reservations'), arg.symbol ?? ''))
			if (held?.plan_id !== arg.plan_id || held?.state !== 'RESERVED') return refused('RESERVATION_MISSING')
			store.hashPut(name('reservations'), {[arg.symbol ?? '']: writeReservation({...held, state: 'TAKEN'})})
		}
		store.hashPut(name('permit'), {state: 'TAKEN'})
		return {outcome: 'taken', fields: {epoch: permit.epoch ?? ''}}
	},
})
