import {setTimeout as pause} from 'node:timers/promises'
import {SYMBOLS} from '../daemon/system/settings.js'
import {keys} from '../engine/contracts/keys.js'
import {tradeIntent} from '../engine/contracts/streams/trade.js'
import {Random} from '../paper-exchange/markets/random.js'
import type {Stage} from './stage.js'

const EVERY_MS = 250
const NOTIONAL_USDT = [60, 190] as const
/** The initial stop is 3 % away or more: within what a position may lose of its margin. */
const LEVERAGE = 2
const WHEN_FLAT = ['OPEN', 'OPEN', 'OPEN', 'OPEN', 'CLOSE', 'ADD'] as const
const WHEN_OPEN = ['CLOSE', 'CLOSE', 'PARTIAL_CLOSE_50', 'ADD', 'OPEN'] as const

/** Intents by hand beside those of the bot: far more than the limits allow. */
export class Hands {
	readonly #chance: Random
	/** Ids of entries that Redis said it has. */
	readonly acknowledged: string[] = []
	/** Entries without an answer: they may be there or not. */
	unanswered = 0

	constructor(
		private readonly stage: Stage,
		seed: number,
	) {
		this.#chance = new Random(seed, 'hands')
	}

	/** Writes until the signal aborts. */
	async write(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			await this.#one().catch(() => {
				this.unanswered += 1
			})
			await pause(EVERY_MS, undefined, {signal}).catch(() => undefined)
		}
	}

	#of<Item>(items: readonly [Item, ...Item[]]): Item {
		return items[Math.floor(this.#chance.uniform() * items.length)] ?? items[0]
	}

	async #one(): Promise<void> {
		const {bus, naming} = this.stage
		const symbol = this.#of(SYMBOLS)
		const side = this.#chance.uniform() < 0.5 ? 'BUY' : 'SELL'
		const [low, high] = NOTIONAL_USDT
		const notional = low + this.#chance.uniform() * (high - low)
		const [{bid}, {amount = '0'}] = await Promise.all([
			bus.hashAll(naming.key(keys.marketQuote, {symbol})),
			bus.hashAll(naming.key(keys.positionSnapshot, {symbol})),
		])
		if (bid === undefined) return
		const action = this.#of<string>(Number(amount) === 0 ? WHEN_FLAT : WHEN_OPEN)
		const id = await bus.append(naming.stream(tradeIntent.name), {
			symbol,
			side,
			action,
			qty: (notional / Number(bid)).toPrecision(8),
			leverage: String(LEVERAGE),
			confidence: '0.9',
			strategy: 'chaos',
		})
		this.acknowledged.push(id)
	}
}
