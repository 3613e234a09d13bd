import type {Fields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {applyPlan, tradeIntent} from '../../engine/contracts/streams/trade.js'
import {allEntries} from '../../engine/logic/ledger-pages.js'
import {
	type PnlRow,
	type PnlTotals,
	pnlByDay,
	pnlByStrategy,
	pnlBySymbol,
	totalsByAsset,
} from '../../engine/logic/pnl-rows.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {Journal} from './journal.js'
import type {State} from './state.js'
import {streamEntries} from './stream-pages.js'

export type Grouping = 'day' | 'symbol' | 'strategy'

/** How far the venue's own income rows of a day have been compared with the ledger. */
export type DayProof = Readonly<{
	/** Rows that differ, at the last comparison. */
	differences: number
	/** Net income by the venue's rows, USDT. */
	net_usdt: string
	/** Machine time of the comparison, ms. */
	machine_ms: number
}>

export type PnlView = Readonly<{
	by: Grouping
	rows: readonly PnlRow[]
	totals: PnlTotals
	/** By day; empty when grouped otherwise, or when Redis cannot be asked. */
	proofs: Readonly<Record<string, DayProof>>
	/** Rows of the venue that differ from the ledger, over the days shown. */
	differences: number
}>

const TRADES_MAX = 100_000

/** What asked for a plan: the model or strategy of its intent, else who wrote the plan. */
type Strategies = ReadonlyMap<string, string>

const readAll = async (state: State, stream: StreamContract): Promise<readonly Fields[]> => {
	const entries = await streamEntries(state, stream, {max: CLIENT_LIMITS.trace_entries_max})
	return entries.map(({fields}) => fields)
}

/** As far as the streams still hold the plans. */
export const readStrategies = async (state: State): Promise<Strategies> => {
	const [plans, intents] = await Promise.all([readAll(state, applyPlan), readAll(state, tradeIntent)])
	const models = new Map(intents.map(({id = '', strategy, model}) => [id, strategy ?? model] as const))
	return new Map(
		plans.map(({plan_id = '', intent_id = '', source = 'hand'}) => [plan_id, models.get(intent_id) ?? source] as const),
	)
}

export const readProofs = async (
	{bus, naming}: State,
	days: readonly string[],
): Promise<Readonly<Record<string, DayProof>>> => {
	const found = await Promise.all(
		days.map(async day => {
			const {differences, net, machine_ms} = await bus.hashAll(naming.key(keys.pnlDay, {day}))
			if (differences === undefined || net === undefined) return []
			return [[day, {differences: Number(differences), net_usdt: net, machine_ms: Number(machine_ms ?? 0)}] as const]
		}),
	)
	return Object.fromEntries(found.flat())
}

const UNKNOWN = 'unknown (its plan is no longer kept)'

/** Profit and loss of the whole ledger, grouped; `state` is left out when Redis cannot be asked. */
export const readPnl = async (journal: Journal, state: State | undefined, by: Grouping): Promise<PnlView> => {
	const entries = await allEntries(query => journal.entries(query))
	const trades = await journal.trades({limit: TRADES_MAX})
	const strategies = by === 'strategy' && state ? await readStrategies(state) : new Map<string, string>()
	const rows =
		by === 'day'
			? pnlByDay(entries, trades)
			: by === 'symbol'
				? pnlBySymbol(entries, trades)
				: pnlByStrategy(entries, trades, plan_id => strategies.get(plan_id) ?? UNKNOWN)
	const proofs = by === 'day' && state ? await readProofs(state, [...new Set(rows.map(({name}) => name))]) : {}
	const differences = Object.values(proofs).reduce((sum, proof) => sum + proof.differences, 0)
	return {by, rows, totals: totalsByAsset(rows), proofs, differences}
}
