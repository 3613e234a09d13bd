import type {MarketStatistics, MinuteBars} from './statistics.js'
import {mean, measureBars, percentile, returnCorrelation} from './statistics.js'
import {type BookFigures, measureBooks} from './statistics-books.js'
import {type HourlyStatistics, measureMonths, recordedHours} from './statistics-hourly.js'
import {
	type AlignedBars,
	hourlyCloses,
	liveBars,
	recordedBars,
	recordedFunding,
	syntheticFunding,
	syntheticLive,
} from './statistics-source.js'
import type {ComparedRow} from './statistics-table.js'
import {openTape, tapeConfig} from './tape-market.js'

/** Synthetic runs to compare with. */
export type Seeded = Readonly<{seeds: readonly number[]; days: number; runs: readonly AlignedBars[]}>
export type Comparison = Readonly<{title: string; text: string; rows: readonly ComparedRow[]}>

/** Funding needs live running, which is slower than history. */
const FUNDING_RUNS = 3
/** Long enough to meet calm and stress. */
const BOOK_RUN_MS = 2 * 3_600_000
const LIVE_TICKS_MS = [1000, 5000]
const LIVE_DAYS = 4
const LIVE_RUNS = 3
const LIVE_KEYS = ['return_sd_bps', 'range_to_return', 'volume_volatility_correlation'] as const
const REFERENCE = 'BTCUSDT'
/** Symbols with a recorded funding history to compare with. */
const FUNDED = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT', 'AVAXUSDT', 'LINKUSDT']

const NAMES: Readonly<Record<keyof MarketStatistics, string>> = {
	return_sd_bps: '1-minute return, standard deviation (bps)',
	annual_volatility_pct: 'Annualised volatility (%)',
	excess_kurtosis: 'Excess kurtosis of 1-minute returns',
	return_acf_1: 'Autocorrelation of returns, lag 1',
	absolute_acf_1: 'Autocorrelation of absolute return, lag 1',
	absolute_acf_10: 'Autocorrelation of absolute return, lag 10',
	absolute_acf_60: 'Autocorrelation of absolute return, lag 60',
	beyond_5_sd_share_ppm: 'Returns beyond 5 standard deviations (per million)',
	hourly_volatility_p5_bps: 'Hourly volatility, 5th percentile (bps)',
	hourly_volatility_p50_bps: 'Hourly volatility, median (bps)',
	hourly_volatility_p95_bps: 'Hourly volatility, 95th percentile (bps)',
	daily_range_pct: 'Daily range, mean (%)',
	range_to_return: 'Mean 1-minute range over mean absolute return',
	variance_ratio_15: 'Variance ratio, 15 minutes',
	variance_ratio_60: 'Variance ratio, 1 hour',
	variance_ratio_240: 'Variance ratio, 4 hours',
	volume_volatility_correlation: 'Correlation of volume and absolute return',
}

export async function compareCandles(dir: string, seeded: Seeded): Promise<Comparison> {
	const {bars: recorded, from_ms, to_ms} = await recordedBars(dir)
	const {runs} = seeded
	const measured = [...recorded.values()].map(measureBars)
	const synthetic = runs.map(run => [...run.values()].map(measureBars))
	const rows = (Object.keys(NAMES) as (keyof MarketStatistics)[]).map(key => ({
		name: NAMES[key],
		recorded: measured.map(figures => figures[key]),
		synthetic: medians(synthetic.map(run => run.map(figures => figures[key]))),
	}))
	for (const span of [1, 15, 60])
		rows.push({
			name: `Correlation to ${REFERENCE}, ${span}-minute returns`,
			recorded: correlations(recorded, span),
			synthetic: medians(runs.map(run => correlations(run, span))),
		})
	const [from, to] = [from_ms, to_ms].map(time_ms => new Date(time_ms).toISOString().slice(0, 10))
	const text = `Recorded: ${recorded.size} symbols from ${from} to ${to}. Synthetic: ${seeded.days} days, seeds ${seeded.seeds.join(', ')}.`
	return {title: 'Minutes', text, rows}
}

/** Whether live trading makes the candles that the warm-up promises, at fine and at coarse ticks. */
export async function compareLive(dir: string, seeded: Seeded): Promise<Comparison> {
	const recorded = [...(await recordedBars(dir)).bars.values()].map(measureBars)
	const rows: ComparedRow[] = []
	for (const tick_ms of LIVE_TICKS_MS) {
		const runs = seeded.seeds
			.slice(0, LIVE_RUNS)
			.map(seed => measureBars(liveBars(seed, REFERENCE, LIVE_DAYS, tick_ms)))
		for (const key of LIVE_KEYS)
			rows.push({
				name: `${NAMES[key]}, ticks of ${tick_ms / 1000} s`,
				recorded: recorded.map(figures => figures[key]),
				synthetic: [middle(runs.map(figures => figures[key]))],
			})
	}
	const text = `${REFERENCE} from its prints, ${LIVE_DAYS} days, median of ${LIVE_RUNS} seeds. Coarse ticks see less of what happens within a minute, so candles have shorter wicks.`
	return {title: 'Live candles', text, rows}
}

