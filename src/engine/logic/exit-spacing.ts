import {idOf} from '../runtime/identity.js'
import {allowanceMs} from './allowance.js'
import type {Holding} from './exit-holding.js'

type Now = Readonly<{now_ms: number; machine_ms: number; speed: number; policy: Readonly<{machine_grace_ms: number}>}>

/** An emergency may be asked for again this often: venue time, and at speed the same in machine time. */
const EMERGENCY = {every_ms: 1_000, machine_grace_ms: 1_000} as const
/** The least machine time between two words on a position: at high speed there would be hundreds in a second. */
const TELLING = {machine_grace_ms: 500} as const
/** Between two replacements of the stop of a symbol, and for the answer to one: machine time, in lock-step venue time. */
const MOVES = {pause_ms: 2_000, answer_ms: 10_000} as const

const OWNED_OUT_OF = 2 ** 32
const HEX_DIGITS = 8
/** Whether a symbol is among the share that is owned: by a hash of its name, so that a larger share keeps all of a smaller one. */
export const isOwned = (symbol: string, symbols_share: number): boolean =>
	Number.parseInt(idOf('exit-owner', symbol).slice(0, HEX_DIGITS), 16) / OWNED_OUT_OF < symbols_share

/** A close that did not happen is asked for again after `every_ms`; an emergency does not wait for another reason. */
export const isOverdue = (
	{reason, planned_ms}: Readonly<{reason: string; planned_ms: number}>,
	every_ms: number,
	{now_ms, speed, policy}: Now,
): boolean => {
	const limit_ms =
		reason === 'emergency' ? allowanceMs(EMERGENCY.every_ms, EMERGENCY, speed) : allowanceMs(every_ms, policy, speed)
	return Math.abs(now_ms - planned_ms) >= limit_ms
}

export const isTellingDue = (told_ms: number | undefined, every_ms: number, {now_ms, speed}: Now): boolean =>
	told_ms === undefined || Math.abs(now_ms - told_ms) >= allowanceMs(every_ms, TELLING, speed)

/** One replacement of a stop at a time, and some time between two. */
export const mayMove = ({moving, resting}: Holding, {now_ms, machine_ms, speed}: Now): boolean => {
	if (!moving) return true
	const passed_ms = speed > 0 ? machine_ms - moving.machine_ms : now_ms - moving.venue_ms
	const answered = resting?.client_id !== moving.client_id
	return Math.abs(passed_ms) >= (answered ? MOVES.pause_ms : MOVES.answer_ms)
}
