import {keys} from '../../engine/contracts/keys.js'
import {latch} from '../../engine/scripts/latch.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {type Latch, latchFrom} from './latch-record.js'
import type {State} from './state.js'

export type {Latch} from './latch-record.js'

type Change = Readonly<{what: 'kill' | 'arm'; by: string; reason: string; mode: string; time_ms: number}> &
	Readonly<{expected_epoch?: number}>
type Answer = Readonly<{outcome: string; epoch: number}>

export const readLatch = async ({bus, naming}: State): Promise<Latch> => {
	const [kill, arm] = await Promise.all([bus.get(naming.key(keys.kill, {})), bus.hashAll(naming.key(keys.arm, {}))])
	return latchFrom(kill, arm)
}

/** Runs the latch script; the only way in which anything here changes kill or arm. */
export const changeLatch = async ({bus, naming}: State, change: Change): Promise<Answer> => {
	const {what, by, reason, mode, time_ms, expected_epoch} = change
	const outcome = await bus.decide(
		{
			script: latch,
			keys: {kill: naming.key(keys.kill, {}), arm: naming.key(keys.arm, {})},
			args: {what, by, reason, time_ms: String(time_ms), mode, expected_epoch: String(expected_epoch ?? '')},
			branches: {killed: [], armed: [], unchanged: [], refused: []},
		},
		{acknowledge: []},
	)
	if (outcome.status !== 'decided') throw new Error(`The latch was not decided: ${outcome.status}`)
	return {outcome: outcome.reply.outcome, epoch: Number(outcome.reply.fields.epoch)}
}

/**
 * Kills in Redis until its epoch is at least `epoch_min`: a file that got ahead while Redis was away
 * must never meet an arming of the same number.
 */
export const killLatch = async (
	state: State,
	change: Omit<Change, 'what' | 'expected_epoch'>,
	epoch_min: number,
): Promise<number> => {
	for (let call = 0; call < CLIENT_LIMITS.latch_calls_max; call += 1) {
		const {epoch} = await changeLatch(state, {...change, what: 'kill'})
		if (epoch >= epoch_min) return epoch
	}
	throw new Error(
		`The arm file is more than ${CLIENT_LIMITS.latch_calls_max} epochs ahead of Redis (${epoch_min}): one of them is not of this system`,
	)
}
