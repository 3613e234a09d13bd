/**
 * Client order ids are derived from the plan, so that an order can be found again after any crash:
 * one letter for what it is, a dash, the plan's id (36 characters at most at the venue).
 */
export const clientIds = {
	market: (plan_id: string): string => `q-${plan_id}`,
	stop: (plan_id: string): string => `s-${plan_id}`,
	target: (plan_id: string): string => `t-${plan_id}`,
} as const

/** Orders that the venue itself places: liquidation, auto-deleveraging, settlement of what is delisted. */
export type ForcedKind = 'liquidation' | 'adl' | 'settlement'
export type ClientIdKind = keyof typeof clientIds | ForcedKind | 'foreign'

/** Binance USD-M, user data stream, event ORDER_TRADE_UPDATE: special client order ids. */
const forcedIds: readonly (readonly [prefix: string, kind: ForcedKind])[] = [
	['autoclose-', 'liquidation'],
	['adl_autoclose', 'adl'],
	['settlement_autoclose-', 'settlement'],
]

/** What an order of this client id is, and the plan that it belongs to. */
export const readClientId = (client_order_id: string): Readonly<{kind: ClientIdKind; plan_id: string}> => {
	const match = /^([qst])-([A-Za-z0-9_-]{4,24})$/.exec(client_order_id)
	if (match)
		return {
			kind: ({q: 'market', s: 'stop', t: 'target'} as const)[match[1] as 'q' | 's' | 't'],
			plan_id: match[2] ?? '',
		}
	const forced = forcedIds.find(([prefix]) => client_order_id.startsWith(prefix))
	return {kind: forced?.[1] ?? 'foreign', plan_id: 'foreign'}
}
