import type {policySchema} from '../../src/engine/contracts/policy.js'

type PolicyInput = Parameters<typeof policySchema.parse>[0]

/** Trades often: exits near the entry, no waiting between entries, and guards that a crash or a bad run does not trip. */
export const tradingPolicy = {
	entries_per_hour_max: 60,
	entries_per_5m_max: 60,
	cooldown_ms: 0,
	dust_usdt: 0,
	exit_monitor: {target: 0.006, stop: 0.006, trailing: 0.004, trailing_from: 0.004},
	exit_brain: {stop_min: 0.002, stop_max: 0.004, target_min: 0.003, targets: [1], target_shares: [1]},
	bsc: {drawdown: 1},
	ess: {
		daily_loss_warning: 1,
		daily_loss_critical: 1,
		drawdown_warning: 1,
		drawdown_critical: 1,
		loss_streak_warning: 10_000,
		loss_streak_critical: 10_000,
		failed_orders_warning: 10_000,
		failed_orders_critical: 10_000,
		reject_rate_warning: 1,
		reject_rate_critical: 1,
		reject_sample: 10_000,
		warning_hold_ms: 1_000,
	},
} as const satisfies PolicyInput
