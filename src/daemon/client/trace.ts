import {idTime} from '../../engine/bus/stream-id.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {exchangeRaw, features, marketKlines, marketTick} from '../../engine/contracts/streams/market.js'
import {alerts, events} from '../../engine/contracts/streams/ops.js'
import {applyResult} from '../../engine/contracts/streams/trade.js'
import {messageOf, OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {FillRow, TradeRow} from '../../engine/logic/journal-rows.js'
import {streams} from '../../engine/registry.js'
import {quoted} from '../../engine/untrusted-text.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {Home} from './home.js'
import {openJournal} from './journal.js'
import type {State} from './state.js'
import {streamPages} from './stream-pages.js'
import {
	forestOf,
	identityOf,
	mentions,
	nearIds,
	plansOf,
	related,
	type TraceEntry,
	type TraceNode,
} from './trace-links.js'
import {findTraceEntry, traceEntries, traceEntry} from './trace-reading.js'

export type Trace = Readonly<{
	id: string
	roots: readonly TraceNode[]
	/** Causes that no stream holds any more. */
	trimmed: readonly string[]
	fills: readonly FillRow[]
	trades: readonly TradeRow[]
	/** Why the journal could not be asked; empty when it could. */
	journal: string
}>

/** Too many and too young to be searched whole: only the moment before an entry that they caused. */
const MARKET: readonly StreamContract[] = [features, marketKlines, marketTick]
const BESIDE: readonly StreamContract[] = [alerts, events, exchangeRaw]
const WHOLE = streams.filter(stream => ![...MARKET, ...BESIDE].includes(stream))
/** How long before an entry its cause may have been written, machine time. */
const CAUSE_WINDOW_MS = 30_000
const ANCESTORS_MAX = 64
const FILLS_MAX = 5_000

const NEWEST = {newest_first: true, max: CLIENT_LIMITS.trace_entries_max} as const

/** The entry of this id in one of these streams, written so long before another at most. */
const findBefore = async (
	state: State,
	id: string,
	before_id: string,
	{among, window_ms}: Readonly<{among: readonly StreamContract[]; window_ms: number}>,
): Promise<TraceEntry | undefined> => {
	const from = String(Math.max(0, idTime(before_id) - window_ms))
	const span = {...NEWEST, from, to: before_id}
	return findTraceEntry(state, among, span, entry => identityOf(entry) === id)
}

const AS_CAUSE = {among: MARKET, window_ms: CAUSE_WINDOW_MS} as const
/** A bar is decided on for as long as it is the newest one. */
const AS_SIGNAL = {among: [features], window_ms: Number.POSITIVE_INFINITY} as const

/** What the market streams hold under this id, and what came of it there: a candle, its features, a tick. */
const seedsInMarket = async (state: State, id: string): Promise<readonly TraceEntry[]> => {
	const found: TraceEntry[] = []
	for (const stream of MARKET)
		for await (const page of streamPages(state, stream, NEWEST))
			found.push(...page.map(entry => traceEntry(stream, entry)).filter(entry => mentions(entry, id)))
	return found
}

/** Follows causes backwards until the source, or until a stream no longer holds them. */
const withAncestors = async (
	state: State,
	core: readonly TraceEntry[],
	all: readonly TraceEntry[],
): Promise<{entries: readonly TraceEntry[]; trimmed: readonly string[]}> => {
	const byId = new Map(all.map(entry => [identityOf(entry), entry]))
	const found = new Map(core.map(entry => [identityOf(entry), entry]))
	const trimmed = new Set<string>()
	const queue = [...core]
	let looked = 0
	for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
		const {cause, signal_id} = entry.fields
		for (const [id, where] of [[cause, AS_CAUSE] as const, [signal_id, AS_SIGNAL] as const]) {
			if (!id || found.has(id) || trimmed.has(id)) continue
			let parent = byId.get(id)
			if (!parent && looked < ANCESTORS_MAX) {
				looked += 1
				parent = await findBefore(state, id, entry.stream_id, where)
			}
			if (!parent) {
				trimmed.add(id)
				continue
			}
			found.set(id, parent)
			queue.push(parent)
		}
	}
	return {entries: [...found.values()], trimmed: [...trimmed]}
}

/** Fills and trades of the plans and ids that the trace touches. */
const journalRows = async (
	home: Home,
	entries: readonly TraceEntry[],
	id: string,
): Promise<Pick<Trace, 'fills' | 'trades' | 'journal'>> => {
	const plans = new Set([...entries.flatMap(plansOf), id])
	const fillIds = new Set(
		entries.flatMap(({fields}) => (fields.symbol && fields.trade_id ? [`${fields.symbol}/${fields.trade_id}`] : [])),
	)
	try {
		const journal = await openJournal(home)
		try {
			const [fills, all] = [await journal.fills({limit: FILLS_MAX}), await journal.trades({limit: FILLS_MAX})]
			const trades = all.filter(
				trade => trade.trade_id === id || plans.has(trade.plan_id) || plans.has(trade.exit_plan_id),
			)
			for (const {plan_id, exit_plan_id} of trades) plans.add(plan_id).add(exit_plan_id)
			return {
				fills: fills.filter(fill => plans.has(fill.plan_id) || fillIds.has(`${fill.symbol}/${fill.trade_id}`)),
				trades,
				journal: '',
			}
		} finally {
			await journal.close()
		}
	} catch (error) {
		return {fills: [], trades: [], journal: messageOf(error)}
	}
}

/** What an id can be: anything that entries name each other by. */
const ID = /^[^\s\p{C}]{1,512}$/u

/**
 * What led to an id and what came of it, through all streams, with the journal's rows. The id may be an entry's (a
 * tick's, a feature vector's), a plan's, an intent's, a trade's, an order's or a client id. Of what was trimmed long ago
 * the journal's rows are left.
 * @throws OperatorError (usage) for what cannot be one, and when neither an entry nor the journal names it
 */
export const traceId = async (home: Home, state: State, id: string): Promise<Trace> => {
	if (!ID.test(id))
		throw new OperatorError(`${quoted(id)}: expected an id of 1 to 512 characters without blanks`, {
			exit_code: EXIT_CODES.usage,
			hint: 'qt trades and qt orders show ids that can be followed',
		})
	const all = (await Promise.all(WHOLE.map(stream => traceEntries(state, stream, NEWEST)))).flat()
	let core = related(all, id)
	if (core.length === 0) {
		const seeds = await seedsInMarket(state, id)
		core = [...new Set([...seeds, ...seeds.flatMap(seed => related(all, identityOf(seed)))])]
	}
	if (core.length === 0) {
		const rows = await journalRows(home, [], id)
		if (rows.fills.length + rows.trades.length > 0) return {id, roots: [], trimmed: [], ...rows}
		const near = nearIds(all, id)
		throw new OperatorError(`no entry of any stream names ${id}`, {
			hint:
				near.length > 0
					? `did you mean ${near.join(' or ')}?`
					: 'it may be mistyped, or so old that its entries were trimmed; qt trades shows ids that can be followed',
		})
	}
	const {entries, trimmed} = await withAncestors(state, core, all)
	return {id, roots: forestOf(entries, applyResult.name), trimmed, ...(await journalRows(home, entries, id))}
}
