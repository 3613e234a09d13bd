import type {ScriptStore} from '../bus/store.js'
import type {ScriptReply} from '../contracts/script.js'
import {readReservation, writeReservation} from './reservation.js'

/** What admission.lua must do, said in TypeScript. */

const HOUR_MS = 3_600_000
const FIVE_MINUTES_MS = 300_000
const DAY_MS = 24 * HOUR_MS

type Names = Readonly<Record<string, string>>
type Refusal = readonly [reason: string, used?: string | number, limit?: string | number]
type Look = Readonly<{
	store: ScriptStore
	key: (name: string) => string
	arg: (name: string) => string
	num: (name: string) => number
}>

const toNumber = (text: string | undefined): number => {
	const value = Number(text)
	return text === undefined || text === '' || Number.isNaN(value) ? 0 : value
}
/** Lua prints numbers with 14 digits. */
const luaText = (value: string | number | undefined): string =>
	typeof value === 'number' ? String(Number(value.toPrecision(14))) : (value ?? '')

const stopped = ({store, key, arg}: Look): Refusal | undefined => {
	const armed =
		store.get(key('kill')) === '0' &&
		store.hashGet(key('arm'), 'armed') === '1' &&
		store.hashGet(key('arm'), 'epoch') !== undefined
	const exempt = arg('class') === 'PROTECT' || (arg('class') === 'EXIT' && arg('operator') === '1')
	if (!armed && !exempt) return ['KILLED']
	if (store.get(key('mode')) !== arg('mode')) return ['MODE_MISMATCH']
	const execution = store.get(key('execution'))
	if (execution !== 'ENABLED' && execution !== 'REDUCE_ONLY') return ['EXECUTION_DISABLED']
	if (execution === 'REDUCE_ONLY' && arg('class') === 'ENTRY') return ['PAUSED']
	return undefined
}

const exitGates = ({store, key, arg, num}: Look): Refusal | undefined => {
	const amount = toNumber(store.hashGet(key('position'), 'amount'))
	if (amount === 0) return ['NO_POSITION', 0, arg('quantity')]
	if (arg('side') === '') return ['SIDE_MISSING', '', 'BUY or SELL']
	if (num('quantity') <= 0) return ['SIZE_MISSING', arg('quantity'), 'above 0']
	if (amount > 0 === (arg('side') === 'BUY')) return ['EXIT_INCREASES', amount, arg('side')]
	if (num('quantity') > Math.abs(amount)) return ['EXIT_EXCEEDS_POSITION', arg('quantity'), Math.abs(amount)]
	const holder = store.hashGet(key('lock'), 'plan_id')
	const locked =
		holder !== undefined &&
		holder !== arg('plan_id') &&
		toNumber(store.hashGet(key('lock'), 'deadline_ms')) > num('now_ms')
	return locked ? ['EXIT_LOCKED', holder, arg('plan_id')] : undefined
}

const dataGates = ({store, key, arg, num}: Look): Refusal | undefined => {
	if (arg('side') === '') return ['SIDE_MISSING', '', 'BUY or SELL']
	const outcome = store.hashGet(key('reconcile'), 'outcome')
	if (outcome !== 'CLEAN') return ['NOT_RECONCILED', outcome ?? 'never', 'CLEAN']
	const runAge = num('machine_ms') - toNumber(store.hashGet(key('reconcile'), 'machine_ms'))
	if (runAge > num('reconcile_age_max_ms')) return ['RECONCILE_STALE', String(runAge), arg('reconcile_age_max_ms')]
	const quote = store.hashAll(key('quote'))
	if (toNumber(quote.bid) <= 0 || toNumber(quote.ask) <= 0 || store.exists(key('stale')))
		return ['DATA_STALE', 'no fresh quote', arg('quote_age_max_ms')]
	const quoteAge = num('now_ms') - toNumber(quote.venue_ms)
	if (quoteAge > num('quote_age_max_ms')) return ['DATA_STALE', String(quoteAge), arg('quote_age_max_ms')]
	const silence = num('machine_ms') - toNumber(quote.machine_ms)
	if (silence > num('quote_silence_max_ms')) return ['DATA_STALE', String(silence), arg('quote_silence_max_ms')]
	return undefined
}

const planGates = ({store, key, arg, num}: Look): Refusal | undefined => {
	if (arg('kill_score') !== '' && num('kill_score') >= num('kill_score_max'))
		return ['KILL_SCORE', arg('kill_score'), arg('kill_score_max')]
	const age = Math.abs(num('now_ms') - num('plan_ms'))
	if (age > num('plan_age_max_ms')) return ['PLAN_STALE', String(age), arg('plan_age_max_ms')]
	const {bid, ask} = store.hashAll(key('quote'))
	const mid = (toNumber(bid) + toNumber(ask)) / 2
	if (arg('reference_price') !== '') {
		const drift = Math.floor(Math.abs(mid / num('reference_price') - 1) * 10_000 + 0.5)
		if (drift > num('drift_bps_max')) return ['PRICE_DRIFT', drift, arg('drift_bps_max')]
	}
	const spread = Math.floor(((toNumber(ask) - toNumber(bid)) / mid) * 10_000 + 0.5)
	if (spread > num('spread_bps_max')) return ['SPREAD_WIDE', spread, arg('spread_bps_max')]
	if (store.hashGet(key('filters'), 'tradable') !== 'true')
		return ['NOT_TRADABLE', arg('symbol'), 'tradable at the venue']
	return undefined
}

