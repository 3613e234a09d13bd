import {defineKey, type KeyContract} from './key.js'
import {observeKeys} from './observe-keys.js'
import {riskKeys} from './risk-keys.js'
import {runtimeKeys} from './runtime-keys.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const keys = {
	kill: defineKey({
		pattern: 'kill',
		type: 'string',
		owner: 'kill-latch',
		operator_writes: true,
		summary: '1 = nothing is sent. A 0 by hand opens nothing.',
	}),
	arm: defineKey({
		pattern: 'arm',
		type: 'hash',
		owner: 'kill-latch',
		operator_writes: true,
		summary:
			'epoch, armed, by, reason, time_ms, mode: sending needs this epoch and the gateway’s file of the same epoch.',
	}),
	blockedSymbols: defineKey({
		pattern: 'arm:blocked',
		type: 'hash',
		owner: 'kill-latch',
		operator_writes: true,
		summary: 'Symbols that an operator has stopped while the others trade on: by, reason, time_ms as JSON.',
	}),
	gatewayEpoch: defineKey({
		pattern: 'gateway:{gateway}',
		type: 'hash',
		owner: 'apply-layer',
		summary:
			'Newest arm epoch that the gateway has persisted, requests in flight and their symbols, machine time of the report.',
	}),
	mode: defineKey({pattern: 'mode', type: 'string', owner: 'governor', summary: 'PAPER, TESTNET or LIVE.'}),
	execution: defineKey({
		pattern: 'governor:execution',
		type: 'string',
		owner: 'governor',
		operator_writes: true,
		summary: 'ENABLED, REDUCE_ONLY or DISABLED.',
	}),
	executionChange: defineKey({
		pattern: 'governor:execution_change',
		type: 'hash',
		owner: 'governor',
		operator_writes: true,
		summary: 'Newest change of the execution switch: what, by, reason, time_ms (machine), and whether a pause stands.',
	}),
	clock: defineKey({
		pattern: 'clock',
		type: 'hash',
		owner: 'price-feed',
		summary: 'venue_ms at machine_ms, speed, lockstep: how the venue’s time runs.',
	}),
	marketQuote: defineKey({
		pattern: 'market:quote:{symbol}',
		type: 'hash',
		owner: 'price-feed',
		summary: 'Last bid and ask with venue and machine time: the governor’s freshness, drift and spread gates read it.',
	}),
	marketStale: defineKey({
		pattern: 'market:stale:{symbol}',
		type: 'hash',
		owner: 'price-feed',
		summary: 'Present while the feed of the symbol is silent: since_ms.',
	}),
	marketFilters: defineKey({
		pattern: 'market:filters:{symbol}',
		type: 'hash',
		owner: 'market-publisher',
		summary: 'tick_size, step_size, min_notional_usdt, tradable of the symbol at the venue.',
	}),
	permit: defineKey({
		pattern: 'permit:p33:{plan_id}',
		type: 'hash',
		ttl_ms: 2 * HOUR_MS,
		owner: 'governor',
		summary: 'Verdict, deadline, epoch, reservation; worthless without the reservation it names.',
	}),
	reservations: defineKey({
		pattern: 'governor:reservations',
		type: 'hash',
		owner: 'governor',
		summary: 'Per symbol the slot and notional set aside or in use: plan_id|state|notional_micro_usdt|deadline_ms.',
	}),
	totalNotional: defineKey({
		pattern: 'total_notional_used',
		type: 'string',
		owner: 'governor',
		summary: 'Sum of the reservations in micro-USDT.',
	}),
	availableSlots: defineKey({
		pattern: 'available_slots',
		type: 'string',
		owner: 'governor',
		summary: 'Limit of open positions less the reservations.',
	}),
	execHistory: defineKey({
		pattern: 'governor:exec_history:{symbol}',
		type: 'zset',
		ttl_ms: DAY_MS,
		owner: 'governor',
		summary: 'Admitted entries by venue time, for the rate limits.',
	}),
	cooldown: defineKey({
		pattern: 'cooldown:last_exec_ts:{symbol}',
		type: 'string',
		ttl_ms: DAY_MS,
		owner: 'governor',
		summary: 'Venue time of the last admitted entry, ms.',
	}),
	dedupIntent: defineKey({
		pattern: 'dedup:intent:{id}',
		type: 'string',
		ttl_ms: 900_000,
		owner: 'intent-bridge',
		summary: 'Plan that an intent became.',
	}),
	dedupApply: defineKey({
		pattern: 'dedup:apply:{id}',
		type: 'hash',
		ttl_ms: DAY_MS,
		owner: 'apply-layer',
		summary: 'Write-ahead record of what is sent, and its outcome.',
		former_names: ['apply:done:{plan_id}'],
	}),
	exitLock: defineKey({
		pattern: 'lock:exit:{symbol}',
		type: 'hash',
		owner: 'governor',
		summary:
			'owner, fencing token, plan_id, deadline_ms of the one exit in progress; from when a comparison shows what became of it (settled_machine_ms); amount and moved_by of the position as it was allowed; what the last one filled, of which order (done_filled, done_order).',
	}),
	positionSnapshot: defineKey({
		pattern: 'position:snapshot:{symbol}',
		type: 'hash',
		owner: 'position-state-brain',
		summary:
			'Canonical position; what moved it last (moved_by: a client order id, or the id of a correction), and by how much (moved_quantity).',
	}),
	position: defineKey({
		pattern: 'position:{symbol}',
		type: 'hash',
		owner: 'position-state-brain',
		summary: 'Short form of the position; removed when flat.',
	}),
	portfolioState: defineKey({
		pattern: 'portfolio:state',
		type: 'hash',
		owner: 'portfolio-state-publisher',
		summary: 'Equity, exposure, open positions, PnL, each position; venue_ms and machine_ms say how old they are.',
	}),
	ledger: defineKey({
		pattern: 'ledger:{symbol}',
		type: 'hash',
		owner: 'trade-logger',
		summary: 'Realised PnL, fees, funding, fills and closed trades of the symbol.',
	}),
	positionLedger: defineKey({
		pattern: 'position:ledger:{symbol}',
		type: 'hash',
		owner: 'trade-logger',
		summary: 'The same in the form of the wiring map.',
	}),
	pnlDay: defineKey({
		pattern: 'pnl:{day}',
		type: 'hash',
		ttl_ms: 400 * DAY_MS,
		owner: 'pnl-tracker',
		summary: 'Income of a UTC day of venue time by the venue’s own rows; differences counts those unlike the ledger.',
	}),
	seenOrders: defineKey({
		pattern: 'ledger:seen_orders',
		type: 'set',
		owner: 'trade-logger',
		summary: 'Venue trade ids already booked, newest 20,000.',
	}),
	reconcileLast: defineKey({
		pattern: 'reconcile:last',
		type: 'hash',
		owner: 'reconcile-engine',
		summary: 'Outcome and machine time of the newest comparison with the venue.',
	}),
	...riskKeys,
	...observeKeys,
	divergence: defineKey({
		pattern: 'cross:divergence',
		type: 'hash',
		owner: 'cross-exchange-aggregator',
		summary:
			'Per symbol divergence_bps|machine_ms of our price from the other exchanges; a symbol without others is not in it.',
	}),
	allowlist: defineKey({
		pattern: 'config:allowlist',
		type: 'set',
		owner: 'universe-service',
		summary: 'Symbols that may open now: of the allowlist, tradable at the venue, within the universe of the policy.',
	}),
	universe: defineKey({
		pattern: 'universe:active',
		type: 'hash',
		owner: 'universe-service',
		summary: 'Per symbol whether it may open, and why not, as JSON; `version` and `machine_ms` of the whole.',
	}),
	portfolioClusters: defineKey({
		pattern: 'portfolio:clusters',
		type: 'hash',
		owner: 'portfolio-clusters',
		summary: 'Clusters and correlations as in portfolio.cluster_state, with machine_ms.',
	}),
	budget: defineKey({
		pattern: 'budget:{scope}',
		type: 'hash',
		owner: 'portfolio-governance',
		summary: 'Loss and turnover of a scope today, with their limits and whether one is broken.',
	}),
	heatPortfolio: defineKey({
		pattern: 'heat:portfolio',
		type: 'hash',
		owner: 'portfolio-heat-gate',
		summary: 'Loss of all positions at their stops over equity (heat_share), with machine_ms.',
	}),
	heatSymbol: defineKey({
		pattern: 'heat:{symbol}',
		type: 'hash',
		owner: 'heat-gate',
		summary: 'Entry plans per hour and heat of the symbol, with venue_ms.',
	}),
	marginTotal: defineKey({
		pattern: 'margin:total',
		type: 'hash',
		owner: 'exposure-balancer',
		summary: 'Margin in use and exposure over equity, with machine_ms.',
	}),
	exitState: defineKey({
		pattern: 'exit:state:{symbol}',
		type: 'hash',
		owner: 'exitbrain',
		summary: 'Levels, targets taken, trailing and kill score of the open position, with venue_ms.',
	}),
	dedupHarvest: defineKey({
		pattern: 'dedup:harvest:{symbol}:{id}',
		type: 'string',
		ttl_ms: 900_000,
		owner: 'harvest-brain',
		summary: 'A harvest that was asked for.',
	}),
	deadReplayed: defineKey({
		pattern: 'dead:replayed',
		type: 'hash',
		owner: 'stream-recover',
		summary: 'Entries that were put back out of the dead letters, by stream and former id: who, why, when, the new id.',
	}),
	stage: defineKey({
		pattern: 'stage:{name}',
		type: 'hash',
		owner: 'health-gate',
		summary: 'Whether the stage is open, since when, and what keeps it shut.',
	}),
	...runtimeKeys,
} as const satisfies Record<string, KeyContract>

export type Keys = typeof keys
export const keyList: readonly KeyContract[] = Object.values(keys)

/** What every host looks at, whatever its units: the policy in force, and how time runs. */
export const hostKeys: readonly KeyContract[] = [keys.policyActive, keys.clock]

export const retiredKeys = [
	{pattern: 'apply:done:{plan_id}', summary: 'now dedup:apply:{id}'},
	{pattern: 'cooldown:{symbol}', summary: 'now cooldown:last_exec_ts:{symbol}'},
] as const
