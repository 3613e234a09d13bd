import type {PayloadOf} from '../contracts/stream.js'
import type {exchangeNormalized} from '../contracts/streams/account.js'
import type {applyResult} from '../contracts/streams/trade.js'

export type AlgoEvent = Extract<PayloadOf<typeof exchangeNormalized>, {kind: 'algo'}>
export type SenderResult = PayloadOf<typeof applyResult>

/** The resting stop and target of an open position, as far as we know. */
export type Protection = Readonly<{
	/**
	 * NONE: nothing rests and nothing was asked for. ASKED: the plan is on its way. RESTING: the venue has the stop.
	 * CLOSING: no stop can rest, so the position is being closed.
	 */
	status: 'NONE' | 'ASKED' | 'RESTING' | 'CLOSING'
	/** The newest plan that asked for protection. */
	plan_id?: string
	/** Machine time of the newest change that something must follow. */
	asked_ms: number
	/** Asked since a stop rested last; 0 while the one that an entry brings is awaited. */
	tries: number
	stop_client_id?: string
	/** Trigger of the stop that rested last: one that is asked for anew is not farther away. */
	stop_price?: string
	/** What that stop closes, base units; left out where it closes the whole position, however large. */
	stop_quantity?: string
	target_client_id?: string
	/** The target was seen to rest: it is not asked for again. */
	target_resting?: true
}>

export const noProtection: Protection = {status: 'NONE', asked_ms: 0, tries: 0}

/** A stop or target of a trade that is over and was not seen to end. */
export type Leftover = Readonly<{
	client_id: string
	/** Machine time since when it is left over, or was last asked to be cancelled. */
	since_ms: number
	tries: number
	/** The plan that cancels it. */
	plan_id?: string
}>

/** What is told of an entry, its stop and its target before its first fill is, in the order in which it came. */
export type EarlyNews = Readonly<{events: readonly AlgoEvent[]; result?: SenderResult}>
