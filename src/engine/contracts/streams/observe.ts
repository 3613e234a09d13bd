import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'

export const attributionResults = defineStream({
	name: 'attribution.results',
	summary: 'Where the PnL of each closed trade came from: parts that add up to it exactly.',
	criticality: 'telemetry',
	payload: z.object({
		trade_id: field.text(),
		symbol: field.symbol(),
		/** Whose plan opened it; left out where nobody’s of ours did. */
		strategy: field.text().optional(),
		opened_ms: field.integer(),
		closed_ms: field.integer(),
		/** Realised PnL less fees plus funding, in the asset that the symbol settles in. */
		net_pnl: field.decimal(),
		/** strategy, timing, slippage, fees, funding: what each gave (above 0) or cost. They add up to `net_pnl`. */
		parts: field.dictionary(field.decimal()),
		/** What could not be told apart, by name; what of it there was lies in `strategy`. */
		left_out: field.json(z.array(z.string())),
		/** Share of what was bought and sold whose timing and slippage are known, 0 to 1. */
		measured_share: field.real(),
	}),
})
