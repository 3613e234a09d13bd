import {z} from 'zod'
import {bsc} from './policy/bsc.js'
import {ess} from './policy/ess.js'
import {exitBrain, exitMonitor, harvest} from './policy/exits.js'
import {fieldsOf, noted, type PolicyField} from './policy/field.js'
import {balance, budgets, portfolio, sectors, universe} from './policy/portfolio.js'
import {bps, count, ms, share, symbol, usdt} from './policy/shapes.js'
import {stop} from './policy/stop.js'

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
		depth_multiple_min: noted(
			z.number().nonnegative().max(1_000).default(1),
			'less',
			'multiple',
			'Least size at the best price on the side that an entry takes, in sizes of the entry.',
		),
		dust_usdt: noted(
			z.number().nonnegative().max(1_000).default(5),
			'more',
			'USDT',
			'A position worth less is dust: shown, and holding no slot.',
		),
		unit_tightening: noted(
			z.enum(['apply', 'record']).default('apply'),
			'unclear',
			'none',
			'What units propose and what tightens: apply makes a version of it, record only writes it down.',
		),
		foreign: noted(
			z.enum(['adopt', 'ignore']).default('adopt'),
			'unclear',
			'none',
			'What others open on the account: adopt protects and closes it as our own, ignore only counts and shows it.',
		),
		sectors: noted(sectors, 'unclear', 'none', 'Symbols by sector; a symbol of no sector is a sector of its own.'),
		stop: stop.prefault({}),
		exit_monitor: exitMonitor.prefault({}),
		exit_brain: exitBrain.prefault({}),
		harvest: harvest.prefault({}),
		portfolio: portfolio.prefault({}),
		balance: balance.prefault({}),
		budgets: budgets.prefault({}),
		universe: universe.prefault({}),
		ess: ess.prefault({}),
		bsc: bsc.prefault({}),
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
	.refine(({exit_brain: {stop_min, stop_max}}) => stop_min <= stop_max, {
		path: ['exit_brain', 'stop_min'],
		message: 'may not exceed exit_brain.stop_max',
	})
	.refine(({exit_brain: {loss_max, loss_emergency}}) => loss_max <= loss_emergency, {
		path: ['exit_brain', 'loss_max'],
		message: 'may not exceed exit_brain.loss_emergency',
	})
	.refine(({stop: {loss_share_max}, exit_brain: {loss_emergency}}) => loss_share_max <= loss_emergency, {
		path: ['stop', 'loss_share_max'],
		message: 'may not exceed exit_brain.loss_emergency, or a position would be closed before its stop is reached',
	})
	.refine(({exit_brain: {targets, target_shares}}) => targets.length === target_shares.length, {
		path: ['exit_brain', 'target_shares'],
		message: 'one share for each of exit_brain.targets',
	})
	.refine(({exit_brain: {targets}}) => targets.every((target, index) => target > (targets[index - 1] ?? 0)), {
		path: ['exit_brain', 'targets'],
		message: 'each target must lie beyond the one before',
	})
	.refine(({exit_brain: {target_shares}}) => Math.abs(target_shares.reduce((sum, part) => sum + part, 0) - 1) < 1e-9, {
		path: ['exit_brain', 'target_shares'],
		message: 'the shares must add up to 1',
	})
	.refine(({harvest: {first_r, break_even_r}}) => first_r <= break_even_r, {
		path: ['harvest', 'first_r'],
		message: 'may not exceed harvest.break_even_r',
	})

export type Policy = z.output<typeof policySchema>
export const defaultPolicy: Policy = policySchema.parse({})

/** The parts of the policy that hold fields of their own. */
const sections: Readonly<Record<string, z.ZodObject>> = {
	stop,
	exit_monitor: exitMonitor,
	exit_brain: exitBrain,
	harvest,
	portfolio,
	balance,
	budgets,
	universe,
	ess,
	bsc,
}

/** Every field that an operator decides, in the order of the schema. */
export const policyFields: readonly PolicyField[] = Object.entries(policySchema.shape).flatMap(([name, schema]) => {
	const section = sections[name]
	return section ? fieldsOf(section.shape, [name]) : fieldsOf({[name]: schema})
})
