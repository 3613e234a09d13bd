import {idTime} from '../engine/bus/stream-id.js'
import {encodeEnvelope} from '../engine/contracts/envelope.js'
import {encodeFields, type Fields} from '../engine/contracts/field.js'
import {defaultPolicy} from '../engine/contracts/policy.js'

/** Where the positions of the bench stand: long at 100, with the stop at the venue far below the one inside. */
const ENTRY_PRICE = 100
const LEVERAGE = 3
const RESTING_STOP = 97
/** Nothing is reached there. */
export const CALM_PRICE = 100
/** Below the internal stop, which lies `exit_brain.stop_max` away while no volatility is known. */
export const CROSSED_PRICE = ENTRY_PRICE * (1 - defaultPolicy.exit_brain.stop_max) - 0.1

export const symbolsOf = (count: number): string[] =>
	Array.from({length: count}, (_, at) => `SIM${String(at + 1).padStart(3, '0')}USDT`)

const envelope = (id: string, ts: number) => encodeEnvelope({id, cause: '', unit: 'bench', ts, v: 1, authority: 'live'})

/** @param life counts the positions of the symbol: each has an opening time of its own */
export const positionFields = (symbol: string, life: number, open: boolean, now_ms: number): Fields => ({
	...envelope(`p-${symbol}-${life}-${open}`, now_ms),
	...encodeFields({
		symbol,
		amount: open ? '8' : '0',
		entry_price: String(open ? ENTRY_PRICE : 0),
		opened_ms: now_ms,
		source: 'fill',
		leverage: LEVERAGE,
		stop_resting: open,
		...(open && {stop_price: RESTING_STOP, stop_client_id: `s-${life}`, initial_stop_price: RESTING_STOP}),
	}),
})

export const tickFields = (symbol: string, n: number, price: number, now_ms: number): Fields => ({
	...envelope(`t-${symbol}-${n}`, now_ms),
	...encodeFields({
		symbol,
		bid: price.toFixed(2),
		ask: (price + 0.01).toFixed(2),
		bid_quantity: '10',
		ask_quantity: '10',
		received_ms: now_ms,
	}),
})

/** What happens to a symbol in one of its turns. */
export type Turn = 'open' | 'calm' | 'cross' | 'stay' | 'flat'

/**
 * A life of a position takes `turns` turns: it opens, sees calm prices, crosses its stop and stays beyond it for two
 * more, in case the first tick was overtaken by the next; then it is flat. Symbols are spread evenly over the life.
 */
export const turnOf = (symbol: number, symbols: number, round: number, turns: number): Turn => {
	const at = (round + Math.floor((symbol * turns) / symbols)) % turns
	if (at === 0) return 'open'
	if (at < turns - 4) return 'calm'
	if (at === turns - 4) return 'cross'
	return at === turns - 1 ? 'flat' : 'stay'
}

export type Crossing = Readonly<{symbol: string; id: string}>
export type PlanSeen = Readonly<{symbol: string; id: string}>

/**
 * From each crossing, ms, to the first plan of its symbol, if it came before the symbol crossed anew. Both in order of
 * time.
 */
export const decisionsOf = (crossings: readonly Crossing[], plans: readonly PlanSeen[]): number[] => {
	const until = new Map<string, number>()
	return crossings.toReversed().flatMap(({symbol, id}) => {
		const [from_ms, until_ms] = [idTime(id), until.get(symbol) ?? Number.POSITIVE_INFINITY]
		until.set(symbol, from_ms)
		const plan = plans.find(seen => seen.symbol === symbol && idTime(seen.id) >= from_ms && idTime(seen.id) < until_ms)
		return plan ? [idTime(plan.id) - from_ms] : []
	})
}
