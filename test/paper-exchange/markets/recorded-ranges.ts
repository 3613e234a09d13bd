import type {MarketStatistics} from '../../../src/paper-exchange/markets/statistics.js'

/**
 * Least and greatest figure of eight recorded perpetuals (AVAX, BNB, BTC, ETH, LINK, LTC, SOL, XRP against USDT on
 * Binance USD-M, one-minute candles, 2025-05-04 to 2025-06-03), as `report.js` measures them.
 */
export const RECORDED_RANGES: Readonly<Record<keyof MarketStatistics, readonly [number, number]>> = {
	return_sd_bps: [5.28, 12.6],
	annual_volatility_pct: [38.3, 91.1],
	excess_kurtosis: [6.6, 24.3],
	return_acf_1: [-0.0283, 0.0024],
	absolute_acf_1: [0.177, 0.268],
	absolute_acf_10: [0.128, 0.207],
	absolute_acf_60: [0.094, 0.16],
	beyond_5_sd_share_ppm: [1273, 2732],
	hourly_volatility_p5_bps: [18.2, 52.3],
	hourly_volatility_p50_bps: [33.5, 85.4],
	hourly_volatility_p95_bps: [69.9, 148],
	daily_range_pct: [2.95, 7.56],
	range_to_return: [1.63, 1.83],
	variance_ratio_15: [0.912, 0.972],
	variance_ratio_60: [0.853, 0.946],
	variance_ratio_240: [0.733, 0.979],
	volume_volatility_correlation: [0.481, 0.644],
}

/** Of the same minutes: correlation of one-minute returns to BTCUSDT. */
export const RECORDED_CORRELATION = [0.628, 0.759] as const

/** BTCUSDT best bid and ask, 2024-08-08, 66,089 updates in 345 s: share with a spread of one tick. */
export const RECORDED_ONE_TICK_SHARE = 0.942
