import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'
import {side} from './account.js'
import {action} from './action.js'

export {ACTIONS, type Action, action, classOf, type PlanClass, planClass} from './action.js'

/**
 * Both shapes of the reference: with stops and margin ({entry_price, stop_loss, take_profit, position_size_usd}),
 * and with quantity and action ({action, qty, strategy, regime}).
 */
export const tradeIntent = defineStream({
	name: 'trade.intent',
	summary: 'What a strategy wants: a direction in a symbol, with stops given or to be derived.',
	criticality: 'money',
	operator_writes: true,
	dead_letter: 'trade.intent.dlq',
	payload: z.object({
		symbol: field.symbol(),
		side: z.preprocess(value => (typeof value === 'string' ? value.toUpperCase() : value), side),
		confidence: field.real().refine(value => value >= 0 && value <= 1, 'expected a confidence from 0 to 1'),
		action: action.optional(),
		entry_price: field.positive().optional(),
		stop_loss: field.positive().optional(),
		take_profit: field.positive().optional(),
		/** Margin, not notional: notional = margin x leverage. */
		position_size_usd: field.positive().optional(),
		qty: field.positive().optional(),
		leverage: field
			.real()
			.refine(value => value >= 1 && value <= 125, 'expected a leverage from 1 to 125')
			.optional(),
		model: field.text().optional(),
		strategy: field.text().optional(),
		regime: field.text().optional(),
		timestamp: z.string().optional(),
		/** Time of the tick or candle that it is based on, venue clock, ms. */
		data_ms: field.integer().optional(),
		/** Id of the entry of `features` that it is based on. */
		signal_id: field.text().optional(),
		kill_score: field.real().optional(),
	}),
})

export const intentDeadLetter = defineStream({
	name: 'trade.intent.dlq',
	summary: 'Intents that are unreadable, break the contract or are refused by the bridge: whole, with the reason.',
	criticality: 'money',
	wraps_entries: true,
	payload: z.object({
		stream: field.text(),
		entry_id: field.text(),
		reason: field.text(),
		detail: field.prose(),
		deliveries: field.integer(),
		fields: field.json(z.record(z.string(), z.string())),
	}),
})

const SIDES: Readonly<Record<string, string>> = {LONG: 'BUY', SHORT: 'SELL'}
/** A side in any case; the reference's plans name the position that an order opens instead. */
const sideOfPlan = z.preprocess(value => {
	if (typeof value !== 'string') return value
	const upper = value.toUpperCase()
	return SIDES[upper] ?? upper
}, side)

/** Plans written by hand in the reference's shape need only plan_id, symbol and action. */
export const planPayload = z.object({
	plan_id: z.string().regex(/^[A-Za-z0-9_-]{4,24}$/, 'expected 4 to 24 letters, digits, _ or -'),
	symbol: field.symbol(),
	action,
	side: sideOfPlan.optional(),
	/** Exact size in base units (`qty` in the reference); for entries left out when notional decides. */
	quantity: field.positive().optional(),
	notional_usdt: field.positive().optional(),
	/** Price that the plan was made at. */
	reference_price: field.positive().optional(),
	stop_price: field.positive().optional(),
	target_price: field.positive().optional(),
	leverage: field.integer().optional(),
	/** Who asks: the unit, or `operator`. */
	source: field.text().default('hand'),
	intent_id: field.text().optional(),
	kill_score: field.real().optional(),
	/** Why it closes or moves. */
	reason: field.text().optional(),
	/** Stops to cancel, by client id. */
	cancel_ids: field.json(z.array(z.string())).optional(),
	decision: z.string().optional(),
})
export type Plan = z.output<typeof planPayload>

export const applyPlan = defineStream({
	name: 'apply.plan',
	summary: 'Plans to enter, exit or protect, before the governor has spoken.',
	criticality: 'money',
	operator_writes: true,
	field_aliases: {quantity: 'qty'},
	payload: planPayload,
})

/** Plans by people, in the shape of a plan: the manual lane turns them into plans with their source. */
export const applyPlanManual = defineStream({
	name: 'apply.plan.manual',
	summary: 'Plans that operators ask for: they pass the same gates as all others.',
	criticality: 'money',
	operator_writes: true,
	field_aliases: {quantity: 'qty'},
	payload: planPayload,
})

export const GATE_REASONS = [
	'PASS',
	'GATE_SHADOW',
	'GATE_NOT_READY',
	'GATE_SECTOR',
	'GATE_CLUSTER',
	'GATE_CORRELATION',
	'GATE_EXPOSURE',
	'GATE_BUDGET',
] as const

export const portfolioGate = defineStream({
	name: 'portfolio.gate',
	summary: 'Verdict of the first gate on each intent, with the intent itself.',
	criticality: 'money',
	payload: z.object({
		/** Envelope id of the intent, and who wrote it. */
		intent_id: field.text(),
		source: field.text(),
		/** Event time of the intent, ms. */
		intent_ms: field.integer(),
		symbol: field.symbol(),
		decision: z.enum(['PASS', 'REFUSE']),
		reason: z.enum(GATE_REASONS),
		used: z.string().optional(),
		limit: z.string().optional(),
		intent: field.json(tradeIntent.payload),
	}),
})

