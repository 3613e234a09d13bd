import {z} from 'zod'

const usdt = z.number().positive()
const share = z.number().gt(0).lte(1)
const bps = z.number().positive().max(10_000)

/** Risk policy: what operators decide. Times are venue time unless the name says otherwise. */
export const policySchema = z
	.strictObject({
		version: z.int().positive().default(1),
		/** Symbols that may open. Empty blocks all. */
		allowlist: z
			.array(z.string())
			.default([
				'BTCUSDT',
				'ETHUSDT',
				'SOLUSDT',
				'BNBUSDT',
				'XRPUSDT',
				'AVAXUSDT',
				'LINKUSDT',
				'LTCUSDT',
				'币安人生USDT',
			]),
		intent_source: z.enum(['auto', 'trading-bot', 'autonomous-trader']).default('auto'),
		short_allowed: z.boolean().default(true),
		positions_max: z.int().min(1).max(100).default(10),
		notional_per_trade_usdt: usdt.default(200),
		notional_total_usdt: usdt.default(2_000),
		entries_per_hour_max: z.int().positive().default(3),
		entries_per_5m_max: z.int().positive().default(2),
		cooldown_ms: z.int().nonnegative().default(60_000),
		leverage_max: z.int().min(1).max(10).default(10),
		/** Margin of one trade as a share of the balance. */
		margin_share: share.default(0.02),
		spread_bps_max: bps.default(20),
		price_drift_bps_max: bps.default(100),
		/** Room for slippage inside the reserved notional. */
		slippage_bps: bps.default(50),
		plan_age_max_ms: z.int().positive().default(30_000),
		permit_ttl_ms: z.int().positive().default(30_000),
		data_stale_ms: z.int().positive().default(10_000),
		/** What the machine may be late, machine time: at N times speed this much venue time passes N times as fast. */
		machine_grace_ms: z.int().positive().default(2_000),
		reconcile_stale_machine_ms: z.int().positive().default(180_000),
		reconcile_every_machine_ms: z.int().positive().default(60_000),
		kill_score_open_max: share.default(0.8),
		stop: z
			.strictObject({
				/** Of price. */
				distance_min: share.default(0.03),
				atr_multiple: z.number().positive().default(0.3),
				target_multiple: z.number().positive().default(1.33),
			})
			.prefault({}),
		exit_monitor: z
			.strictObject({
				/** Shares of price. */
				target: share.default(0.025),
				stop: share.default(0.015),
				trailing: share.default(0.015),
				trailing_from: share.default(0.01),
				every_ms: z.int().positive().default(5_000),
			})
			.prefault({}),
		/** Decision bar of the trading-bot. */
		bar: z.enum(['1m', '5m', '15m', '1h']).default('15m'),
	})
	.refine(policy => policy.notional_per_trade_usdt <= policy.notional_total_usdt, {
		path: ['notional_per_trade_usdt'],
		message: 'one trade may not be larger than notional_total_usdt',
	})
	.refine(policy => policy.entries_per_5m_max <= policy.entries_per_hour_max, {
		path: ['entries_per_5m_max'],
		message: 'may not exceed entries_per_hour_max',
	})
	.refine(policy => policy.exit_monitor.trailing_from <= policy.exit_monitor.target, {
		path: ['exit_monitor', 'trailing_from'],
		message: 'trailing must begin before the target is reached',
	})

export type Policy = z.output<typeof policySchema>
export const defaultPolicy: Policy = policySchema.parse({})
