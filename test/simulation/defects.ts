import type {ScriptStore} from '../../src/engine/bus/store.js'
import type {ScriptContract} from '../../src/engine/contracts/script.js'
import {type AnyUnit, anyUnit} from '../../src/engine/contracts/unit.js'
import {readReservation, writeReservation} from '../../src/engine/scripts/reservation.js'
import type {Defect} from './world.js'

/** Defects put in on purpose: a judgement that does not find them is worth nothing. */

type Names = Readonly<Record<string, string>>
/** What a script does instead, given what it does. */
type Spoil = (
	model: ScriptContract['model'],
	store: ScriptStore,
	key: Names,
	arg: Names,
) => ReturnType<ScriptContract['model']>
type Handler = (...args: never[]) => unknown
type Handlers = Readonly<Record<string, Handler>>

const decides = (step: unknown): step is {decide: {script: ScriptContract}} =>
	typeof step === 'object' && step !== null && 'decide' in step

const spoilt = (handlers: Handlers, name: string, spoil: Spoil): Handlers =>
	Object.fromEntries(
		Object.entries(handlers).map(([port, handler]): [string, Handler] => [
			port,
			(...args) => {
				const step = handler(...args)
				if (!decides(step) || step.decide.script.name !== name) return step
				const {script} = step.decide
				const model: ScriptContract['model'] = (store, key, arg) => spoil(script.model, store, key, arg)
				return {...step, decide: {...step.decide, script: {...script, model}}}
			},
		]),
	)

/** The same units, with scripts that do something else. */
const scripts =
	(spoils: Readonly<Record<string, Spoil>>) =>
	(unit: AnyUnit): AnyUnit => {
		let [on, onTimer]: [Handlers, Handlers] = [unit.on, unit.onTimer ?? {}]
		for (const [name, spoil] of Object.entries(spoils)) {
			on = spoilt(on, name, spoil)
			onTimer = spoilt(onTimer, name, spoil)
		}
		return anyUnit({...unit, on, onTimer})
	}

const reservationOf = (store: ScriptStore, key: Names, arg: Names) =>
	readReservation(store.hashGet(key.reservations ?? '', arg.symbol ?? ''))

export const defects: Readonly<Record<string, Defect>> = {
	'a permit serves again': {
		unit: scripts({
			'take-permit': (model, store, key, arg) => {
				const held = reservationOf(store, key, arg)
				store.hashPut(key.permit ?? '', {state: 'ISSUED'})
				if (held && held.plan_id === arg.plan_id)
					store.hashPut(key.reservations ?? '', {[arg.symbol ?? '']: writeReservation({...held, state: 'RESERVED'})})
				return model(store, key, arg)
			},
		}),
	},
	'a reservation is released while its outcome is unknown': {
		unit: scripts({
			settle: (model, store, key, arg) => {
				const held = reservationOf(store, key, arg)
				const late = arg.what === 'expired' && Number(held?.deadline_ms) <= Number(arg.now_ms)
				return model(store, key, late ? {...arg, what: 'failed'} : arg)
			},
		}),
	},
	'one slot too many': {
		unit: scripts({
			admission: (model, store, key, arg) => model(store, key, {...arg, slots_max: String(Number(arg.slots_max) + 1)}),
		}),
	},
	'the cap is not looked at': {
		unit: scripts({
			admission: (model, store, key, arg) => model(store, key, {...arg, total_cap_micro: '1000000000000'}),
		}),
	},
	'every exit gets the lock': {
		unit: scripts({
			admission: (model, store, key, arg) => {
				if (arg.class === 'EXIT') store.hashPut(key.lock ?? '', {deadline_ms: '0'})
				return model(store, key, arg)
			},
			'take-permit': (model, store, key, arg) => {
				if (arg.class === 'EXIT') store.hashPut(key.lock ?? '', {plan_id: arg.plan_id ?? ''})
				return model(store, key, arg)
			},
		}),
	},
	'a permit by hand opens': {
		unit: scripts({
			'take-permit': (model, store, key, arg) => {
				const reply = model(store, key, arg)
				return reply.fields.reason === 'RESERVATION_MISSING' ? {outcome: 'taken', fields: {epoch: '7'}} : reply
			},
		}),
	},
	'what may have been sent is sent again': {resends: true},
	'an outcome is forgotten': {
		unit: scripts({
			settle: (model, store, key, arg) =>
				arg.what === 'failed' ? {outcome: 'nothing', fields: {}} : model(store, key, arg),
		}),
	},
}
