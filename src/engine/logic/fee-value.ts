import {exact, textOf} from './exact.js'

/** What one of an asset is worth, USDT. */
export type AssetPrices = Readonly<Record<string, string>>

type Paid = Readonly<{net_pnl: string; other_fees?: Readonly<Record<string, string>> | undefined}>

const USDT_PLACES = 8

/**
 * Net of a trade with the fees that it paid in other assets (BNB), by their newest prices, USDT. A fee in an asset whose
 * price is not known is left out: it is a fraction of the notional, and a guess would be no better.
 */
export const netWithFees = ({net_pnl, other_fees = {}}: Paid, prices: AssetPrices = {}): string =>
	textOf(
		Object.entries(other_fees).reduce((net, [asset, fee]) => {
			const price = prices[asset]
			return price === undefined ? net : net.sub(exact(fee).mul(price).toDecimalPlaces(USDT_PLACES))
		}, exact(net_pnl)),
	)
