import {z} from 'zod'
import {noted} from './field.js'
import {bps, count, ms, multiple, share} from './shapes.js'

/** The last line: acts when the exit owner is absent or stale, or a stop is missing. */
export const exitMonitor = z.strictObject({
	target: noted(share.default(0.025), 'unclear', 'share', 'Gain at which it closes, of price.'),
	stop: noted(share.default(0.015), 'more', 'share', 'Loss at which it closes, of price.'),
	trailing: noted(share.default(0.015), 'more', 'share', 'Fall from the best price at which it closes, of price.'),
	trailing_from: noted(share.default(0.01), 'more', 'share', 'Gain from which it trails, of price.'),
	every_ms: noted(ms.default(5_000), 'more', 'ms', 'A close that did not happen is asked for again after this long.'),
	owner_stale_ms: noted(
		ms.default(30_000),
		'more',
		'ms',
		'Silence of the exit owner on an open position after which this line acts for it.',
	),
})

/** The owner of exits. Distances are shares of price, losses shares of the position's margin. */
export const exitBrain = z.strictObject({
	symbols_share: noted(
		z.number().min(0).max(1).default(1),
		'unclear',
		'share',
		'Share of the symbols that it owns, by a hash of their name; the others are left to exit-monitor.',
	),
	stop_volatility_multiple: noted(
		multiple.default(3),
		'more',
		'multiple',
		'Internal stop in standard deviations of a 15-minute return.',
	),
	stop_min: noted(share.default(0.002), 'unclear', 'share', 'Least distance of the internal stop.'),
	stop_max: noted(share.default(0.02), 'more', 'share', 'Largest distance of the internal stop.'),
	target_min: noted(share.default(0.003), 'unclear', 'share', 'Least distance of the first target.'),
	targets: noted(
		z.array(multiple).min(1).max(4).default([1, 1.5, 2.5]),
		'unclear',
		'none',
		'Targets in multiples of the distance of the internal stop, ascending.',
	),
	target_shares: noted(
		z.array(share).min(1).max(4).default([0.25, 0.25, 0.5]),
		'unclear',
		'none',
		'Part of the initial size that each target closes; together 1.',
	),
	trailing: noted(
		share.default(0.008),
		'more',
		'share',
		'Fall from the best price at which it closes, after target 1.',
	),
	loss_max: noted(share.default(0.1), 'more', 'share', 'Loss at which a position is closed, of its margin.'),
	loss_emergency: noted(
		share.default(0.125),
		'more',
		'share',
		'Loss at which it is closed whatever else is going on, of its margin.',
	),
	kill_score_close: noted(share.default(0.65), 'more', 'share', 'Urgency to be out from which it closes.'),
	age_max_ms: noted(ms.default(86_400_000), 'more', 'ms', 'Age at which the urgency of a position is at its height.'),
	every_ms: noted(ms.default(10_000), 'more', 'ms', 'It looks at each position at least this often.'),
})

/** Partial profit in units of the initial risk (R). */
export const harvest = z.strictObject({
	mode: noted(
		z.enum(['shadow', 'live']).default('shadow'),
		'unclear',
		'none',
		'Shadow: suggestions only; live: plans, through the same gates.',
	),
	r_of: noted(
		z.enum(['risk', 'margin']).default('risk'),
		'unclear',
		'none',
		'Whether R is the loss at the initial stop, or the margin as in the former system.',
	),
	first_r: noted(multiple.default(0.5), 'unclear', 'multiple', 'Gain from which the first part is closed, in R.'),
	first_share: noted(share.default(0.25), 'unclear', 'share', 'The part that is closed then.'),
	break_even_r: noted(
		multiple.default(1),
		'unclear',
		'multiple',
		'Gain from which the stop moves to break-even, in R.',
	),
	trail_r: noted(
		multiple.default(0.5),
		'more',
		'multiple',
		'Distance at which the stop then trails the best price, in R.',
	),
	cost_bps: noted(
		bps.default(10),
		'unclear',
		'bps',
		'What getting in and out costs: break-even lies beyond the entry by this much.',
	),
	actions_per_minute_max: noted(count.default(30), 'more', 'count', 'Harvests and moves of stops within a minute.'),
	every_ms: noted(ms.default(5_000), 'unclear', 'ms', 'It looks at each position at least this often.'),
})
