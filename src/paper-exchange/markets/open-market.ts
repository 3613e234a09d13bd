import {z} from 'zod'
import type {Market} from '../market.js'
import {candlesConfig} from './candle-config.js'
import {openCandles} from './candle-market.js'
import {liveConfig} from './live-config.js'
import {openLive} from './live-market.js'
import {SyntheticMarket, syntheticConfig} from './synthetic-market.js'
import {openTape, tapeConfig} from './tape-market.js'

/** Every kind of market with its parameters; unknown fields are refused. */
export const marketConfig = z.discriminatedUnion('kind', [syntheticConfig, candlesConfig, tapeConfig, liveConfig])

/** What a caller writes: defaults may be left out. */
export type MarketConfig = z.input<typeof marketConfig>

/** Is told what an operator should know of the input: repairs, outliers, reconnects; one line each. */
export type Report = (line: string) => void

/**
 * Opens a market.
 * @throws Error that names the field, the value and the expectation, or what is wrong with the files.
 */
export async function openMarket(config: MarketConfig, report: Report = toStandardError): Promise<Market> {
	const parsed = marketConfig.safeParse(config)
	if (!parsed.success) throw new Error(`the market's settings are wrong:\n${z.prettifyError(parsed.error)}`)
	const settings = parsed.data
	switch (settings.kind) {
		case 'synthetic':
			return new SyntheticMarket(settings)
		case 'candles':
			return openCandles(settings, report)
		case 'tape':
			return openTape(settings, report)
		case 'live':
			return openLive(settings, {now: Date.now, report})
	}
}

function toStandardError(line: string): void {
	process.stderr.write(`market: ${line}\n`)
}
