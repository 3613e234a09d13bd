import {setTimeout as pause} from 'node:timers/promises'
import {keys} from '../engine/contracts/keys.js'
import {marketTick} from '../engine/contracts/streams/market.js'
import {applyPlan, applyResult, governorEvents, tradeIntent} from '../engine/contracts/streams/trade.js'
import {clientIds} from '../engine/logic/client-id.js'
import {type Bench, spreadOf} from './bench.js'
import {OwnSystem, type StoredEntry} from './own-system.js'

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT', 'AVAXUSDT', 'LINKUSDT', '币安人生USDT']
/** Venue time runs so much faster that eight symbols give 200 ticks in each second of the machine. */
const SPEED = 25
const TICKS_PER_S = 200
const ORDERS = 240
/** Between two intents, machine time: what is measured is the way of one order, not a queue. */
const PAUSE_MS = 100
const ANSWER_MS = 20_000
const NOTIONAL_USDT = 150

const STEPS = [
	['intent to plan', 'to_plan'],
	['intent to verdict', 'to_verdict'],
	['intent to accepted', 'to_accepted', 10],
	['intent to result', 'to_known'],
] as const

/** Limits out of the way, so that every intent becomes an order; the bot of the ai stage decides each minute. */
const policy = {
	bar: '1m',
	intent_source: 'autonomous-trader',
	notional_total_usdt: 10_000,
	entries_per_hour_max: 10_000,
	entries_per_5m_max: 10_000,
	cooldown_ms: 0,
	exit_monitor: {target: 0.9, stop: 0.9, trailing: 0.9, trailing_from: 0.9},
}

const place = async (system: OwnSystem, symbol: string, n: number): Promise<string> => {
	const opens = Math.floor(n / SYMBOLS.length) % 2 === 0
	const {bid} = await system.hash(keys.marketQuote, {symbol})
	const id = await system.write(tradeIntent.name, {
		symbol,
		side: opens ? 'BUY' : 'SELL',
		action: opens ? 'OPEN' : 'CLOSE',
		qty: (NOTIONAL_USDT / Number(bid)).toPrecision(8),
		leverage: 5,
		confidence: 0.9,
		strategy: 'bench',
	})
	return id ?? ''
}

/** Waits until the newest plan has its result, so that orders follow one another as in a quiet market. */
const settled = async (system: OwnSystem, intent_id: string): Promise<void> => {
	const plan = await system.find(`the plan of intent ${intent_id}`, ANSWER_MS, async () =>
		(await system.entries(applyPlan.name)).findLast(({fields}) => fields.intent_id === intent_id),
	)
	await system.find(`the result of plan ${plan.fields.plan_id}`, ANSWER_MS, async () =>
		(await system.entries(applyResult.name)).findLast(({fields}) => fields.plan_id === plan.fields.plan_id),
	)
}

type Way = Readonly<{to_plan: number; to_verdict: number; to_accepted: number; to_known: number}>

/** The ways of the orders that the venue accepted, from their intents on, ms: by its own log, and by our result. */
const waysOf = async (system: OwnSystem, intents: ReadonlyMap<string, number>): Promise<Way[]> => {
	const [plans, verdicts, results] = await Promise.all(
		[applyPlan, governorEvents, applyResult].map(({name}) => system.entries(name)),
	)
	const byPlan = (entries: readonly StoredEntry[] = [], fits: (entry: StoredEntry) => boolean) =>
		new Map(entries.filter(fits).map(entry => [entry.fields.plan_id, entry.stored_ms]))
	const taken = await system.ordersTaken()
	const allowed = byPlan(verdicts, ({fields}) => fields.verdict === 'ALLOW')
	const known = byPlan(results, ({fields}) => fields.decision === 'EXECUTED')
	return (plans ?? []).flatMap(({stored_ms, fields: {intent_id = '', plan_id = ''}}) => {
		const begun = intents.get(intent_id)
		const [verdict, order, result] = [allowed.get(plan_id), taken.get(clientIds.market(plan_id)), known.get(plan_id)]
		if (begun === undefined || verdict === undefined || order === undefined || result === undefined) return []
		return [
			{
				to_plan: stored_ms - begun,
				to_verdict: verdict - begun,
				to_accepted: order - begun,
				to_known: result - begun,
			},
		]
	})
}

/** Times from the tick that caused an intent of the bot to that intent, ms. */
const ticksToIntents = async (system: OwnSystem): Promise<number[]> => {
	const ticks = new Map((await system.entries(marketTick.name)).map(({fields, stored_ms}) => [fields.id, stored_ms]))
	return (await system.entries(tradeIntent.name)).flatMap(({fields: {cause = ''}, stored_ms}) => {
		const tick = ticks.get(cause)
		return tick === undefined ? [] : [stored_ms - tick]
	})
}

const run = async (system: OwnSystem, orders: number) => {
	await system.qt('up', '--ports', 'ephemeral', '--speed', String(SPEED), '--go')
	const [begun, ticks] = [performance.now(), await system.taken(marketTick.name)]
	const intents = new Map<string, number>()
	for (let n = 0; n < orders; n += 1) {
		const id = await place(system, SYMBOLS[n % SYMBOLS.length] ?? '', n)
		intents.set(id, Number(id.split('-')[0]))
		await settled(system, id)
		await pause(PAUSE_MS)
	}
	const rate = ((await system.taken(marketTick.name)) - ticks) / ((performance.now() - begun) / 1_000)
	const ways = await waysOf(system, intents)
	return {rate, ways, ticks: await ticksToIntents(system)}
}

export const orderPath: Bench = {
	name: 'order-path',
	summary: `Intents of a hand and of the bot in a whole system, ${SYMBOLS.length} symbols.`,
	run: async ({scale}) => {
		const system = await OwnSystem.make(policy)
		try {
			const orders = Math.max(SYMBOLS.length, Math.round(ORDERS * scale))
			const {rate, ways, ticks} = await run(system, orders)
			return {
				measurements: [],
				ratios: [],
				floors: [],
				spreads: [
					spreadOf('tick to intent', 'ms', ticks, 10),
					...STEPS.map(([name, step, ceiling]) => {
						const times = ways.map(way => way[step])
						return spreadOf(name, 'ms', times, ceiling)
					}),
				],
				notes: [
					`${Math.round(rate)} ticks/s while it ran (asked for: ${TICKS_PER_S}), ${ways.length} of ${orders} orders accepted`,
				],
			}
		} finally {
			await system.close()
		}
	},
}
