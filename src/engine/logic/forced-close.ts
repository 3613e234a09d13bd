import type {PayloadOf} from '../contracts/stream.js'
import type {exchangeNormalized} from '../contracts/streams/account.js'
import type {alerts} from '../contracts/streams/ops.js'
import {type ForcedKind, readClientId} from './client-id.js'
import type {TradeState} from './trade-life.js'

type Fill = Extract<PayloadOf<typeof exchangeNormalized>, {kind: 'fill'}>
type Alert = Omit<PayloadOf<typeof alerts>, 'subject'>

const words: Readonly<Record<ForcedKind, readonly [code: string, what: string]>> = {
	liquidation: ['LIQUIDATED', 'liquidates'],
	adl: ['DELEVERAGED', 'deleverages'],
	settlement: ['SETTLED', 'settles'],
}
const isForced = (kind: string): kind is ForcedKind => kind in words

/** What a person must know of an order of the venue's own: once, with the first fill of it that comes. */
export const forcedAlert = (
	{amount, forced_order_id}: Pick<TradeState, 'amount' | 'forced_order_id'>,
	{client_order_id, order_id, symbol, side, quantity, price}: Fill,
): Alert | undefined => {
	const {kind} = readClientId(client_order_id)
	if (!isForced(kind) || order_id === forced_order_id) return undefined
	const [code, what] = words[kind]
	const message = `The venue ${what} the position of ${amount} ${symbol}: ${side} ${quantity} at ${price} by its order ${order_id}`
	return {severity: 'critical', code, message}
}
