import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {keys} from '../../engine/contracts/keys.js'
import type {Naming} from '../../engine/contracts/naming.js'
import type {Clock} from '../../engine/runtime/clock.js'
import {appendAudit, readAudit} from '../system/audit-file.js'
import type {Home} from '../system/home.js'

const EVERY_MS = 1_000
/** Who stops the system without a command of an operator's, which would have recorded it: as the latch names them. */
const BY_ITSELF = new Set(['ess', 'bsc', 'by hand', 'daemon'])

/**
 * Puts into the audit log what units, the daemon and writers of the kill key did to the latch. One that happened while
 * no daemon ran is recorded by the next.
 */
export const keepStopsRecorded = async (
	{bus, naming, home}: Readonly<{bus: RedisBus; naming: Naming; home: Home}>,
	clock: Clock,
	signal: AbortSignal,
	onError: (error: unknown) => void,
): Promise<void> => {
	let seen: string | undefined
	while (!signal.aborted) {
		try {
			const {epoch, armed, by = '', reason = '', time_ms, mode} = await bus.hashAll(naming.key(keys.arm, {}))
			if (epoch !== undefined && epoch !== seen && BY_ITSELF.has(by) && !isRecorded(home, by, Number(epoch))) {
				const after = {epoch: Number(epoch), armed: armed === '1', mode}
				const said = {who: by, what: 'kill', why: reason, outcome: armed === '1' ? 'ARMED' : 'KILLED'}
				await appendAudit(home, {...said, time_ms: Number(time_ms), before: {}, after, timings: {}})
			}
			seen = epoch
		} catch (error) {
			if (!signal.aborted) onError(error)
		}
		await clock.wait(EVERY_MS, signal)
	}
}

const LOOKED_AT = 200

const isRecorded = (home: Home, by: string, epoch: number): boolean =>
	readAudit(home, LOOKED_AT).some(({who, what, after}) => who === by && what === 'kill' && after.epoch === epoch)
