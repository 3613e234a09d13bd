import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import type {Plan} from '../../../src/engine/contracts/streams/trade.js'
import {requestOf} from '../../../src/engine/logic/order-steps.js'

export const plan = (changes: Partial<Plan> = {}): Plan => ({
	plan_id: 'plan-1',
	symbol: 'BTCUSDT',
	action: 'OPEN',
	side: 'BUY',
	source: 'test',
	...changes,
})
export type Input = Partial<Parameters<typeof requestOf>[0]>
/** The request of a plan that was allowed at 100. */
export const ask = (of: Plan, changes: Input = {}) =>
	requestOf({
		plan: of,
		epoch: 7,
		notional_usdt: '100.500000',
		quote_price: '100',
		policy: defaultPolicy,
		operator: false,
		now_ms: 1_750_000_000_000,
		...changes,
	})
