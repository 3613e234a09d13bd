import {readdirSync} from 'node:fs'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {type Settings, SYMBOLS} from '../system/settings.js'
import {lockstepLimits} from './lockstep-limits.js'

const MINUTE_MS = 60_000
/** Quotes per second of machine time, over all symbols, that a PAPER market makes at high speed. */
const QUOTES_PER_SECOND = 400
const SYNTHETIC_TICK_MS = 1_000
const CANDLE_FILE = /^(.+)\.csv(\.gz)?$/u

/** About what lock-step reaches on two cores: its market is quoted as often as one at that speed. */
const LOCKSTEP_TIMES = 250

const timesOf = (speed: Settings['speed']): number => (speed === 'lockstep' ? LOCKSTEP_TIMES : speed)

/** Symbols that the files of a candle folder are named after. */
const symbolsOf = (dir: string): string[] => {
	let files: string[]
	try {
		files = readdirSync(dir)
	} catch (cause) {
		throw new OperatorError(`the market's folder ${dir} cannot be read`, {
			exit_code: EXIT_CODES.usage,
			hint: 'give a folder of <SYMBOL>.csv or <SYMBOL>.csv.gz files',
			cause,
		})
	}
	const symbols = files.flatMap(file => CANDLE_FILE.exec(file)?.[1] ?? [])
	if (symbols.length > 0) return symbols.sort()
	throw new OperatorError(`no candle file in ${dir}`, {
		exit_code: EXIT_CODES.usage,
		hint: 'give a folder of <SYMBOL>.csv or <SYMBOL>.csv.gz files',
	})
}

/**
 * Settings with all that a market must keep over restarts: when a synthetic one began, which symbols a recorded one
 * has, and how often prices are quoted at this speed.
 */
export const completeMarket = (settings: Settings, now_ms: number): Settings => {
	const {market, speed} = settings
	const times = timesOf(speed)
	if (market.kind === 'synthetic') {
		const slowest_ms = Math.ceil((settings.symbols.length * times * 1_000) / QUOTES_PER_SECOND)
		const start_ms = Math.floor(now_ms / MINUTE_MS) * MINUTE_MS
		return {
			...settings,
			market: {
				start_ms,
				tick_interval_ms: Math.max(SYNTHETIC_TICK_MS, slowest_ms),
				...market,
				symbols: settings.symbols,
			},
		}
	}
	if (market.kind === 'candles') {
		const symbols = settings.symbols.join() === SYMBOLS.join() ? symbolsOf(market.dir) : settings.symbols
		const ticks = Math.floor((QUOTES_PER_SECOND * 60) / (symbols.length * times))
		return {...settings, symbols, market: {ticks_per_candle: Math.min(12, Math.max(4, ticks)), ...market, symbols}}
	}
	return settings
}

/** Venue time between two quotes of a symbol, ms, where the market is one that ticks. */
const tickOf = (market: Settings['market']): number | undefined => {
	if (market.kind === 'synthetic') return market.tick_interval_ms
	return market.kind === 'candles' && market.ticks_per_candle ? MINUTE_MS / market.ticks_per_candle : undefined
}

/** Venue time that lock-step plays before everything is handled, ms. */
export const stepOf = ({market, lockstep_step_s}: Pick<Settings, 'market' | 'lockstep_step_s'>): number =>
	lockstep_step_s === undefined ? Math.max(lockstepLimits.step_venue_ms, tickOf(market) ?? 0) : lockstep_step_s * 1_000
