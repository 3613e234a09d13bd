import type {Policy} from '../contracts/policy.js'
import type {Side} from '../contracts/streams/account.js'
import type {Settlement} from '../scripts/settle.js'
import {correctedAmount} from './correction.js'
import {add, equal, exact, textOf, zero} from './exact.js'
import {signedQuantity} from './fills.js'
import {notionalOf, type Outcome} from './governing.js'
import {runLimits} from './reconcile-run.js'

/** An admitted entry, from its verdict until its fills have told all that its result said. */
export type Issued = Readonly<{
	plan_id: string
	deadline_ms: number
	/** Filled so far, by its fills. */
	seen: string
	/** A correction moved the position meanwhile: it may have told of fills that never come. */
	corrected?: true
	/** Filled in all, by its result. */
	executed?: Readonly<{quantity: string; price: string; machine_ms: number}>
}>

/** What the governor knows of one symbol. The position is its own sum of fills and corrections, signed. */
export type GovernorState = Readonly<{issued: Issued | null; amount: string}>
export const ungoverned: GovernorState = {issued: null, amount: '0'}

export type Settling = Readonly<{
	next: GovernorState
	plan_id: string
	what: Settlement
	notional_micro: string
	/** What the fills of the plan have yet to tell; empty while its outcome is unknown. */
	rest_micro: string
	/** What an exit filled, and its client order id. */
	order?: string
	filled?: string
}>

const restOf = ({seen, executed, corrected}: Issued): string => {
	if (!executed) return ''
	const rest = exact(executed.quantity).sub(seen)
	return corrected || rest.lte(zero) ? '0' : notionalOf(textOf(rest), executed.price)
}
const stillIssued = (issued: Issued): Issued | null => (restOf(issued) === '0' ? null : issued)

type Fill = Readonly<{plan_id: string; side: Side; quantity: string; price: string; absorbed?: boolean | undefined}>

/** A fill moves the position, and what its plan has set aside becomes what is open. */
export const settledByFill = (state: GovernorState, fill: Fill): Settling => {
	const {plan_id, quantity, price} = fill
	const amount = fill.absorbed ? state.amount : textOf(exact(state.amount).add(signedQuantity(fill)))
	const issued =
		state.issued?.plan_id === plan_id ? {...state.issued, seen: add(state.issued.seen, quantity)} : undefined
	return {
		next: {amount, issued: issued ? stillIssued(issued) : state.issued},
		plan_id,
		what: 'position',
		notional_micro: notionalOf(amount, price),
		rest_micro: issued ? restOf(issued) : '',
	}
}

/** The sender's word on a plan. What it filled beyond the fills that have come stays set aside until they come. */
export const settledByResult = (
	state: GovernorState,
	plan_id: string,
	outcome: Outcome,
	machine_ms: number,
): Settling => {
	const own = state.issued?.plan_id === plan_id ? state.issued : undefined
	const over = {...state, issued: own ? null : state.issued}
	if (outcome.what !== 'executed') return {next: over, plan_id, notional_micro: '0', rest_micro: '0', ...outcome}
	const {quantity, price} = outcome
	const notional_micro = notionalOf(quantity, price)
	if (!own) return {next: over, plan_id, what: 'executed', notional_micro, rest_micro: '0'}
	const issued = {...own, executed: {quantity, price, machine_ms}}
	const next = {...state, issued: stillIssued(issued)}
	return {next, plan_id, what: 'executed', notional_micro, rest_micro: restOf(issued)}
}

type Correction = Readonly<{amount: string; expected?: string | undefined; entry_price?: string | undefined}>

/** The venue's word on the position. */
export const settledByCorrection = (state: GovernorState, correction: Correction): Settling => {
	const amount = correctedAmount(state.amount, correction)
	const moved = !equal(amount, state.amount)
	const issued = state.issued && moved ? {...state.issued, corrected: true as const} : state.issued
	const told = issued?.executed !== undefined && moved
	return {
		next: {amount, issued: told ? null : issued},
		plan_id: told ? issued.plan_id : 'reconcile',
		what: 'position',
		notional_micro: notionalOf(amount, correction.entry_price ?? '0'),
		rest_micro: told ? '0' : '',
	}
}

/**
 * From when on fills that have not come are left to reconciliation, machine time. By then either a comparison that asked
 * the venue after the order says CLEAN, or the newest is so old that nothing opens: what is freed too early could let a
 * position too many in.
 */
const fillsWithin = ({reconcile_stale_machine_ms}: Policy): number =>
	reconcile_stale_machine_ms + runLimits.answer_within_ms

/** What is due: a permit that nobody took, or fills that never came. */
export const settledByTime = (
	state: GovernorState,
	{now_ms, machine_ms, policy}: Readonly<{now_ms: number; machine_ms: number; policy: Policy}>,
): Settling | undefined => {
	const {issued} = state
	if (!issued) return undefined
	const next = {...state, issued: null}
	const {plan_id, executed, deadline_ms} = issued
	if (executed) {
		if (machine_ms - executed.machine_ms < fillsWithin(policy)) return undefined
		return {next, plan_id, what: 'executed', notional_micro: '0', rest_micro: '0'}
	}
	if (deadline_ms >= now_ms) return undefined
	return {next, plan_id, what: 'expired', notional_micro: '0', rest_micro: '0'}
}
