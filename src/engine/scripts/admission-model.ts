import type {ScriptStore} from '../bus/store.js'
import type {ScriptReply} from '../contracts/script.js'
import {applies, gates} from './gates/all.js'
import {type Look, type Seen, toNumber} from './gates/gate.js'
import {allowedOf} from './gates/room.js'
import {readReservation, writeReservation} from './reservation.js'

/** What admission.lua must do, said in TypeScript. */

const DAY_MS = 24 * 3_600_000

type Names = Readonly<Record<string, string>>

/** Lua prints numbers with 14 digits. */
const luaText = (value: string | number): string =>
	typeof value === 'number' ? String(Number(value.toPrecision(14))) : value

export const lookOf = (store: ScriptStore, keyNames: Names, args: Names): Look => ({
	store,
	key: name => keyNames[name] ?? '',
	arg: name => args[name] ?? '',
	num: name => toNumber(args[name]),
})

const reserve = ({store, key, arg, num}: Look, allowed: number): void => {
	const open = readReservation(store.hashGet(key('reservations'), arg('symbol')))?.open ?? 0
	const line = writeReservation({
		plan_id: arg('plan_id'),
		state: 'RESERVED',
		open,
		reserved: allowed,
		deadline_ms: arg('deadline_ms'),
	})
	store.hashPut(key('reservations'), {[arg('symbol')]: line})
	store.put(key('total'), String(toNumber(store.get(key('total'))) + allowed))
	store.put(key('slots'), String(num('slots_max') - store.hashSize(key('reservations'))))
	store.sortedAdd(key('history'), num('now_ms'), arg('plan_id'))
	store.sortedTrim(key('history'), num('now_ms') - DAY_MS)
	store.expire(key('history'), DAY_MS)
	store.put(key('cooldown'), arg('now_ms'), DAY_MS)
}

/** The one exit of the symbol from now on; the token counts up with each. */
const lock = ({store, key, arg}: Look): string => {
	const token = String(toNumber(store.hashGet(key('lock'), 'token')) + 1)
	const names = ['plan_id', 'deadline_ms', 'rank', 'settled_machine_ms']
	const fields = {owner: arg('source'), ...Object.fromEntries(names.map(name => [name, arg(name)]))}
	const {amount = '', moved_by = ''} = store.hashAll(key('position'))
	const before = {amount, moved_by, done_order: '', done_filled: '0'}
	store.hashPut(key('lock'), {token, ...fields, taken: '0', ...before})
	return token
}

const writePermit = (
	{store, key, arg, num}: Look,
	verdict: string,
	reason: string,
	notional: string,
	epoch: string,
): void => {
	const state = verdict === 'ALLOW' ? 'ISSUED' : 'NONE'
	const fields = {
		verdict,
		reason,
		state,
		class: arg('class'),
		symbol: arg('symbol'),
		epoch,
		notional_micro: notional,
		deadline_ms: arg('deadline_ms'),
	}
	store.hashPut(key('permit'), fields)
	store.expire(key('permit'), num('permit_ttl_ms'))
}

const firstRefusal = (look: Look): Readonly<{code: string; found: Seen}> | undefined => {
	for (const gate of gates) {
		if (!applies(gate, look.arg('class'))) continue
		const found = gate.look(look)
		if (!found.passed) return {code: gate.code, found}
	}
	return undefined
}

const usdt = (micro: number): string => {
	const whole = Math.floor(micro / 1_000_000)
	return `${whole}.${String(micro - whole * 1_000_000).padStart(6, '0')}`
}

export const admissionModel = (store: ScriptStore, keyNames: Names, args: Names): ScriptReply => {
	const look = lookOf(store, keyNames, args)
	const {key, arg} = look
	const verdict = store.hashGet(key('permit'), 'verdict')
	if (verdict !== undefined)
		return {
			outcome: 'repeat',
			fields: {reason: verdict === 'ALLOW' ? 'ALLOW' : (store.hashGet(key('permit'), 'reason') ?? '')},
		}

	const refusal = firstRefusal(look)
	if (refusal) {
		const {code: reason, found} = refusal
		writePermit(look, 'REFUSE', reason, '0', '')
		return {outcome: 'refuse', fields: {reason, used: luaText(found.used), limit: luaText(found.limit)}}
	}
	const allowed = arg('class') === 'ENTRY' ? allowedOf(look) : 0
	if (arg('class') === 'ENTRY') reserve(look, allowed)
	const token = arg('class') === 'EXIT' ? lock(look) : ''
	const epoch = store.hashGet(key('arm'), 'epoch') ?? '0'
	writePermit(look, 'ALLOW', 'ALLOW', String(allowed), epoch)
	return {
		outcome: 'allow',
		fields: {notional_usdt: usdt(allowed), epoch, token, price: store.hashGet(key('quote'), 'ask') ?? ''},
	}
}
