import type {KeyContract} from '../engine/contracts/key.js'
import {keys} from '../engine/contracts/keys.js'
import type {StreamContract} from '../engine/contracts/stream.js'
import {accountBalance, exchangeNormalized, positionSnapshot} from '../engine/contracts/streams/account.js'
import {marketTick} from '../engine/contracts/streams/market.js'
import {portfolioState} from '../engine/contracts/streams/portfolio.js'
import {policyUpdated} from '../engine/contracts/streams/risk.js'
import {code} from '../engine/logic/markdown.js'
import {pnlTracker} from '../engine/units/state/pnl-tracker.js'
import {reconcileEngine} from '../engine/units/state/reconcile-engine.js'
import {codes, type Section} from './document.js'

/** Where a kind of state is true, where we keep it, and who proves that the two agree. */
type Authority = Readonly<{
	state: string
	authority: string
	keys: readonly KeyContract[]
	streams: readonly StreamContract[]
	proof: string
	/** Gates that refuse when it is too old. */
	stale: readonly string[]
	fresh: string
}>

const BY_RECONCILE = `${code(reconcileEngine.name)}: at start, after each reconnect, by the clock`

export const authorities: readonly Authority[] = [
	{
		state: 'Position existence and quantity',
		authority: 'the venue',
		keys: [keys.positionSnapshot, keys.position],
		streams: [exchangeNormalized, positionSnapshot],
		proof: BY_RECONCILE,
		stale: ['NOT_RECONCILED', 'RECONCILE_STALE'],
		fresh: 'with each message of the user stream',
	},
	{
		state: 'Orders and resting stops',
		authority: 'the venue',
		keys: [keys.dedupApply],
		streams: [exchangeNormalized],
		proof: BY_RECONCILE,
		stale: ['NOT_RECONCILED', 'RECONCILE_STALE'],
		fresh: 'with each message of the user stream',
	},
	{
		state: 'Balances',
		authority: 'the venue',
		keys: [keys.portfolioState],
		streams: [accountBalance],
		proof: BY_RECONCILE,
		stale: ['GATE_NOT_READY', 'HEAT_STALE'],
		fresh: 'with each message of the user stream',
	},
	{
		state: 'Unrealised PnL',
		authority: 'the venue’s prices',
		keys: [keys.portfolioState],
		streams: [portfolioState],
		proof: 'derived from position and quote, never stored as truth',
		stale: ['DATA_STALE'],
		fresh: 'once a second at most',
	},
	{
		state: 'Realised PnL, fees, funding',
		authority: 'the journal on disk, double entry',
		keys: [keys.ledger, keys.positionLedger, keys.pnlDay],
		streams: [],
		proof: `${code(pnlTracker.name)} and ${code('qt ledger verify')}: row by row against the venue’s income`,
		stale: [],
		fresh: 'with each fill',
	},
	{
		state: 'Open position count',
		authority: 'reservations: enforced, not derived',
		keys: [keys.reservations, keys.availableSlots],
		streams: [],
		proof: 'the scripts themselves; corrections of reconciliation settle them',
		stale: [],
		fresh: 'in the step that decides',
	},
	{
		state: 'Total notional',
		authority: 'reservations: enforced, not derived',
		keys: [keys.totalNotional],
		streams: [],
		proof: 'the scripts themselves; corrections of reconciliation settle them',
		stale: [],
		fresh: 'in the step that decides',
	},
	{
		state: 'Portfolio exposure',
		authority: 'derived from positions and quotes',
		keys: [keys.portfolioState, keys.marginTotal],
		streams: [portfolioState],
		proof: 'made anew from positions each time',
		stale: ['GATE_NOT_READY'],
		fresh: 'once a second at most',
	},
	{
		state: 'Capital allocation',
		authority: 'none yet: no unit allocates by share',
		keys: [],
		streams: [],
		proof: '-',
		stale: [],
		fresh: '-',
	},
	{
		state: 'Execution permit',
		authority: 'the governor, with the reservation that it names',
		keys: [keys.permit, keys.reservations],
		streams: [],
		proof: 'asked for again by the sender as the request leaves',
		stale: ['PERMIT_EXPIRED', 'EPOCH_OLD'],
		fresh: 'in the step that decides',
	},
	{
		state: 'Whether anything may be sent',
		authority: 'arm epoch in Redis and in the gateway’s own file, both',
		keys: [keys.arm, keys.kill, keys.execution, keys.blockedSymbols],
		streams: [],
		proof: 'the hash-chained audit log: qt audit verify',
		stale: ['ARM_FILE_UNREADABLE', 'STATE_UNREACHABLE'],
		fresh: 'as each request leaves',
	},
	{
		state: 'Risk policy',
		authority: 'the versions in the home, hash by hash',
		keys: [keys.policyActive],
		streams: [policyUpdated],
		proof: 'every host compares its hash within a second',
		stale: ['POLICY_CHANGING'],
		fresh: 'within a second',
	},
	{
		state: 'Market price',
		authority: 'the venue',
		keys: [keys.marketQuote, keys.marketStale],
		streams: [marketTick],
		proof: 'other exchanges as reference, where configured',
		stale: ['DATA_STALE', 'DIVERGENCE_STALE', 'DIVERGED'],
		fresh: 'with each quote',
	},
]

export const authoritySections = (): readonly Section[] => [
	{
		id: 'truth-hierarchy',
		heading: 'Source-of-truth hierarchy',
		level: 2,
		table: {
			columns: ['State', 'Authority', 'Our copy', 'Streams', 'Proved by'],
			rows: authorities.map(({state, authority, keys: own, streams, proof}) => [
				...[state, authority, codes(own.map(({pattern}) => pattern)), codes(streams.map(({name}) => name)), proof],
			]),
		},
	},
	{
		id: 'staleness',
		heading: 'State staleness points',
		level: 2,
		table: {
			columns: ['State', 'Renewed', 'Too old: refused with'],
			rows: authorities.map(({state, fresh, stale}) => [state, fresh, codes(stale)]),
		},
	},
]
