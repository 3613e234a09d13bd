import {type Reservation, readReservation} from '../reservation.js'
import {FOREIGN_IGNORED, foreignOf, isIgnored} from './foreign.js'
import {type Gate, heard, type Look, seen, toNumber} from './gate.js'

/** Venue time over which entries of a symbol are counted, ms. */
export const HOUR_MS = 3_600_000
export const FIVE_MINUTES_MS = 300_000

const heldOf = ({store, key, arg}: Look): Reservation | undefined =>
	readReservation(store.hashGet(key('reservations'), arg('symbol')))
const amountOf = ({store, key}: Look): number => toNumber(store.hashGet(key('position'), 'amount'))
const opens = ({arg}: Look): boolean => arg('action') === 'OPEN'
const adds = ({arg}: Look): boolean => arg('action') === 'ADD'

/** Whether there is a place for it. */
export const places: readonly Gate[] = [
	{
		code: FOREIGN_IGNORED,
		of: 'ENTRY',
		meaning: 'Others opened a position in the symbol, and the policy leaves it to them.',
		policy: 'foreign',
		remedy: 'wait until it is closed, or adopt it (qt policy)',
		look: look => seen(!isIgnored(look), foreignOf(look), 'a position of ours'),
	},
	{
		code: 'ENTRY_IN_PROGRESS',
		of: 'ENTRY',
		meaning: 'Another entry of the symbol is on its way.',
		remedy: 'wait for its outcome',
		look: look => {
			const plan_id = heldOf(look)?.plan_id ?? ''
			return plan_id === '' ? seen(true) : seen(false, plan_id, look.arg('plan_id'))
		},
	},
	{
		code: 'POSITION_EXISTS',
		of: 'ENTRY',
		meaning: 'The symbol has a position already: it may be added to, not opened.',
		remedy: 'ADD, or close first',
		look: look => {
			const held = heldOf(look)
			return seen(!(held && opens(look)), String(held?.open ?? 0), 0)
		},
	},
	{
		code: 'POSITION_EXISTS',
		of: 'ENTRY',
		meaning: 'The symbol has a position already: it may be added to, not opened.',
		remedy: 'ADD, or close first',
		look: look => seen(!(amountOf(look) !== 0 && opens(look)), amountOf(look), 0),
	},
	{
		code: 'NO_POSITION',
		of: 'ENTRY',
		meaning: 'There is no position to add to.',
		remedy: 'OPEN',
		look: look => {
			if (!adds(look)) return seen(true)
			return seen(heldOf(look) !== undefined && amountOf(look) !== 0, 0, 'a position to add to')
		},
	},
	{
		code: 'ADD_REDUCES',
		of: 'ENTRY',
		meaning: 'Adding on the other side would reduce the position.',
		remedy: 'the side of the position, or a close',
		look: look => {
			if (!adds(look)) return seen(true)
			const amount = amountOf(look)
			return seen(amount > 0 === (look.arg('side') === 'BUY'), amount, look.arg('side'))
		},
	},
	{
		code: 'SLOTS_FULL',
		of: 'ENTRY',
		meaning: 'As many positions are open or on their way as may be.',
		policy: 'positions_max',
		remedy: 'close one, or qt policy',
		look: look => {
			const used = look.store.hashSize(look.key('reservations'))
			// What is held already needs no further slot; but what was inherited above the limit is only reduced.
			const after = heldOf(look) === undefined ? used + 1 : used
			return seen(after <= look.num('slots_max'), used, look.arg('slots_max'))
		},
	},
	{
		code: 'RATE_HOUR',
		of: 'ENTRY',
		meaning: 'Entries of the symbol within an hour.',
		policy: 'entries_per_hour_max',
		remedy: 'wait',
		look: ({store, key, arg, num}) => {
			const entries = store.sortedCountAbove(key('history'), num('now_ms') - HOUR_MS)
			return seen(entries < num('hour_max'), entries, arg('hour_max'))
		},
	},
	{
		code: 'RATE_5M',
		of: 'ENTRY',
		meaning: 'Entries of the symbol within five minutes.',
		policy: 'entries_per_5m_max',
		remedy: 'wait',
		look: ({store, key, arg, num}) => {
			const entries = store.sortedCountAbove(key('history'), num('now_ms') - FIVE_MINUTES_MS)
			return seen(entries < num('five_minutes_max'), entries, arg('five_minutes_max'))
		},
	},
	{
		code: 'COOLDOWN',
		of: 'ENTRY',
		meaning: 'The last entry of the symbol is too recent.',
		unit: 'ms',
		policy: 'cooldown_ms',
		remedy: 'wait',
		look: ({store, key, arg, num}) => {
			const last = store.get(key('cooldown'))
			if (last === undefined) return seen(true, '', arg('cooldown_ms'))
			const since = num('now_ms') - toNumber(last)
			return seen(since >= num('cooldown_ms'), String(since), arg('cooldown_ms'))
		},
	},
	{
		code: 'HEAT_STALE',
		of: 'ENTRY',
		meaning: 'Nobody has confirmed lately what all positions would lose at their stops.',
		unit: 'ms',
		remedy: 'see qt status: portfolio-heat-gate must run, and the balance must be known',
		look: look => heard(look, 'heat', 'heat_silence_max_ms'),
	},
	{
		code: 'HEAT_PORTFOLIO',
		of: 'ENTRY',
		meaning: 'What all positions would lose at their stops is too much of the equity.',
		policy: 'portfolio.heat_share_max',
		remedy: 'nearer stops, or fewer positions',
		look: ({store, key, arg, num}) => {
			const heat = store.hashGet(key('heat'), 'heat_share') ?? ''
			return seen(toNumber(heat) < num('heat_share_max'), heat, arg('heat_share_max'))
		},
	},
]

