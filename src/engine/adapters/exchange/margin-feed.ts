import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {accountRow, positionRow} from '../../exchange/raw-messages.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import {exact, isZero} from '../../logic/exact.js'
import type {MarginReading} from '../../logic/position-watch.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import {waitMs} from '../clock/wait.js'
import {listOf} from './account-history.js'
import type {CcxtSurface} from './ccxt-surface.js'
import {openReadingClient, type VenueClient} from './client.js'

const RATIO_PLACES = 6

/** Margin of every open position. @throws when the venue does not answer, or not as it should */
const readMargins = async (ccxt: CcxtSurface): Promise<MarginReading[]> => {
	const [rows, account] = await Promise.all([
		listOf(positionRow, ccxt.fapiPrivateV3GetPositionRisk),
		ccxt.fapiPrivateV3GetAccount().then(body => accountRow.parse(body)),
	])
	const balance = exact(account.totalMarginBalance)
	const ratio = balance.gt(0) ? exact(account.totalMaintMargin).div(balance) : exact('1')
	return rows
		.filter(({positionAmt}) => !isZero(positionAmt))
		.map(({symbol, positionAmt, liquidationPrice, maintMargin}) => ({
			symbol,
			amount: positionAmt,
			liquidation_price: liquidationPrice,
			...(maintMargin !== undefined && {maintenance_margin: maintMargin}),
			margin_ratio: ratio.toDecimalPlaces(RATIO_PLACES).toNumber(),
		}))
}

/** Pushes the margin of each open position every few seconds; without an answer nothing, and the last one grows old. */
export const marginFeed = (config: VenueConfig): FeedAdapter => ({
	run: async (push, signal) => {
		let client: VenueClient | undefined
		try {
			while (!signal.aborted) {
				try {
					client ??= await openReadingClient(config)
					for (const reading of await readMargins(client.ccxt)) await push(reading)
				} catch {
					// Who looks at a position sees how old its margin is.
				}
				await waitMs(limits.margins_every_ms, signal)
			}
		} finally {
			await client?.close()
		}
	},
})
