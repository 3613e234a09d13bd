import type {Entry} from '../../engine/bus/bus.js'
import {idTime} from '../../engine/bus/stream-id.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {reconcileClose} from '../../engine/contracts/streams/account.js'
import {features, marketKlines, marketTick} from '../../engine/contracts/streams/market.js'
import {executorCommands} from '../../engine/contracts/streams/portfolio.js'
import {
	applyPlan,
	applyPlanManual,
	applyResult,
	classOf,
	governorEvents,
	portfolioGate,
	tradeIntent,
} from '../../engine/contracts/streams/trade.js'
import type {Link, OrderWay} from '../../engine/logic/latency-chain.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {findEntry} from '../client/stream-pages.js'
import type {Environment} from './environment.js'

type Needs = Pick<Environment, 'bus' | 'naming'>

/** Entries of one stream that are searched for a cause, and in what pages. */
const SEARCHED = {page: 500, max: 4_000} as const
/** Newest results among which the newest order that opened something is looked for. */
const RESULTS = 100
/** How long before an entry its cause may have been written, machine time. */
const CAUSE_WITHIN_MS = 60_000
const MARKET: readonly StreamContract[] = [features, marketKlines, marketTick]

/** Where the cause of an entry of a stream may lie, the likeliest first. */
const CAUSES = new Map<StreamContract, readonly StreamContract[]>([
	[applyResult, [governorEvents]],
	[governorEvents, [applyPlan]],
	[applyPlan, [portfolioGate, applyPlanManual, executorCommands, reconcileClose]],
	[portfolioGate, [tradeIntent]],
	[tradeIntent, MARKET],
	[features, [marketKlines]],
])

type Found = Readonly<{stream: StreamContract; entry: Entry}>

const findIn = (needs: Needs, stream: StreamContract, id: string, before_id: string): Promise<Entry | undefined> => {
	const to_ms = idTime(before_id)
	const span = {from: String(Math.max(0, to_ms - CAUSE_WITHIN_MS)), to: String(to_ms), newest_first: true, ...SEARCHED}
	return findEntry(needs, stream, span, entry => (entry.fields.id ?? entry.id) === id)
}

const causeOf = async (needs: Needs, {stream, entry}: Found): Promise<Found | undefined> => {
	const {cause} = entry.fields
	if (!cause) return undefined
	for (const candidate of CAUSES.get(stream) ?? []) {
		const found = await findIn(needs, candidate, cause, entry.id)
		if (found) return {stream: candidate, entry: found}
	}
	return undefined
}

const opened = ({fields}: Entry): boolean => {
	const {action} = applyResult.payload.shape
	const read = action.safeParse(fields.action)
	return fields.decision === 'EXECUTED' && read.success && classOf(read.data) === 'ENTRY'
}

const newestWay = async (needs: Needs, except: string): Promise<OrderWay | null> => {
	const {bus, naming} = needs
	const results = await bus.range(naming.stream(applyResult.name), {count: RESULTS, newest_first: true})
	const result = results.find(opened)
	const plan_id = result?.fields.plan_id
	if (!result || plan_id === undefined || plan_id === except) return null
	const way: Found[] = [{stream: applyResult, entry: result}]
	for (let first = way[0]; first; ) {
		first = await causeOf(needs, first)
		if (first) way.unshift(first)
	}
	const links = way.map(({stream, entry}): Link => ({stream: stream.name, stream_id: entry.id}))
	const answered = Number(result.fields.latency_ms)
	return {
		...{plan_id, links},
		from_market: MARKET.some(({name}) => name === links[0]?.stream),
		venue_ms: Number.isFinite(answered) ? answered : null,
	}
}

export const latencyAdapters = (environment: Needs): UnitAdapters => ({
	feeds: {},
	effects: {
		newest: {perform: request => newestWay(environment, (request as Readonly<{except: string}>).except)},
	},
})