/** What the plan asks for, micro-USDT: its notional, or its size at the worst price that it may fill at. */
const wantedOf = ({store, key, arg, num}: Look): number => {
	if (arg('notional_micro') !== '') return num('notional_micro')
	const worst = toNumber(store.hashGet(key('quote'), 'ask')) * (1 + num('slippage_bps') / 10_000)
	// One micro more than exact, so that the size asked for fits into what is set aside for it.
	return num('quantity') > 0 ? Math.ceil(num('quantity') * worst * 1_000_000) + 1 : 0
}
/** What it would get: more is clipped to the cap. */
export const allowedOf = (look: Look): number => Math.min(wantedOf(look), look.num('notional_cap_micro'))

/** Whether its size is one. */
export const sizes: readonly Gate[] = [
	{
		code: 'NOTIONAL_MISSING',
		of: 'ENTRY',
		meaning: 'The plan has no size that counts.',
		unit: 'micro-USDT',
		remedy: 'name a notional or a quantity',
		look: look => {
			const wanted = wantedOf(look)
			return seen(wanted > 0, String(wanted), 1)
		},
	},
	{
		code: 'BELOW_MIN_NOTIONAL',
		of: 'ENTRY',
		meaning: 'After clipping to notional_per_trade_usdt less is left than the venue takes.',
		unit: 'micro-USDT',
		policy: 'notional_per_trade_usdt',
		remedy: 'a larger size, or another symbol',
		look: look => {
			const allowed = allowedOf(look)
			const minimum = Math.ceil(toNumber(look.store.hashGet(look.key('filters'), 'min_notional_usdt')) * 1_000_000)
			return seen(allowed >= minimum, String(allowed), String(minimum))
		},
	},
	{
		code: 'TOTAL_NOTIONAL',
		of: 'ENTRY',
		meaning: 'Everything open, reserved and asked for together.',
		unit: 'micro-USDT',
		policy: 'notional_total_usdt',
		remedy: 'close something, or a smaller size',
		look: look => {
			const total = toNumber(look.store.get(look.key('total'))) + allowedOf(look)
			return seen(total <= look.num('total_cap_micro'), String(total), look.arg('total_cap_micro'))
		},
	},
	{
		code: 'DEPTH_THIN',
		of: 'ENTRY',
		meaning: 'Less rests at the best price than a market order of this size should meet.',
		unit: 'micro-USDT',
		policy: 'depth_multiple_min',
		remedy: 'wait, or a smaller size',
		look: look => {
			const quote = look.store.hashAll(look.key('quote'))
			const buys = look.arg('side') === 'BUY'
			const price = toNumber(buys ? quote.ask : quote.bid)
			const there = Math.floor(price * toNumber(buys ? quote.ask_quantity : quote.bid_quantity) * 1_000_000)
			const needed = Math.ceil(allowedOf(look) * look.num('depth_multiple_min'))
			return seen(there >= needed, String(there), String(needed))
		},
	},
]
