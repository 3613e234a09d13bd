import {ESS_STALE_MS, type EssBrief} from '../../daemon/client/ess-record.js'
import type {Meaning, Paint} from './colour.js'
import {duration, instant} from './terms.js'

const MEANING: Readonly<Record<string, Meaning>> = {NORMAL: 'good', WARNING: 'busy', CRITICAL: 'bad'}
const WAY_ON: Readonly<Record<string, string>> = {
	WARNING: ': nothing opens',
	CRITICAL: ': disarmed until qt ess reset --reason, then qt go',
}

/** State of the ESS, why and since when, and how old that is once it is no longer confirmed. `now_ms` is machine time. */
export const essLine = (
	{state, rule, used, limit, since_ms, machine_ms}: EssBrief,
	now_ms: number,
	paint: Paint,
): string => {
	const word = paint(MEANING[state] ?? 'bad', state)
	const why = state === 'NORMAL' ? '' : ` since ${instant(since_ms)} (venue), ${rule} at ${used} of ${limit}`
	const age_ms = now_ms - machine_ms
	const age = age_ms > ESS_STALE_MS ? paint('bad', `; confirmed ${duration(age_ms)} ago`) : ''
	return `${word}${why}${WAY_ON[state] ?? ''}${age}`
}
