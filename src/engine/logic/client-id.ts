/**
 * Client order ids are derived from the plan, so that an order can be found again after any crash:
 * one letter for what it is, a dash, the plan's id (36 characters at most at the venue).
 */
export const clientIds = {
	market: (plan_id: string): string => `q-${plan_id}`,
	stop: (plan_id: string): string => `s-${plan_id}`,
	target: (plan_id: string): string => `t-${plan_id}`,
} as const

export type ClientIdKind = keyof typeof clientIds | 'liquidation' | 'foreign'

/** What an order of this client id is, and the plan that it belongs to. */
export const readClientId = (client_order_id: string): Readonly<{kind: ClientIdKind; plan_id: string}> => {
	const match = /^([qst])-([A-Za-z0-9_-]{4,24})$/.exec(client_order_id)
	if (match)
		return {
			kind: ({q: 'market', s: 'stop', t: 'target'} as const)[match[1] as 'q' | 's' | 't'],
			plan_id: match[2] ?? '',
		}
	return {kind: client_order_id.startsWith('autoclose-') ? 'liquidation' : 'foreign', plan_id: 'foreign'}
}
