import {z} from 'zod'

export const ACTIONS = [
	'OPEN',
	'ADD',
	'CLOSE',
	'FULL_CLOSE_PROPOSED',
	'PARTIAL_CLOSE_25',
	'PARTIAL_CLOSE_50',
	'PARTIAL_CLOSE_75',
	'HARVEST_PARTIAL',
	'MOVE_SL_BE',
	'TRAIL_UPDATE',
	'PROTECT',
	'REPLACE_STOP',
	'CANCEL_STOP',
] as const
export const action = z.enum(ACTIONS)
export type Action = z.infer<typeof action>

/** What an action does to risk: decides which gates apply and how urgently it is sent. */
export const planClass = z.enum(['ENTRY', 'EXIT', 'PROTECT'])
export type PlanClass = z.infer<typeof planClass>
const PROTECTING: ReadonlySet<Action> = new Set([
	'PROTECT',
	'REPLACE_STOP',
	'CANCEL_STOP',
	'MOVE_SL_BE',
	'TRAIL_UPDATE',
])
export const classOf = (of: Action): PlanClass =>
	of === 'OPEN' || of === 'ADD' ? 'ENTRY' : PROTECTING.has(of) ? 'PROTECT' : 'EXIT'
