import {OperatorError} from '../../errors.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {symbolConfigRow} from '../../exchange/raw-messages.js'
import {readFilters, type SymbolFilters, unlisted} from '../../exchange/symbol-filters.js'
import {EXIT_CODES} from '../../exit-codes.js'
import type {Clock} from '../../runtime/clock.js'
import {listOf} from './account-history.js'
import type {VenueClient} from './client.js'
import {readHedgeMode} from './venue-reading.js'

/** What the gateway must know of the account and its symbols before it may send: asserted, then remembered. */
export class AccountSettings {
	#filters: ReadonlyMap<string, SymbolFilters> = new Map()
	#filters_ms = 0
	#margin = new Map<string, string>()
	#leverage = new Map<string, {leverage: number; confirmed_ms: number}>()
	#asserted: Promise<void> | undefined

	constructor(
		private readonly client: VenueClient,
		private readonly clock: Clock,
	) {}

	/** What was known may be wrong: everything is read again before the next order. */
	forget(): void {
		this.#asserted = undefined
		this.#leverage.clear()
	}

	/**
	 * Reads settings and filters once.
	 * @throws OperatorError when the account is in hedge mode, and whatever the venue answers when it cannot say
	 */
	ready(): Promise<void> {
		if (this.#asserted && this.clock.machine() - this.#filters_ms > limits.filters_every_ms) {
			this.#filters_ms = this.clock.machine()
			void this.#readFilters().catch(() => undefined)
		}
		this.#asserted ??= this.#read().catch(error => {
			this.#asserted = undefined
			throw error
		})
		return this.#asserted
	}

	filters(symbol: string): SymbolFilters {
		return this.#filters.get(symbol) ?? unlisted(symbol)
	}

	/** @throws OperatorError when positions of the symbol would have a margin of their own */
	requireCrossed(symbol: string): void {
		const mode = this.#margin.get(symbol)
		if (mode === undefined || mode === 'CROSSED') return
		throw new OperatorError(`${symbol} has margin mode ${mode} at the venue; expected CROSSED`, {
			exit_code: EXIT_CODES.refused,
			hint: `Close position and orders in ${symbol}, set its margin mode to Cross at the venue, then try again.`,
		})
	}

	/** Whether the venue has confirmed this leverage lately. */
	hasLeverage(symbol: string, leverage: number): boolean {
		const known = this.#leverage.get(symbol)
		return known?.leverage === leverage && this.clock.machine() - known.confirmed_ms < limits.leverage_cache_ms
	}

	confirmLeverage(symbol: string, leverage: number): void {
		this.#leverage.set(symbol, {leverage, confirmed_ms: this.clock.machine()})
	}

	forgetLeverage(symbol: string): void {
		this.#leverage.delete(symbol)
	}

	async #read(): Promise<void> {
		await this.client.syncClock()
		const {ccxt} = this.client
		const [hedged, configs] = await Promise.all([
			readHedgeMode(ccxt),
			listOf(symbolConfigRow, ccxt.fapiPrivateGetSymbolConfig),
			this.#readFilters(),
		])
		if (hedged)
			throw new OperatorError('The account is in hedge mode; expected one-way mode', {
				exit_code: EXIT_CODES.refused,
				hint: 'Close all positions and orders, then set Position Mode to One-way in the futures preferences of the venue.',
			})
		for (const {symbol, marginType, leverage} of configs) {
			this.#margin.set(symbol, marginType.toUpperCase())
			this.confirmLeverage(symbol, leverage)
		}
	}

	async #readFilters(): Promise<void> {
		this.#filters = readFilters(await this.client.ccxt.fapiPublicGetExchangeInfo())
		this.#filters_ms = this.clock.machine()
	}
}
