import {marketTick} from '../../src/engine/contracts/streams/market.js'
import type {SymbolFilters} from '../../src/engine/exchange/symbol-filters.js'
import type {JournalLine} from '../../src/engine/runtime/journal.js'
import {unitOf} from '../simulation/steps.js'
import {UnitProcess} from '../simulation/unit-process.js'
import {World} from '../simulation/world.js'
import type {Recording} from './recording.js'

const SYMBOL = 'AAAUSDT'
const FILTERS: SymbolFilters = {
	symbol: SYMBOL,
	tick_size: '0.1',
	step_size: '0.01',
	min_quantity: '0.01',
	max_market_quantity: '1000',
	min_notional_usdt: '5',
	tradable: true,
}
/** The entry is at 100.1: targets 1 and 2 are passed, then the price falls below the ratchet. */
const BIDS = [100, 102.3, 103.4, 101.5]
const ROUNDS = 10
const ROUND_MS = 500

/** The order path, with the owner of the exit and the ledger. */
class Played {
	readonly #exits: UnitProcess
	readonly #ledger: UnitProcess
	#ticks = 0

	constructor(private readonly world: World) {
		this.#exits = new UnitProcess(unitOf('exitbrain'), world.house)
		this.#ledger = new UnitProcess(unitOf('trade-logger'), world.house)
	}

	async start(): Promise<void> {
		for (const unit of [this.#exits, this.#ledger]) await unit.restart()
		await this.#exits.feed('filters', [FILTERS])
	}

	/** Everybody has time for all that follows from this price. */
	async at(bid: number): Promise<void> {
		for (let round = 0; round < ROUNDS; round += 1) {
			await this.#tick(bid)
			for (const port of ['position', 'tick']) await this.#exits.handle(port)
			await this.world.flow()
			for (const port of ['account', 'result', 'closed']) await this.#ledger.handle(port)
			for (const waiting of this.#ledger.effects.splice(0))
				await this.#ledger.answer(waiting, {ok: true, result: {written: true}})
			await this.world.pass(ROUND_MS)
		}
	}

	async #tick(bid: number): Promise<void> {
		this.#ticks += 1
		const price = {bid: bid.toFixed(1), ask: (bid + 0.1).toFixed(1), bid_quantity: '1000', ask_quantity: '1000'}
		const received_ms = this.world.clock.machine()
		await this.world.append(marketTick, `tick-${this.#ticks}`, 'price-feed', {symbol: SYMBOL, ...price, received_ms})
	}
}

/** One trade from its intent to the ledger, and a second intent that is refused: the same bytes each time. */
export const record = async (): Promise<Recording> => {
	const lines: JournalLine[] = []
	const world = await World.open({}, line => {
		lines.push(JSON.parse(JSON.stringify(line)) as JournalLine)
	})
	const played = new Played(world)
	await played.start()
	const open = {do: 'intent', symbol: SYMBOL, side: 'BUY', action: 'OPEN', position_size_usd: '50'} as const
	await world.take(open)
	const [first = 0, ...bids] = BIDS
	await played.at(first)
	await world.take(open)
	for (const bid of [first, ...bids]) await played.at(bid)
	return {prefix: world.naming.prefix, lines}
}
