import {HAND} from '../contracts/envelope.js'
import type {Plan} from '../contracts/streams/trade.js'

/** The source of plans that a person asked for: their closes pass a kill. */
export const OPERATOR = 'operator'

/** Who may say that a person asks: a person at the stream itself, and the lane that takes their plans. */
const MAY_SPEAK_FOR_OPERATORS: readonly string[] = [HAND, 'intent-executor']

/** A plan with an author that is true: a unit that claims to be the operator is named as itself. */
export const authored = (plan: Plan, unit: string): Plan =>
	plan.source === OPERATOR && !MAY_SPEAK_FOR_OPERATORS.includes(unit) ? {...plan, source: unit} : plan
