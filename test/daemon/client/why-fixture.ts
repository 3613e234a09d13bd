import {rememberedOf} from '../../../src/daemon/client/why-data.js'
import {checkOf, type WhyCheck} from '../../../src/daemon/client/why-verdict.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {intervalMs} from '../../../src/engine/contracts/streams/market.js'
import {rising} from '../../support/trend.js'

export const BAR_MS = intervalMs('15m')
export const OPEN_MS = 1_749_999_600_000
export const CLOSED_MS = OPEN_MS + BAR_MS
export const now = {venue_ms: CLOSED_MS + 1_000, machine_ms: 5_000, speed: 1, policy: defaultPolicy}
export const quote = {bid: '99.9', ask: '100.1', venue_ms: String(CLOSED_MS + 500), machine_ms: '4900'}
export const bar = {
	interval: '15m',
	open_ms: OPEN_MS,
	ready: true,
	decided: false,
	...rising,
}
export const known = (changes: object = {}, balance_usdt: string | undefined = '10000') =>
	rememberedOf(JSON.stringify({balance_usdt, bars: {BTCUSDT: {...bar, ...changes}}}), 'BTCUSDT')

export const check = (step: WhyCheck['step'], code: string, passed: boolean | null, more: Partial<WhyCheck> = {}) =>
	checkOf({step, code, passed, ...more})
