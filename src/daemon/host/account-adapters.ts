import {accountFeed} from '../../engine/adapters/exchange/account-feed.js'
import {keys} from '../../engine/contracts/keys.js'
import type {ResumePoint} from '../../engine/exchange/account-cursor.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {exchangeStreamBridge, resumeOf} from '../../engine/units/core/exchange-stream-bridge.js'
import type {Environment} from './environment.js'

const WHOLE_ACCOUNT = '*'

/** The user-data stream, resumed after the last fill and income that the bridge has committed. */
export const accountAdapters = async ({venue, bus, naming}: Environment): Promise<UnitAdapters> => {
	const key = naming.key(keys.unitState, {unit: exchangeStreamBridge.name})
	const point = resumeOf(await bus.hashGet(key, WHOLE_ACCOUNT)) as ResumePoint | undefined
	return {effects: {}, feeds: {account: accountFeed(venue, {resumeFrom: () => point})}}
}
