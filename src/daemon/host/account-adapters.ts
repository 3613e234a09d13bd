import {accountFeed} from '../../engine/adapters/exchange/account-feed.js'
import {ProvenMarks} from '../../engine/adapters/exchange/proven-marks.js'
import {keys} from '../../engine/contracts/keys.js'
import type {ResumePoint} from '../../engine/exchange/account-cursor.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {exchangeStreamBridge, resumeOf} from '../../engine/units/core/exchange-stream-bridge.js'
import type {Environment} from './environment.js'

const WHOLE_ACCOUNT = '*'

/**
 * The user-data stream, resumed after the last fill and income that the bridge has committed; where Redis has lost that,
 * from a mark on disk.
 */
export const accountAdapters = async ({venue, bus, naming, config}: Environment): Promise<UnitAdapters> => {
	const key = naming.key(keys.unitState, {unit: exchangeStreamBridge.name})
	const point = resumeOf(await bus.hashGet(key, WHOLE_ACCOUNT)) as ResumePoint | undefined
	const marks = new ProvenMarks(config.proven_file)
	const options = {
		resumeFrom: () => point,
		provenSince: () => marks.since_ms,
		onProven: (venue_ms: number) => {
			try {
				marks.add(venue_ms)
			} catch {
				// The older mark stands, and more is read again from it.
			}
		},
	}
	return {effects: {}, feeds: {account: accountFeed(venue, options)}}
}
