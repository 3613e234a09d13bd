import {FOREIGN_IGNORED, foreignOf, isIgnored} from './foreign.js'
import {type Gate, type Look, seen, toNumber} from './gate.js'

const amountOf = ({store, key}: Look): number => toNumber(store.hashGet(key('position'), 'amount'))

/** Nothing moved the position since the exit before was allowed, or that was the last to move it, and not yet by all of it. */
const isBehind = ({store, key}: Look): boolean => {
	const {amount, moved_by = '', moved_quantity} = store.hashAll(key('position'))
	const lock = store.hashAll(key('lock'))
	const done_filled = toNumber(lock.done_filled)
	if (done_filled === 0) return false
	const unmoved = amount === lock.amount && moved_by === lock.moved_by
	return unmoved || (moved_by === lock.done_order && toNumber(moved_quantity) < done_filled)
}

/**
 * The exit that has the lock may still be carried out: until its deadline, and once its order may be on its way until its
 * result frees the lock, or a clean comparison that began after all of it shows the position as it is.
 */
const isHeld = ({store, key, arg, num}: Look): boolean => {
	const {plan_id = '', deadline_ms, taken, settled_machine_ms} = store.hashAll(key('lock'))
	if (plan_id === '' || plan_id === arg('plan_id')) return false
	if (toNumber(deadline_ms) > num('now_ms')) return true
	const {outcome, machine_ms} = store.hashAll(key('reconcile'))
	return taken === '1' && (outcome !== 'CLEAN' || toNumber(machine_ms) < toNumber(settled_machine_ms))
}

/** What an exit needs: a position, a size within it, and the one exit lock of the symbol. */
export const exits: readonly Gate[] = [
	{
		code: 'NO_POSITION',
		of: 'EXIT',
		meaning: 'There is no position to close.',
		remedy: 'none: it is closed already',
		look: look => seen(amountOf(look) !== 0, amountOf(look), look.arg('quantity')),
	},
	{
		code: FOREIGN_IGNORED,
		of: 'EXIT',
		meaning: 'Others opened the position, and the policy leaves it to them.',
		policy: 'foreign',
		remedy: 'close it by hand (qt order close), or adopt it (qt policy)',
		look: look => seen(look.arg('operator') === '1' || !isIgnored(look), foreignOf(look), 'a position of ours'),
	},
	{
		code: 'SIDE_MISSING',
		of: 'EXIT',
		meaning: 'The plan does not say whether to buy or to sell.',
		remedy: 'name a side',
		look: ({arg}) => seen(arg('side') !== '', '', 'BUY or SELL'),
	},
	{
		code: 'SIZE_MISSING',
		of: 'EXIT',
		meaning: 'The plan has no size, and the governor knows of no fill yet that it could take one from.',
		remedy: 'name a quantity, or ask again in a moment',
		look: ({num, arg}) => seen(num('quantity') > 0, arg('quantity'), 'above 0'),
	},
	{
		code: 'EXIT_INCREASES',
		of: 'EXIT',
		meaning: 'On this side it would increase the position.',
		remedy: 'the other side',
		look: look => seen(amountOf(look) > 0 !== (look.arg('side') === 'BUY'), amountOf(look), look.arg('side')),
	},
	{
		code: 'EXIT_EXCEEDS_POSITION',
		of: 'EXIT',
		meaning: 'It would close more than there is.',
		remedy: 'a size within the position',
		look: look => {
			const held = Math.abs(amountOf(look))
			return seen(look.num('quantity') <= held, look.arg('quantity'), held)
		},
	},
	{
		code: 'EXIT_LOCKED',
		of: 'EXIT',
		meaning: 'Another exit of the symbol is under way. One of higher rank takes over what has not been sent yet.',
		remedy: 'wait for its outcome, or for the next clean comparison with the exchange',
		look: look => {
			const {plan_id: holder, rank, taken} = look.store.hashAll(look.key('lock'))
			const outranked = look.num('rank') > toNumber(rank) && taken !== '1'
			return seen(!isHeld(look) || outranked, holder ?? '', look.arg('plan_id'))
		},
	},
	{
		code: 'POSITION_BEHIND',
		of: 'EXIT',
		meaning: 'The exit before was filled, and the position does not show all of it yet: its size is not known.',
		remedy: 'wait for the news of its fills, or for the next comparison with the exchange',
		look: look => seen(!isBehind(look), look.store.hashGet(look.key('lock'), 'done_order') ?? '', 'its fills'),
	},
]