export async function compareHours(dir: string, seeded: Seeded): Promise<Comparison> {
	const recorded = [...(await recordedHours(dir)).values()].flatMap(measureMonths)
	const runs = seeded.runs.map(run => [...run.values()].map(bars => measureMonths(hourlyCloses(bars))))
	const row = (name: string, key: keyof HourlyStatistics): ComparedRow => ({
		name,
		recorded: recorded.map(month => month[key]),
		synthetic: medians(runs.map(run => run.map(months => middle(months.map(month => month[key]))))),
		trimmed: 0.05,
	})
	const rows = [
		row('Variance ratio, 4 hours against 1', 'variance_ratio_4h'),
		row('Variance ratio, 24 hours against 1', 'variance_ratio_24h'),
		row('Following a 4 over 16 hours average, gross (% a month)', 'trend_following_gross_pct'),
	]
	const text = `Do trends exist? Recorded: ${recorded.length} months of 720 hours, range from the 5th to the 95th percentile.`
	return {title: 'Months of hours', text, rows}
}

export async function compareFunding(dir: string, seeded: Seeded): Promise<Comparison> {
	const recorded = [...(await recordedFunding(dir, FUNDED)).values()].map(sorted)
	const runs = seeded.seeds
		.slice(0, FUNDING_RUNS)
		.map(seed => [...syntheticFunding(seed, seeded.days).values()].map(sorted))
	const rows = [0.05, 0.5, 0.95].map(share => ({
		name: `Funding rate, ${share * 100}th percentile (bps per funding)`,
		recorded: recorded.map(rates => percentile(rates, share)),
		synthetic: medians(runs.map(run => run.map(rates => percentile(rates, share)))),
	}))
	return {title: 'Funding', text: `Recorded: ${recorded.length} symbols.`, rows}
}

const BOOK_NAMES: Readonly<Record<keyof BookFigures, string>> = {
	one_tick_share: 'Share of time with a spread of one tick',
	spread_ticks: 'Spread (ticks)',
	best_notional_usdt: 'At the best price, one side (USDT)',
	depth_notional_usdt: 'In twenty levels, one side (USDT)',
	reach_bps: 'Distance of the twentieth level (bps)',
	traded_usdt_per_second: 'Traded (USDT per second)',
}

export async function compareTape(file: string, seeded: Seeded): Promise<Comparison> {
	const tape = await openTape(tapeConfig.parse({kind: 'tape', file}), () => {})
	const symbol = tape.symbols[0]?.symbol ?? REFERENCE
	const recorded = measureBooks(tape, symbol, Number.POSITIVE_INFINITY)
	const runs = seeded.seeds.map(seed => {
		const market = syntheticLive(seed, [symbol])
		return measureBooks(market, symbol, market.start_ms + BOOK_RUN_MS)
	})
	const rows = (Object.keys(BOOK_NAMES) as (keyof BookFigures)[]).map(key => ({
		name: `${symbol}: ${BOOK_NAMES[key]}`,
		recorded: recorded.map(window => window[key]),
		synthetic: [middle(runs.map(run => mean(run.map(window => window[key]))))],
		trimmed: 0.05,
	}))
	const text = `Means over windows of ten seconds. Recorded: ${recorded.length} windows of one tape, from the 5th to the 95th percentile. Synthetic: the mean of ${BOOK_RUN_MS / 60_000} minutes, median over the seeds; single seeds vary more than one calm tape does, since volatility does.`
	return {title: 'Book', text, rows}
}

function correlations(bars: ReadonlyMap<string, MinuteBars>, span: number): number[] {
	const reference = bars.get(REFERENCE)
	if (reference === undefined) throw new Error(`no ${REFERENCE} to correlate with`)
	return [...bars].flatMap(([symbol, other]) =>
		symbol === REFERENCE ? [] : [returnCorrelation(reference, other, span)],
	)
}

/** Over runs, symbol by symbol. */
function medians(runs: readonly (readonly number[])[]): number[] {
	return (runs[0] ?? []).map((_, at) => middle(runs.map(run => run[at] ?? Number.NaN)))
}

function middle(values: readonly number[]): number {
	return percentile(sorted(values), 0.5)
}

function sorted(values: readonly number[]): Float64Array {
	return Float64Array.from(values).sort()
}
