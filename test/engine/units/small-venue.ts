import type {RestingStep, SendRequest, StepOutcome} from '../../../src/engine/exchange/order-request.js'
import {add, exact, isZero, negate} from '../../../src/engine/logic/exact.js'
import {algo, fill} from './account-events.js'

type Event = Readonly<Record<string, unknown>>
type Resting = Readonly<{
	id: string
	kind: 'stop' | 'target'
	side: 'BUY' | 'SELL'
	trigger_price: string
	close_position: boolean
	quantity: string
}>

/** Lot of the one symbol that it lists. */
const STEP = '0.01'
const SYMBOL = 'BTCUSDT'

/** Just enough of a venue to carry requests out: one symbol, one price, fills in parts, stops that close the position. */
export class SmallVenue {
	position = '0'
	stops: readonly Resting[] = []
	/** Notional of each entry by its plan. */
	readonly entered = new Map<string, string>()
	readonly #events: Event[] = []
	#trades = 0

	constructor(private readonly price: string) {}

	/** What happened since it was last asked, as the user stream tells it. */
	events(): Event[] {
		return this.#events.splice(0)
	}

	carryOut({plan_id, class: kind, steps}: SendRequest, parts: number): StepOutcome[] {
		const outcomes: StepOutcome[] = []
		for (const step of steps) {
			const failed = outcomes.some(({status}) => status !== 'ACCEPTED')
			if (failed) outcomes.push({status: 'NOT_SENT', reason: 'EARLIER_STEP_FAILED'})
			else if (step.do === 'leverage') outcomes.push({status: 'ACCEPTED', order_id: '', client_order_id: ''})
			else if (step.do === 'cancel') outcomes.push(this.#cancel(step.client_order_id))
			else if (step.do === 'market') {
				const open = exact(this.position).abs()
				const worst = exact(step.reference_price ?? this.price).mul(
					exact(step.slippage_bps ?? 0)
						.div(10_000)
						.add(1),
				)
				const wanted =
					step.quantity ??
					exact(step.notional_usdt ?? '0')
						.div(worst)
						.toFixed()
				const size = step.close_all ? open : step.reduce_only && open.lt(wanted) ? open : exact(wanted)
				const quantity = size.div(STEP).floor().mul(STEP).toFixed()
				const reduces = isZero(this.position) ? false : exact(this.position).isPositive() === (step.side === 'SELL')
				if (isZero(quantity) || (step.reduce_only && !reduces))
					outcomes.push({status: 'REFUSED', code: 'NO_POSITION', message: 'nothing to reduce'})
				else outcomes.push(this.#market(step.client_order_id, step.side, quantity, parts))
				if (kind === 'ENTRY') this.entered.set(plan_id, exact(quantity).mul(this.price).toFixed())
			} else outcomes.push(this.#rest(step))
		}
		return outcomes
	}

	/** The price reaches a stop or target. */
	trigger(kind: 'stop' | 'target', parts: number): void {
		const resting = this.stops.find(stop => stop.kind === kind)
		if (!resting || isZero(this.position)) return
		this.#tell(resting, 'TRIGGERED')
		this.#market(resting.id, resting.side, exact(this.position).abs().toFixed(), parts)
		this.stops = this.stops.filter(({id}) => id !== resting.id)
		this.#tell(resting, 'FINISHED')
	}

	/** Somebody cancels a stop by hand. */
	lose(): void {
		const [first] = this.stops.filter(({kind}) => kind === 'stop')
		if (first) this.#cancel(first.id)
	}

	#market(client_order_id: string, side: 'BUY' | 'SELL', quantity: string, parts: number): StepOutcome {
		const part = exact(quantity).div(parts).div(STEP).floor().mul(STEP)
		const sizes = part.isZero()
			? [quantity]
			: [
					...Array.from({length: parts - 1}, () => part.toFixed()),
					exact(quantity)
						.sub(part.mul(parts - 1))
						.toFixed(),
				]
		for (const size of sizes) {
			this.#trades += 1
			this.position = add(this.position, side === 'BUY' ? size : negate(size))
			this.#events.push(
				fill({trade_id: String(this.#trades), client_order_id, side, quantity: size, price: this.price, fee: '0.01'}),
			)
		}
		if (isZero(this.position)) for (const {id} of this.stops) this.#cancel(id, 'EXPIRED')
		return {
			status: 'ACCEPTED',
			order_id: '1',
			client_order_id,
			quantity,
			filled_quantity: quantity,
			average_price: this.price,
		}
	}

	#rest({
		client_order_id: id,
		do: kind,
		side,
		trigger_price,
		close_position,
		quantity = '0',
	}: RestingStep): StepOutcome {
		if (isZero(this.position)) return {status: 'REFUSED', code: '-4509', message: 'no position'}
		const same = this.stops.some(stop => stop.close_position && stop.kind === kind && stop.side === side)
		if (close_position && same) return {status: 'REFUSED', code: '-4130', message: 'one rests'}
		const resting = {id, kind, side, trigger_price, close_position, quantity}
		this.stops = [...this.stops, resting]
		this.#tell(resting, 'NEW')
		return {status: 'ACCEPTED', order_id: '2', client_order_id: id, trigger_price}
	}

	#cancel(id: string, status = 'CANCELED'): StepOutcome {
		const resting = this.stops.find(stop => stop.id === id)
		this.stops = this.stops.filter(stop => stop.id !== id)
		if (resting) this.#tell(resting, status)
		return {status: 'ACCEPTED', order_id: '', client_order_id: id}
	}

	#tell({id, kind, ...what}: Resting, status: string): void {
		const order_type = kind === 'stop' ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET'
		this.#events.push(algo({symbol: SYMBOL, algo_id: id, client_algo_id: id, order_type, status, ...what}))
	}
}
