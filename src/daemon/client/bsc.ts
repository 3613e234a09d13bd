import {keys} from '../../engine/contracts/keys.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {WATCH_SILENCE_MS} from '../../engine/logic/watch-silence.js'
import {type BscRecord, bscRecordOf} from './bsc-record.js'
import type {State} from './state.js'

export type BscView = BscRecord &
	Readonly<{
		/** Machine time since it last looked. */
		age_ms: number
		stale: boolean
		/** HEARD or SILENT: what the watch over the ESS last said; null before its first look. */
		ess_watch: string | null
		/** Machine time since that watch looked; null before its first look. */
		ess_watch_age_ms: number | null
	}>

/** @throws OperatorError (unreachable) before the first look of the controller */
export const readBsc = async ({bus, naming}: State, now_ms: () => number): Promise<BscView> => {
	const [fields, watch] = await Promise.all([
		bus.hashAll(naming.key(keys.bscState, {})),
		bus.hashAll(naming.key(keys.essWatch, {})),
	])
	const record = bscRecordOf(fields)
	if (!record)
		throw new OperatorError('the Baseline Safety Controller has not looked yet', {
			exit_code: EXIT_CODES.unreachable,
			hint: `see qt status: ${keys.bscState.owner} says it once a second`,
		})
	const age_ms = Math.max(0, now_ms() - record.machine_ms)
	const watch_age_ms = watch.machine_ms === undefined ? null : Math.max(0, now_ms() - Number(watch.machine_ms))
	return {
		...record,
		age_ms,
		stale: Math.max(age_ms, watch_age_ms ?? Number.POSITIVE_INFINITY) > WATCH_SILENCE_MS.guard,
		ess_watch: watch.state ?? null,
		ess_watch_age_ms: watch_age_ms,
	}
}
