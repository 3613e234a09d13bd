import type {Entry} from '../../engine/bus/bus.js'
import {idTime} from '../../engine/bus/stream-id.js'
import {keys} from '../../engine/contracts/keys.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {exchangeNormalized} from '../../engine/contracts/streams/account.js'
import {applyPlan, governorEvents, portfolioGate} from '../../engine/contracts/streams/trade.js'
import {messageOf} from '../../engine/errors.js'
import {contractReading} from '../../engine/logic/contract-reading.js'
import type {HealthReading, RedisLook, UnplannedOrder} from '../../engine/logic/health.js'
import {openingOrders} from '../../engine/logic/planless-orders.js'
import {infoFields} from '../../engine/logic/redis-info.js'
import {streams} from '../../engine/registry.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import type {Clock} from '../../engine/runtime/clock.js'
import {streamEntries, streamPages} from '../client/stream-pages.js'
import {type Asking, askDaemon} from './daemon-status.js'
import type {Environment} from './environment.js'

type Needs = Asking & Pick<Environment, 'bus' | 'naming' | 'log' | 'signal'> & Readonly<{clock: Pick<Clock, 'machine'>}>

const PAGE = 500
/** Events of the venue that one look reads; the next one goes on there. */
const ORDERS_MAX = 4 * PAGE
/** How long before its order a plan may have been written, machine time: it is refused long before that. */
const PLAN_WITHIN_MS = 600_000
/** First words of the governor on a plan: what it says of its reservation later is no decision. */
const DECISIONS = ['ALLOW', 'REFUSE', 'REPEAT']

const readRedis = async ({bus, clock}: Needs): Promise<RedisLook> => {
	const asked_ms = clock.machine()
	const info = infoFields(`${await bus.redis.info('persistence')}\n${await bus.redis.info('memory')}`)
	const answer_ms = clock.machine() - asked_ms
	return {
		answer_ms,
		aof_enabled: info.get('aof_enabled') === '1',
		aof_write: info.get('aof_last_write_status'),
		maxmemory_policy: info.get('maxmemory_policy'),
	}
}

const newest = ({bus, naming}: Needs, {name}: StreamContract, count: number): Promise<readonly Entry[]> =>
	bus.range(naming.stream(name), {count, newest_first: true})

const decidedAt = async (needs: Needs): Promise<number | undefined> => {
	const [gates, verdicts] = await Promise.all([newest(needs, portfolioGate, 1), newest(needs, governorEvents, PAGE)])
	const decisions = [...gates, ...verdicts.filter(({fields}) => DECISIONS.includes(fields.verdict ?? ''))]
	const times = decisions.map(({fields}) => Number(fields.ts)).filter(Number.isFinite)
	return times.length === 0 ? undefined : Math.max(...times)
}

/** Of these plans, those that were not written shortly before `order_id`. */
const withoutPlan = async (
	needs: Needs,
	orders: ReturnType<typeof openingOrders>,
	range: Readonly<{from_ms: number}>,
): Promise<readonly UnplannedOrder[]> => {
	const missing = new Map(orders.map(order => [order.plan_id, order]))
	const from = String(Math.max(0, range.from_ms - PLAN_WITHIN_MS))
	for await (const page of streamPages(needs, applyPlan, {from, newest_first: true, page: PAGE})) {
		for (const {fields} of page) missing.delete(fields.plan_id ?? '')
		if (missing.size === 0) break
	}
	return [...missing.values()].map(({client_id, symbol}) => ({client_id, symbol}))
}

/** Orders since the cursor. The first look begins with what is new: `qt audit flow` proves what was before. */
const readOrders = async (needs: Needs, cursor: string): Promise<Pick<HealthReading, 'unplanned' | 'cursor'>> => {
	if (cursor === '') {
		const [last] = await newest(needs, exchangeNormalized, 1)
		return {unplanned: [], cursor: last?.id ?? '0-0'}
	}
	const entries = await streamEntries(needs, exchangeNormalized, {from: `(${cursor}`, page: PAGE, max: ORDERS_MAX})
	const orders = openingOrders(entries)
	const from_ms = idTime(entries[0]?.id ?? cursor)
	const unplanned = orders.length === 0 ? [] : await withoutPlan(needs, orders, {from_ms})
	return {unplanned, cursor: entries.at(-1)?.id ?? cursor}
}

const readHealth = async (needs: Needs, cursor: string): Promise<HealthReading> => {
	const {bus, naming, log, signal} = needs
	const [status, redis, reconciled, kill, armed, decided_venue_ms, orders] = await Promise.all([
		askDaemon(needs, signal).catch((error: unknown) => {
			log.warn({error: messageOf(error)}, 'the daemon does not answer')
			return undefined
		}),
		readRedis(needs),
		bus.hashGet(naming.key(keys.reconcileLast, {}), 'machine_ms'),
		bus.get(naming.key(keys.kill, {})),
		bus.hashGet(naming.key(keys.arm, {}), 'armed'),
		decidedAt(needs),
		readOrders(needs, cursor),
	])
	return {
		units: status?.units.map(({name, state, reason, stale_ms = null}) => ({name, state, reason, stale_ms})),
		...{redis, decided_venue_ms, ...orders},
		reconciled_ms: reconciled === undefined ? undefined : Number(reconciled),
		armed: kill === '0' && armed === '1',
	}
}

export const coreHealthAdapters = (environment: Needs): UnitAdapters => ({
	feeds: {},
	effects: {
		look: {perform: request => readHealth(environment, (request as Readonly<{cursor: string}>).cursor)},
	},
})

export const contractCheckAdapters = (environment: Needs): UnitAdapters => ({
	feeds: {},
	effects: {
		check: {
			perform: async request => {
				const {count} = request as Readonly<{count: number}>
				const readings = []
				for (const stream of streams) readings.push(contractReading(stream, await newest(environment, stream, count)))
				return readings
			},
		},
	},
})
