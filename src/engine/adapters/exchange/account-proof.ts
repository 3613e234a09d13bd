import type {AccountCursor} from '../../exchange/account-cursor.js'
import type {AccountPush} from '../../exchange/account-push.js'
import {eventOfIncome, fillOfTrade} from '../../exchange/normalise.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import {clientIdOf, readFills, readIncome, symbolsInUse} from './account-history.js'
import type {VenueClient} from './client.js'
import {readBalances} from './venue-reading.js'
import {venueNow} from './venue-time.js'

/** Reads by REST what the socket should have told, and tells what it did not. */
export class AccountProof {
	constructor(
		private readonly config: VenueConfig,
		private readonly client: VenueClient,
		private readonly cursor: AccountCursor,
		private readonly tell: (event: AccountPush) => Promise<void>,
		private readonly onProven?: (venue_ms: number) => void,
	) {}

	/** Proves what is due. @throws when the venue does not answer; what was told stays told */
	async prove(due: Readonly<{fills: boolean; income: boolean}>, scope: 'everything' | 'known'): Promise<void> {
		const proven_ms = await venueNow(this.config, this.client)
		if (due.fills) await this.fills(scope, proven_ms)
		if (due.income) await this.income()
		if (due.fills && due.income) this.onProven?.(proven_ms)
	}

	/** Fills of every symbol that may have some. */
	async fills(scope: 'everything' | 'known', venue_ms: number): Promise<void> {
		const {ccxt} = this.client
		const inUse = scope === 'everything' ? await symbolsInUse(ccxt) : []
		const symbols = new Set([...this.config.symbols, ...this.cursor.symbols, ...inUse])
		for (const symbol of symbols) await this.#fillsOf(symbol, venue_ms)
	}

	async income(): Promise<void> {
		for (const row of this.cursor.listedIncome(await readIncome(this.client.ccxt, this.cursor.incomeFrom_ms)))
			await this.tell({
				raw: {channel: 'rest/income', body: JSON.stringify(row)},
				events: [eventOfIncome(row)],
				venue_ms: row.time,
				checkpoint: this.cursor.checkpoint(),
			})
	}

	/** What the wallet holds now: the user stream tells only what changes. */
	async balances(): Promise<void> {
		const rows = await readBalances(this.client.ccxt)
		const events = rows.map(({asset, wallet_balance}) => ({
			kind: 'balance' as const,
			asset,
			wallet_balance,
			change: '0',
			reason: 'RESYNC',
		}))
		const venue_ms = await venueNow(this.config, this.client)
		await this.tell({raw: {channel: 'rest/balance', body: JSON.stringify(rows)}, events, venue_ms})
	}

	async #fillsOf(symbol: string, venue_ms: number): Promise<void> {
		const {ccxt} = this.client
		const clientIds = new Map<string, string>()
		for (const row of await readFills(ccxt, symbol, this.cursor.fillsFrom(symbol), venue_ms)) {
			// Asked for before the fill counts as handed on: a failure here must not lose it.
			const client_id = clientIds.get(row.orderId) ?? (await clientIdOf(ccxt, symbol, row.orderId))
			clientIds.set(row.orderId, client_id)
			if (!this.cursor.listedFill(symbol, row.id, row.time)) continue
			await this.tell({
				raw: {channel: 'rest/userTrades', body: JSON.stringify(row)},
				events: [fillOfTrade(row, client_id)],
				venue_ms: row.time,
				checkpoint: this.cursor.checkpoint(),
			})
		}
		this.cursor.fillsRead(symbol, venue_ms)
	}
}
