import {z} from 'zod'
import {noted} from './field.js'
import {count, ms, share} from './shapes.js'

/** The Emergency Stop System. WARNING stops entries; CRITICAL kills and, where `flatten` says so, closes everything. */
export const ess = z
	.strictObject({
		daily_loss_critical: noted(
			share.default(0.03),
			'more',
			'share',
			'Loss since the start of the UTC day, of its equity.',
		),
		daily_loss_warning: noted(share.default(0.02), 'more', 'share', 'The same, for WARNING.'),
		drawdown_critical: noted(share.default(0.08), 'more', 'share', 'Fall of equity from its highest.'),
		drawdown_warning: noted(share.default(0.05), 'more', 'share', 'The same, for WARNING.'),
		loss_streak_warning: noted(count.default(5), 'more', 'count', 'Losing trades in a row, for WARNING.'),
		loss_streak_critical: noted(count.default(10), 'more', 'count', 'Losing trades in a row, for CRITICAL.'),
		failed_orders_warning: noted(count.default(3), 'more', 'count', 'Failed orders within the window, for WARNING.'),
		failed_orders_critical: noted(count.default(6), 'more', 'count', 'Failed orders within the window, for CRITICAL.'),
		failed_window_ms: noted(ms.default(60_000), 'less', 'ms', 'The window of failed orders, machine time.'),
		reject_rate_warning: noted(share.default(0.2), 'more', 'share', 'Failed orders of those sent, for WARNING.'),
		reject_rate_critical: noted(share.default(0.5), 'more', 'share', 'Failed orders of those sent, for CRITICAL.'),
		reject_sample: noted(
			count.default(10),
			'more',
			'count',
			'Orders that the rate is taken over, the newest; fewer say nothing.',
		),
		warning_hold_ms: noted(
			ms.default(900_000),
			'less',
			'ms',
			'WARNING lasts at least this long, venue time, and until its cause is gone.',
		),
		flatten: noted(z.boolean().default(true), 'less', 'none', 'CRITICAL closes everything, before it kills.'),
	})
	.refine(({daily_loss_warning, daily_loss_critical}) => daily_loss_warning <= daily_loss_critical, {
		path: ['daily_loss_warning'],
		message: 'may not exceed daily_loss_critical',
	})
	.refine(({drawdown_warning, drawdown_critical}) => drawdown_warning <= drawdown_critical, {
		path: ['drawdown_warning'],
		message: 'may not exceed drawdown_critical',
	})
	.refine(({loss_streak_warning, loss_streak_critical}) => loss_streak_warning <= loss_streak_critical, {
		path: ['loss_streak_warning'],
		message: 'may not exceed loss_streak_critical',
	})
	.refine(({failed_orders_warning, failed_orders_critical}) => failed_orders_warning <= failed_orders_critical, {
		path: ['failed_orders_warning'],
		message: 'may not exceed failed_orders_critical',
	})
	.refine(({reject_rate_warning, reject_rate_critical}) => reject_rate_warning <= reject_rate_critical, {
		path: ['reject_rate_warning'],
		message: 'may not exceed reject_rate_critical',
	})
