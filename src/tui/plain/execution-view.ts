import type {ExecutionReport} from '../../daemon/client/execution.js'
import type {ExecutionChange} from '../../daemon/client/execution-record.js'
import type {Paint} from './colour.js'
import {instant, known, oneLine} from './terms.js'

const MEANS: Readonly<Record<string, string>> = {
	ENABLED: 'orders go out once armed',
	REDUCE_ONLY: 'paused: no entries; exits and stops go on; qt resume ends it',
	DISABLED: 'decided and recorded, nothing is sent; qt governor enable ends it',
}

const author = (change: ExecutionChange | null | undefined): string =>
	change ? ` since ${instant(change.time_ms)} UTC by ${known(change.by)}: ${oneLine(change.reason)}` : ''

/** The switch in one line: what it is set to, what that means, and who set it so where it is not the usual. */
export const executionLine = (
	execution: string | null,
	change: ExecutionChange | null | undefined,
	paint: Paint,
): string => {
	if (execution === null) return 'unknown'
	if (execution === 'ENABLED') return execution
	return `${paint('busy', execution)} (${MEANS[execution] ?? 'no such value: nothing is sent'})${author(change)}`
}

/** What a turn of the switch came to. */
export const turnView = ({state, turn, execution, before, change}: ExecutionReport, paint: Paint): string => {
	const word = paint(execution === 'ENABLED' ? 'good' : 'busy', execution)
	const means = MEANS[execution] ?? 'nothing is sent'
	if (state === 'UNCHANGED') return `${word}  as it stood${author(change)}\n${means}`
	const kept =
		turn === 'pause' && execution === 'DISABLED'
			? '; the pause is kept for when it is enabled again'
			: turn === 'enable' && execution === 'REDUCE_ONLY'
				? '; the pause from before stands'
				: turn === 'resume' && execution === 'DISABLED'
					? '; the pause is over, and it stays disabled'
					: ''
	const bare = turn === 'disable' ? '\nstops that rest at the venue stay; new ones are not placed' : ''
	return `${word}  was ${before}${kept}\n${means}${bare}`
}