const slotGates = ({store, key, arg, num}: Look): Refusal | undefined => {
	const held = readReservation(store.hashGet(key('reservations'), arg('symbol')))
	if (held && held.plan_id !== '') return ['ENTRY_IN_PROGRESS', held.plan_id, arg('plan_id')]
	if (held && arg('action') === 'OPEN') return ['POSITION_EXISTS', String(held.open), 0]
	const amount = toNumber(store.hashGet(key('position'), 'amount'))
	if (amount !== 0 && arg('action') === 'OPEN') return ['POSITION_EXISTS', amount, 0]
	if (arg('action') === 'ADD') {
		if (!held || amount === 0) return ['NO_POSITION', 0, 'a position to add to']
		if (amount > 0 !== (arg('side') === 'BUY')) return ['ADD_REDUCES', amount, arg('side')]
	}
	const used = store.hashSize(key('reservations'))
	if (!held && used >= num('slots_max')) return ['SLOTS_FULL', used, arg('slots_max')]
	const hour = store.sortedCountAbove(key('history'), num('now_ms') - HOUR_MS)
	if (hour >= num('hour_max')) return ['RATE_HOUR', hour, arg('hour_max')]
	const five = store.sortedCountAbove(key('history'), num('now_ms') - FIVE_MINUTES_MS)
	if (five >= num('five_minutes_max')) return ['RATE_5M', five, arg('five_minutes_max')]
	const last = store.get(key('cooldown'))
	if (last !== undefined && num('now_ms') - toNumber(last) < num('cooldown_ms'))
		return ['COOLDOWN', String(num('now_ms') - toNumber(last)), arg('cooldown_ms')]
	return undefined
}

const notionalGates = ({store, key, arg, num}: Look): number | Refusal => {
	const worst = toNumber(store.hashGet(key('quote'), 'ask')) * (1 + num('slippage_bps') / 10_000)
	const ofQuantity = num('quantity') > 0 ? Math.ceil(num('quantity') * worst * 1_000_000) + 1 : 0
	const wanted = arg('notional_micro') === '' ? ofQuantity : num('notional_micro')
	if (wanted <= 0) return ['NOTIONAL_MISSING', String(wanted), 1]
	const allowed = Math.min(wanted, num('notional_cap_micro'))
	const minimum = Math.ceil(toNumber(store.hashGet(key('filters'), 'min_notional_usdt')) * 1_000_000)
	if (allowed < minimum) return ['BELOW_MIN_NOTIONAL', String(allowed), String(minimum)]
	const total = toNumber(store.get(key('total')))
	if (total + allowed > num('total_cap_micro'))
		return ['TOTAL_NOTIONAL', String(total + allowed), arg('total_cap_micro')]
	return allowed
}

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

const gatesOf = (look: Look): Refusal | undefined => {
	const first = stopped(look)
	if (first) return first
	if (look.arg('class') === 'EXIT') return exitGates(look)
	if (look.arg('class') === 'ENTRY') return dataGates(look) ?? planGates(look) ?? slotGates(look)
	return undefined
}

const usdt = (micro: number): string => {
	const whole = Math.floor(micro / 1_000_000)
	return `${whole}.${String(micro - whole * 1_000_000).padStart(6, '0')}`
}

export const admissionModel = (store: ScriptStore, keyNames: Names, args: Names): ScriptReply => {
	const look: Look = {
		store,
		key: name => keyNames[name] ?? '',
		arg: name => args[name] ?? '',
		num: name => toNumber(args[name]),
	}
	const {key, arg} = look
	const verdict = store.hashGet(key('permit'), 'verdict')
	if (verdict !== undefined)
		return {
			outcome: 'repeat',
			fields: {reason: verdict === 'ALLOW' ? 'ALLOW' : (store.hashGet(key('permit'), 'reason') ?? '')},
		}

	let refusal = gatesOf(look)
	let allowed = 0
	if (!refusal && arg('class') === 'ENTRY') {
		const answer = notionalGates(look)
		if (typeof answer === 'number') allowed = answer
		else refusal = answer
	}
	if (refusal) {
		const [reason, used, limit] = refusal
		writePermit(look, 'REFUSE', reason, '0', '')
		return {outcome: 'refuse', fields: {reason, used: luaText(used), limit: luaText(limit)}}
	}
	let token = ''
	if (arg('class') === 'ENTRY') reserve(look, allowed)
	if (arg('class') === 'EXIT') {
		token = String(toNumber(store.hashGet(key('lock'), 'token')) + 1)
		store.hashPut(key('lock'), {token, owner: arg('source'), plan_id: arg('plan_id'), deadline_ms: arg('deadline_ms')})
	}
	const epoch = store.hashGet(key('arm'), 'epoch') ?? '0'
	writePermit(look, 'ALLOW', 'ALLOW', String(allowed), epoch)
	return {
		outcome: 'allow',
		fields: {notional_usdt: usdt(allowed), epoch, token, price: store.hashGet(key('quote'), 'ask') ?? ''},
	}
}
