import type {Policy} from '../../../src/engine/contracts/policy.js'
import {exitbrain} from '../../../src/engine/units/exec/exitbrain.js'
import {drive, type Emitted, HandClock} from '../../support/drive.js'

export const SYMBOL = 'BTCUSDT'
export const START_MS = 1_750_000_000_000

/**
 * Stories are told as a long at an entry of 100 with its initial stop at 97. A short is the same story seen in a mirror:
 * every price as far on the other side of the entry.
 */
export type Mirror = 1 | -1
export const ENTRY = 100
export const mirrored = (mirror: Mirror, price: number): string =>
	String(Number((mirror > 0 ? price : 2 * ENTRY - price).toPrecision(10)))

export const snapshot = (mirror: Mirror, changes: Readonly<Record<string, unknown>> = {}) => ({
	symbol: SYMBOL,
	amount: mirror > 0 ? '8' : '-8',
	entry_price: String(ENTRY),
	opened_ms: START_MS,
	source: 'fill',
	leverage: 3,
	stop_resting: true,
	stop_price: mirrored(mirror, 97),
	stop_client_id: 's-first',
	initial_stop_price: mirrored(mirror, 97),
	...changes,
})

/** A tick at which closing gets this price; the other side lies far off. */
export const tickAt = (mirror: Mirror, price: number) => {
	const at = mirrored(mirror, price)
	return {
		symbol: SYMBOL,
		bid: mirror > 0 ? at : '1',
		ask: mirror > 0 ? '999' : at,
		bid_quantity: '1',
		ask_quantity: '1',
		received_ms: START_MS,
	}
}

/** The state of a market whose 15-minute volatility is this share. */
export const market = (sigma_15m: number, changes: Readonly<Record<string, unknown>> = {}) => ({
	symbol: SYMBOL,
	open_ms: START_MS,
	ready: true,
	volatility_ewma: sigma_15m / Math.sqrt(15),
	volatility_range: 0,
	volatility_ratio: 1,
	spread_bps: 1,
	trend_strength: 0,
	...changes,
})

export type Plan = Readonly<{plan_id: string; action: string; reason: string; [field: string]: unknown}>
const of = (emitted: readonly Emitted[], stream: string) =>
	emitted.filter(entry => entry.stream === stream).map(({payload}) => payload)
export const plansOf = (emitted: readonly Emitted[]) => of(emitted, 'apply.plan') as Plan[]
export const wordsOf = (emitted: readonly Emitted[]) => of(emitted, 'exitbrain.pnl')

/** A plan in few words: what it does, how much, to where. */
export const brief = (mirror: Mirror, {action, reason, quantity, stop_price}: Plan): string => {
	const to = stop_price === undefined ? '' : ` to ${mirrored(mirror, Number(stop_price))}`
	return `${action} ${String(quantity)}${to} ${reason}`
}

export const startBrain = async (
	options: Readonly<{policy?: Partial<Policy>; speed?: number; clock?: HandClock}> = {},
) =>
	drive(exitbrain, {
		policy: options.policy ?? {},
		clock: options.clock ?? new HandClock(START_MS, START_MS, options.speed ?? 1),
	})
export type Brain = Awaited<ReturnType<typeof startBrain>>

/** Moves both clocks by one second and shows a price. */
export const at = async (unit: Brain, mirror: Mirror, price: number, wait_ms = 1_000) => {
	unit.clock.advance(wait_ms)
	return plansOf(await unit.send('tick', tickAt(mirror, price)))
}
export const filters = {
	symbol: SYMBOL,
	tick_size: '0.01',
	step_size: '0.5',
	min_quantity: '0.5',
	max_market_quantity: '100',
	min_notional_usdt: '5',
	tradable: true,
}

/** sigma of 15 minutes that makes the internal stop 1 % of price, targets 1, 1.5 and 2.5 %. */
export const CALM = 0.01 / 3

/** What happens, in order: a price is seen, time passes, or the position or the market changes. */
export type Event =
	| number
	| Readonly<{wait_ms: number}>
	| Readonly<{position: Readonly<Record<string, unknown>>}>
	| Readonly<{market: Readonly<Record<string, unknown>>}>

export const size = (mirror: Mirror, amount: number): string => String(mirror * amount)
export const play = async (unit: Brain, mirror: Mirror, events: readonly Event[]): Promise<string[]> => {
	const told: string[] = []
	for (const event of events) {
		if (typeof event === 'number') told.push(...(await at(unit, mirror, event)).map(plan => brief(mirror, plan)))
		else if ('wait_ms' in event) unit.clock.advance(event.wait_ms)
		else if ('market' in event) await unit.send('market', market(CALM, event.market))
		else await unit.send('position', snapshot(mirror, event.position))
	}
	return told
}
export const open = async (mirror: Mirror, position: Readonly<Record<string, unknown>> = {}, calm = true) => {
	const unit = await startBrain()
	await unit.feed('filters', filters)
	if (calm) await unit.send('market', market(CALM))
	await unit.send('position', snapshot(mirror, position))
	return unit
}

/** The venue has done what a plan asked for: so much is left, and the stop rests there. */
export const left = (mirror: Mirror, amount: number, stop?: readonly [price: number, id: string]): Event => ({
	position: {
		amount: size(mirror, amount),
		...(stop && {stop_price: mirrored(mirror, stop[0]), stop_client_id: stop[1]}),
	},
})
