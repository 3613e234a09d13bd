import {widePolicy} from '../bench/wide-policy.js'
import {SYMBOLS} from '../daemon/system/settings.js'

export const LIMITS = {positions_max: 5, notional_total_usdt: 700} as const
/** Fast enough for exits to come by themselves, and slow enough to leave two cores to orders rather than to quotes. */
const SPEED = 20

export const settings = (seed: number, venue_through: number) => ({
	market: {kind: 'synthetic' as const, seed},
	speed: SPEED,
	ports: 'ephemeral' as const,
	symbols: [...SYMBOLS],
	venue_through,
})

/** Nothing but the limits that are on trial stands against an entry; exits are near, so that positions come and go. */
export const policy = {
	...widePolicy(SYMBOLS),
	...LIMITS,
	intent_source: 'trading-bot',
	dust_usdt: 0,
	reconcile_every_machine_ms: 5_000,
	exit_monitor: {target: 0.006, stop: 0.006, trailing: 0.004, trailing_from: 0.004},
	exit_brain: {stop_min: 0.002, stop_max: 0.004, target_min: 0.003, targets: [1], target_shares: [1]},
}
