import {messageOf, OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {ArmReport} from './arming.js'
import {readArming} from './arming-record.js'
import {recordAudit} from './audit.js'
import {rearm} from './go.js'
import {type KillOptions, type KillReport, kill} from './killing.js'
import {readLatch} from './latch.js'
import {withState} from './state.js'

export type DrillReport = Readonly<{
	kill: KillReport
	armed_before: boolean
	/** Null where it was not armed again. */
	rearmed: Pick<ArmReport, 'state' | 'epoch' | 'detail'> | null
	/** Why it was not; null where it was. */
	stays_killed: string | null
	/** From the start of this process, ms: the kill on disk, every gateway obeys, all of it confirmed by the venue. */
	timings: Readonly<{durable_ms: number; obeyed_ms: number; confirmed_ms: number}>
}>

/** From the start of this process until the end of a step. */
const until = ({durable_ms, steps}: KillReport, last: string): number => {
	const after = steps.slice(1, steps.findIndex(({name}) => name === last) + 1)
	return after.reduce((sum, {ms}) => sum + ms, durable_ms)
}

/**
 * A kill on PAPER as it is in truth, and an arming afterwards: only where it was armed before, nothing else has killed
 * meanwhile, and nothing stands against arming.
 * @throws OperatorError (refused) in any other mode
 */
export const drill = async (options: KillOptions): Promise<DrillReport> => {
	const {home, mode, now_ms, reason} = options
	if (mode !== 'PAPER')
		throw new OperatorError(`a drill kills in truth, and the mode is ${mode}`, {
			exit_code: EXIT_CODES.refused,
			hint: 'drills are for PAPER; qt kill stops this system',
		})
	const latch = await withState(home, readLatch).catch(() => undefined)
	const {armed: armed_before, why} = readArming(home, latch)
	const report = await kill({...options, reason: `drill: ${reason}`})
	const timings = {
		durable_ms: report.durable_ms,
		obeyed_ms: until(report, 'gateways'),
		confirmed_ms: until(report, report.steps.at(-1)?.name ?? 'venue'),
	}
	const ended = await endOf(options, report, armed_before, why)
	const {rearmed, stays_killed} = ended
	await recordAudit(home, now_ms, {
		what: 'drill',
		why: reason,
		outcome: `${report.state}${report.flat ? ` ${report.flat.state}` : ''}, ${rearmed ? 'armed again' : 'stays killed'}`,
		before: {armed: armed_before},
		after: {epoch: rearmed?.epoch ?? report.epoch, stays_killed},
		timings,
	})
	return {kill: report, armed_before, rearmed, stays_killed, timings}
}

const endOf = async (
	{home, now_ms}: KillOptions,
	{state, epoch}: KillReport,
	armed_before: boolean,
	why: string,
): Promise<Pick<DrillReport, 'rearmed' | 'stays_killed'>> => {
	const stays = (stays_killed: string) => ({rearmed: null, stays_killed})
	if (!armed_before) return stays(`it was not armed before (${why})`)
	if (state !== 'HALTED') return stays('the kill was not confirmed')
	try {
		const {
			state: rearmed,
			detail,
			epoch: under,
		} = await rearm(home, {now_ms, over_epoch: epoch, reason: 'after a drill'})
		return {rearmed: {state: rearmed, epoch: under, detail}, stays_killed: null}
	} catch (error) {
		return stays(messageOf(error))
	}
}