export const VERDICTS = ['ALLOW', 'REFUSE', 'REPEAT', 'EXPIRED', 'RELEASED', 'SETTLED'] as const

export const governorEvents = defineStream({
	name: 'governor.events',
	summary: 'Verdict on each plan with the reason, the limit and what was used; and what became of each reservation.',
	criticality: 'money',
	payload: z.object({
		plan_id: field.text(),
		symbol: field.symbol(),
		verdict: z.enum(VERDICTS),
		reason: field.text(),
		used: z.string().optional(),
		limit: z.string().optional(),
		/** Notional allowed, after clipping. */
		notional_usdt: field.decimal().optional(),
		/** Ask at the verdict: what the sender turns the notional into a size with. Empty without a quote. */
		quote_price: z.literal('').or(field.positive()).optional(),
		epoch: field.integer().optional(),
		deadline_ms: field.integer().optional(),
		/** Present with ALLOW: all that the sender needs, so that it acts on one explicit record. */
		plan: field.json(planPayload).optional(),
	}),
})

export const applyResult = defineStream({
	name: 'apply.result',
	summary: 'What became of each allowed plan at the venue.',
	criticality: 'money',
	payload: z.object({
		plan_id: field.text(),
		symbol: field.symbol(),
		action,
		/** EXECUTED: accepted by the venue. FAILED: certainly not placed. SKIP: not sent. UNKNOWN: being queried. */
		decision: z.enum(['EXECUTED', 'FAILED', 'SKIP', 'UNKNOWN']),
		executed: field.flag(),
		error: field.text().optional(),
		detail: field.prose().optional(),
		side: side.optional(),
		client_order_id: field.text().optional(),
		order_id: field.text().optional(),
		stop_client_id: field.text().optional(),
		target_client_id: field.text().optional(),
		quantity: field.decimal().optional(),
		filled_quantity: field.decimal().optional(),
		average_price: field.decimal().optional(),
		stop_price: field.decimal().optional(),
		target_price: field.decimal().optional(),
		reduce_only: field.flag(),
		/** Machine time from permit taken to the venue's answer, ms. */
		latency_ms: field.real().optional(),
	}),
})

export const tradeExecutionRes = defineStream({
	name: 'trade.execution.res',
	summary: 'Fills in the venue’s own terms, tied to the plan that caused them.',
	criticality: 'money',
	payload: z.object({
		plan_id: field.text(),
		symbol: field.symbol(),
		order_id: field.text(),
		client_order_id: field.text(),
		trade_id: field.text(),
		side,
		price: field.positive(),
		quantity: field.positive(),
		fee: field.decimal(),
		fee_asset: field.text(),
		realised_pnl: field.decimal(),
		maker: field.flag(),
		/** Signed position after this fill. */
		position_amount: field.decimal(),
		/** The venue's word on the position had counted this fill before it arrived: it moves nothing. */
		absorbed: field.flag().optional(),
		/** Of the plan: who asked for it, and with which leverage. */
		source: field.text().optional(),
		leverage: field.integer().optional(),
	}),
})

export const executionResult = defineStream({
	name: 'execution.result',
	summary: 'The one normalised execution result: a fill, its cost, and the position it leaves.',
	criticality: 'money',
	payload: z.object({
		plan_id: field.text(),
		symbol: field.symbol(),
		trade_id: field.text(),
		order_id: field.text(),
		side,
		price: field.positive(),
		quantity: field.positive(),
		notional_usdt: field.positive(),
		fee: field.decimal(),
		fee_asset: field.text(),
		realised_pnl: field.decimal(),
		liquidity: z.enum(['MAKER', 'TAKER']),
		/** OPEN from flat, INCREASE, REDUCE, CLOSE to flat, FLIP through flat. */
		effect: z.enum(['OPEN', 'INCREASE', 'REDUCE', 'CLOSE', 'FLIP']),
		position_amount: field.decimal(),
		absorbed: field.flag().optional(),
		source: field.text().optional(),
		leverage: field.integer().optional(),
	}),
})

export const tradeClosed = defineStream({
	name: 'trade.closed',
	summary: 'A round trip from flat to flat, with all that it cost.',
	criticality: 'money',
	payload: z.object({
		trade_id: field.text(),
		symbol: field.symbol(),
		side: z.enum(['LONG', 'SHORT']),
		quantity: field.positive(),
		entry_price: field.positive(),
		exit_price: field.positive(),
		opened_ms: field.integer(),
		closed_ms: field.integer(),
		realised_pnl: field.decimal(),
		/** In the asset that the symbol settles in. */
		fees: field.decimal(),
		/** Fees in other assets (BNB), by asset; left out when there were none. */
		other_fees: field.dictionary(field.decimal()).optional(),
		/** realised_pnl - fees, USDT, without funding and `other_fees`: who adds up converts them (logic/fee-value.ts). */
		net_pnl: field.decimal(),
		plan_id: field.text(),
		exit_plan_id: field.text(),
		exit_reason: field.text(),
		/** Whose plan opened it (a unit, or `operator`); or what the policy made of others: `ignored` counts in no budget. */
		strategy: field.text().optional(),
		foreign: z.enum(['adopted', 'ignored']).optional(),
	}),
})
