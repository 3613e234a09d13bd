import {z} from 'zod'
import {noted} from './field.js'
import {count, ms, share} from './shapes.js'

/**
 * The Baseline Safety Controller: few rules on state keys alone, each beyond what governor and ESS allow. What breaks one
 * of them disarms; positions keep their resting stops. Times are machine time.
 */
export const bsc = z.strictObject({
	drawdown: noted(
		share.default(0.1),
		'more',
		'share',
		'Fall of equity from its highest that disarms, whatever the ESS says.',
	),
	silent_machine_ms: noted(
		ms.default(120_000),
		'more',
		'ms',
		'Silence of the portfolio, or of the market of what is held, that disarms, machine time.',
	),
	unacked_machine_ms: noted(
		ms.default(30_000),
		'more',
		'ms',
		'Time from which an order without a known outcome counts as unacknowledged, machine time.',
	),
	unacked_orders: noted(count.default(3), 'more', 'count', 'Unacknowledged orders at once that disarm.'),
})
