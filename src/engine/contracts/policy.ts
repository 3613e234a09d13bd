import {z} from 'zod'
import {fieldsOf, noted, type PolicyField} from './policy-field.js'

const usdt = z.number().positive()
const share = z.number().gt(0).lte(1)
const bps = z.number().positive().max(10_000)
const count = z.int().positive()
const ms = z.int().positive()
const symbol = z
	.string()
	.regex(/^[\p{L}\p{N}_]{2,40}$/u, 'expected an exchange symbol of letters and digits, such as BTCUSDT')

const stop = z.strictObject({
	distance_min: noted(share.default(0.03), 'more', 'share', 'Least distance of the initial stop, of price.'),
	atr_multiple: noted(z.number().positive().default(0.3), 'more', 'multiple', 'Distance of the initial stop in ATR.'),
	target_multiple: noted(
		z.number().positive().default(1.33),
		'unclear',
		'multiple',
		'Distance of the target in stop distances.',
	),
})

const exitMonitor = z.strictObject({
	target: noted(share.default(0.025), 'unclear', 'share', 'Gain at which it closes, of price.'),
	stop: noted(share.default(0.015), 'more', 'share', 'Loss at which it closes, of price.'),
	trailing: noted(share.default(0.015), 'more', 'share', 'Fall from the best price at which it closes, of price.'),
	trailing_from: noted(share.default(0.01), 'more', 'share', 'Gain from which it trails, of price.'),
	every_ms: noted(ms.default(5_000), 'more', 'ms', 'A close that did not happen is asked for again after this long.'),
})

/** Risk policy: what operators decide. Times are venue time unless the name says otherwise. */
export const policySchema = z
	.strictObject({
		/** Given by the store of versions; what a file says here is not read. */
		version: z.int().positive().default(1),
		allowlist: noted(
			z
				.array(symbol)
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
			'more',
			'none',
			'Symbols that may open. Empty blocks all.',
		),
		intent_source: noted(
			z.enum(['auto', 'trading-bot', 'autonomous-trader']).default('auto'),
			'unclear',
			'none',
			'Whose intents trade; the others only watch.',
		),
		short_allowed: noted(z.boolean().default(true), 'more', 'none', 'An OPEN SELL is a short.'),
		positions_max: noted(z.int().min(1).max(100).default(10), 'more', 'count', 'Open positions and reservations.'),
		notional_per_trade_usdt: noted(usdt.default(200), 'more', 'USDT', 'One entry; more is clipped to it.'),
		notional_total_usdt: noted(usdt.default(2_000), 'more', 'USDT', 'Everything open or reserved.'),
		entries_per_hour_max: noted(count.default(3), 'more', 'count', 'Entries of one symbol within an hour.'),
		entries_per_5m_max: noted(count.default(2), 'more', 'count', 'Entries of one symbol within five minutes.'),
		cooldown_ms: noted(z.int().nonnegative().default(60_000), 'less', 'ms', 'Pause between entries of one symbol.'),
		leverage_max: noted(z.int().min(1).max(10).default(10), 'more', 'multiple', 'Highest leverage of a position.'),
		margin_share: noted(share.default(0.02), 'more', 'share', 'Margin of one trade, of the balance.'),
		spread_bps_max: noted(bps.default(20), 'more', 'bps', 'Widest spread at which an entry is allowed.'),
		price_drift_bps_max: noted(bps.default(100), 'more', 'bps', 'Farthest that price may have moved since the plan.'),
		slippage_bps: noted(bps.default(50), 'less', 'bps', 'Room for slippage inside the reserved notional.'),
		plan_age_max_ms: noted(ms.default(30_000), 'more', 'ms', 'Age from which an entry plan is stale.'),
		permit_ttl_ms: noted(ms.default(30_000), 'more', 'ms', 'Time within which an allowed plan must be sent.'),
		data_stale_ms: noted(ms.default(10_000), 'more', 'ms', 'Age from which market data opens nothing.'),
		machine_grace_ms: noted(
			ms.default(2_000),
			'more',
			'ms',
			'What the machine may be late, machine time: at N times speed this much venue time passes N times as fast.',
		),
		reconcile_stale_machine_ms: noted(
			ms.default(180_000),
			'more',
			'ms',
			'Age of the newest comparison with the venue from which nothing opens, machine time.',
		),
		reconcile_every_machine_ms: noted(
			ms.default(60_000),
			'more',
			'ms',
			'Pause between comparisons with the venue, machine time.',
		),
		kill_score_open_max: noted(share.default(0.8), 'more', 'share', 'Kill score from which nothing opens.'),
		stop: stop.prefault({}),
		exit_monitor: exitMonitor.prefault({}),
		bar: noted(z.enum(['1m', '5m', '15m', '1h']).default('15m'), 'unclear', 'none', 'Decision bar of the trading-bot.'),
	})
	.refine(policy => policy.notional_per_trade_usdt <= policy.notional_total_usdt, {
		path: ['notional_per_trade_usdt'],
		message: 'one trade may not be larger than notional_total_usdt',
	})
	.refine(policy => policy.entries_per_5m_max <= policy.entries_per_hour_max, {
		path: ['entries_per_5m_max'],
		message: 'may not exceed entries_per_hour_max',
	})
	.refine(policy => policy.reconcile_every_machine_ms <= policy.reconcile_stale_machine_ms, {
		path: ['reconcile_every_machine_ms'],
		message: 'may not exceed reconcile_stale_machine_ms, or the books are stale before each comparison',
	})
	.refine(policy => policy.exit_monitor.trailing_from <= policy.exit_monitor.target, {
		path: ['exit_monitor', 'trailing_from'],
		message: 'trailing must begin before the target (exit_monitor.target) is reached',
	})

export type Policy = z.output<typeof policySchema>
export const defaultPolicy: Policy = policySchema.parse({})

/** Every field that an operator decides, in the order of the schema. */
export const policyFields: readonly PolicyField[] = Object.entries(policySchema.shape).flatMap(([name, schema]) => {
	if (name === 'stop') return fieldsOf(stop.shape, [name])
	if (name === 'exit_monitor') return fieldsOf(exitMonitor.shape, [name])
	return fieldsOf({[name]: schema})
})
