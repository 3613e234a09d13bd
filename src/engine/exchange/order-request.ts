import {z} from 'zod'
import {field} from '../contracts/field.js'
import {side} from '../contracts/streams/account.js'
import {action, planClass} from '../contracts/streams/trade.js'

/** 36 characters at most: the venue's own rule. */
const clientId = z
	.string()
	.regex(/^[.A-Z:/a-z0-9_-]{1,36}$/, 'expected a client order id of 1 to 36 characters out of . A-Z : / a-z 0-9 _ -')

const leverageStep = z.strictObject({do: z.literal('leverage'), leverage: z.int().min(1).max(125)})

const marketStep = z
	.strictObject({
		do: z.literal('market'),
		side,
		client_order_id: clientId,
		/** Base units; rounded down to the step. */
		quantity: field.positive().optional(),
		/** Sized so that a fill as bad as reference_price plus slippage stays inside. */
		notional_usdt: field.positive().optional(),
		reference_price: field.positive().optional(),
		slippage_bps: z.number().min(0).max(10_000).optional(),
		reduce_only: z.boolean(),
		/** The whole position, as the venue has it when the step runs; implies reduce_only. */
		close_all: z.boolean().optional(),
	})
	.refine(
		step =>
			step.close_all === true
				? step.reduce_only
				: step.quantity !== undefined || (step.notional_usdt !== undefined && step.reference_price !== undefined),
		'expected close_all with reduce_only, or quantity, or notional_usdt with reference_price',
	)

const restingStep = (kind: 'stop' | 'target') =>
	z
		.strictObject({
			do: z.literal(kind),
			side,
			client_order_id: clientId,
			trigger_price: field.positive(),
			/** Closes whatever the position is then. The venue allows one stop and one target of this kind per side. */
			close_position: z.boolean(),
			/** Needed when it does not close the position; sent reduce-only. */
			quantity: field.positive().optional(),
		})
		.refine(
			step => step.close_position === (step.quantity === undefined),
			'expected close_position: true without quantity, or false with one',
		)

const cancelStep = z.strictObject({do: z.literal('cancel'), client_order_id: clientId, algo: z.boolean()})

export const stepSchema = z.union([leverageStep, marketStep, restingStep('stop'), restingStep('target'), cancelStep])

/** One thing to do at the venue. Steps of a request run in order. */
export type Step = z.output<typeof stepSchema>
export type MarketStep = Extract<Step, {do: 'market'}>
export type RestingStep = Extract<Step, {do: 'stop' | 'target'}>
export type CancelStep = Extract<Step, {do: 'cancel'}>

/** What the one sender of orders is asked to carry out. */
export const sendRequestSchema = z
	.strictObject({
		plan_id: z.string().min(1).max(64),
		/** Arm epoch that the governor admitted it in. */
		epoch: z.int().nonnegative(),
		class: planClass,
		/** What the plan asked for, and its side: handed back with the result. */
		action,
		side,
		symbol: field.symbol(),
		/** A person asked for it: their reduce-only closes work while killed. */
		operator: z.boolean(),
		/** Venue time before which nothing of this request can have been sent, ms: where the search for a lost order starts. */
		sent_after_ms: z.int().nonnegative(),
		steps: z.array(stepSchema).min(1).max(10),
	})
	.refine(
		({class: kind, steps}) => kind === 'ENTRY' || steps.every(step => step.do !== 'market' || step.reduce_only),
		'EXIT and PROTECT may only reduce: every market step needs reduce_only',
	)
	.refine(
		({class: kind, steps}) => kind !== 'PROTECT' || steps.every(step => step.do !== 'market'),
		'PROTECT sends stops, targets and cancels only: a market step needs class ENTRY or EXIT',
	)
export type SendRequest = z.output<typeof sendRequestSchema>

export type StepOutcome =
	| Readonly<{
			status: 'ACCEPTED'
			/** The venue's id of the order or conditional order; empty for leverage and for a cancel of what was gone. */
			order_id: string
			client_order_id: string
			quantity?: string
			filled_quantity?: string
			average_price?: string
			trigger_price?: string
	  }>
	/** Certainly not placed. */
	| Readonly<{status: 'REFUSED'; code: string; message: string}>
	/** Never left: fence, limiter, an earlier step, or no connection. */
	| Readonly<{status: 'NOT_SENT'; reason: string; detail?: string}>

/** Why a step was not done, for people. */
export const whyNot = (outcome: Exclude<StepOutcome, {status: 'ACCEPTED'}>): string => {
	if (outcome.status === 'REFUSED') return `${outcome.code}: ${outcome.message}`
	return outcome.detail === undefined ? outcome.reason : `${outcome.reason}: ${outcome.detail}`
}

/** One outcome per step, in order. Steps after the first failure are NOT_SENT with EARLIER_STEP_FAILED. */
export type SendResult = Readonly<{
	outcomes: readonly StepOutcome[]
	/** Machine time from the request being taken up to the last answer, ms. */
	latency_ms: number
}>

/** Reasons of NOT_SENT that the gateway itself gives; the fence adds its own. */
export const notSentReasons = {
	EARLIER_STEP_FAILED: 'A step before it failed, such as setting the leverage.',
	QUEUE_FULL: 'More waits at the limiter than may.',
	STOPPING: 'The gateway is being stopped.',
	UNREACHABLE: 'The venue cannot be reached: no connection was made.',
	FENCE_FAILED: 'What the fence must ask could not be read.',
	PROTECTED_ALREADY: 'The system is stopped, and what is asked for rests at the venue already.',
} as const
/** Codes of REFUSED that the gateway itself gives; the others are the venue's numbers as text. */
export const localRefusals = {
	BELOW_MIN_NOTIONAL: 'Rounded to the lot size it is worth less than the venue takes.',
	BELOW_MIN_QUANTITY: 'Rounded to the lot size nothing, or less than the least quantity, is left.',
	NOT_TRADABLE: 'The venue does not trade the symbol.',
	NO_POSITION: 'There is nothing to close at the venue any more.',
	NEVER_PLACED: 'The outcome was not known; the venue says that the order never came.',
	BAD_PRICE: 'A price that rounds to nothing, or lies outside of what the venue takes.',
} as const

/** What the fence is told when a request that creates orders is about to leave. */
export type FenceContext = Readonly<{
	plan_id: string
	symbol: string
	epoch: number
	class: SendRequest['class']
	operator: boolean
}>
export type FenceVerdict = Readonly<{ok: true}> | Readonly<{ok: false; reason: string}>
export type Fence = (context: FenceContext) => Promise<FenceVerdict>
