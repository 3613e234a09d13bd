import type {Policy} from '../contracts/policy.js'
import {readClientId} from './client-id.js'

/** What others opened at the venue on our account: taken over, or left to them. */
export type ForeignMark = 'adopted' | 'ignored'

/** A mark as it was written; null for what is ours, and for what nobody marks like that. */
export const markOf = (text: string | undefined): ForeignMark | null =>
	text === 'adopted' || text === 'ignored' ? text : null

/** What the policy makes of what others opened. */
export const markUnder = ({foreign}: Pick<Policy, 'foreign'>): ForeignMark =>
	foreign === 'adopt' ? 'adopted' : 'ignored'

/** Whether an order was placed by others: neither by a plan of ours nor by the venue itself. */
export const isForeign = (client_order_id: string): boolean => readClientId(client_order_id).kind === 'foreign'

/**
 * A position as those see it who act on positions: one that the policy leaves to others is none, so it gets no exit, no
 * stop and no harvest of ours. Who counts exposure and places reads the position itself.
 */
export const managed = <Of extends Readonly<{amount: string; foreign?: ForeignMark | undefined}>>(position: Of): Of =>
	position.foreign === 'ignored' ? {...position, amount: '0'} : position
