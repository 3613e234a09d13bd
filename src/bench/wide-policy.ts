import type {policySchema} from '../engine/contracts/policy.js'

type PolicyInput = NonNullable<Parameters<typeof policySchema.parse>[0]>

const MANY = 10_000
const MUCH_USDT = 1_000_000_000
const HOUR_MS = 3_600_000

/**
 * Every limit out of the way, so that each intent of these symbols becomes an order and nothing closes by itself: every
 * gate still looks. The bot watches only, at every minute.
 */
export const widePolicy = (symbols: readonly string[]) =>
	({
		bar: '1m',
		allowlist: [...symbols],
		intent_source: 'autonomous-trader',
		positions_max: 100,
		notional_total_usdt: 100_000,
		entries_per_hour_max: MANY,
		entries_per_5m_max: MANY,
		cooldown_ms: 0,
		spread_bps_max: 1_000,
		price_drift_bps_max: 1_000,
		depth_multiple_min: 0,
		unit_tightening: 'record',
		exit_monitor: {target: 0.9, stop: 0.9, trailing: 0.9, trailing_from: 0.9, owner_stale_ms: 24 * HOUR_MS},
		exit_brain: {symbols_share: 0},
		portfolio: {
			sector_positions_max: MANY,
			cluster_positions_max: MANY,
			correlation_max: 1,
			exposure_share_max: 100,
			heat_share_max: 1,
			plans_per_hour_hot: MANY,
		},
		balance: {gross_share_max: 100, net_share_max: 100, cluster_share_max: 100},
		budgets: {
			day_loss_usdt: MUCH_USDT,
			day_turnover_usdt: MUCH_USDT,
			strategy_loss_usdt: MUCH_USDT,
			cluster_loss_usdt: MUCH_USDT,
		},
		ess: {
			daily_loss_warning: 1,
			daily_loss_critical: 1,
			drawdown_warning: 1,
			drawdown_critical: 1,
			loss_streak_warning: MANY,
			loss_streak_critical: MANY,
			failed_orders_warning: MANY,
			failed_orders_critical: MANY,
			reject_rate_warning: 1,
			reject_rate_critical: 1,
			reject_sample: MANY,
			warning_hold_ms: 1_000,
		},
	}) as const satisfies PolicyInput
