import {type SettingsInput, SYMBOLS} from '../../src/daemon/system/settings.js'

const SPEED = 300
/**
 * Quotes per second of machine time over all symbols. A fifth of what a system at that speed is given: each costs every
 * process that follows prices, and tests run beside each other.
 */
const QUOTES_PER_SECOND = 80
/** Enough for the slowest indicator, which wants 50: what is fetched at the start goes through the whole pipeline. */
const WARMUP_CANDLES = 80

/** Its prices move as far between two bars as any, in fewer steps. */
const syntheticMarket = (speed: SettingsInput['speed']) => {
	const times = typeof speed === 'number' ? speed : SPEED
	const tick_interval_ms = Math.max(1_000, Math.ceil((SYMBOLS.length * times * 1_000) / QUOTES_PER_SECOND))
	return {kind: 'synthetic', seed: 1, tick_interval_ms} as const
}

/** What a whole system of a test is made of, unless the test wants it otherwise. */
export const testSettings = (wanted: Partial<SettingsInput> = {}): SettingsInput => {
	const {speed = SPEED} = wanted
	return {market: syntheticMarket(speed), speed, ports: 'ephemeral', warmup_candles: WARMUP_CANDLES, ...wanted}
}
