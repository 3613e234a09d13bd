import {setTimeout as pause} from 'node:timers/promises'
import {SYMBOLS} from '../daemon/system/settings.js'
import {marketTick} from '../engine/contracts/streams/market.js'
import {tradeIntent} from '../engine/contracts/streams/trade.js'
import {type Bench, spreadOf} from './bench.js'
import {Outcomes, place, refusalsText} from './hand-intents.js'
import {waysOf} from './order-ways.js'
import {OwnSystem} from './own-system.js'
import {widePolicy} from './wide-policy.js'

/** Venue time runs so much faster that eight symbols give 200 ticks in each second of the machine. */
const SPEED = 25
const TICKS_PER_S = 200
const ORDERS = 240
/** Between two intents, machine time: what is measured is the way of one order, not a queue. */
const PAUSE_MS = 100

const STEPS = [
	['intent to gate', 'to_gate'],
	['intent to plan', 'to_plan'],
	['intent to verdict', 'to_verdict'],
	['intent to accepted', 'to_accepted', 10],
	['intent to result', 'to_known'],
] as const

/** Times from the tick that caused an intent of the bot to that intent, ms. */
const ticksToIntents = async (system: OwnSystem): Promise<number[]> => {
	const ticks = new Map((await system.entries(marketTick.name)).map(({fields, stored_ms}) => [fields.id, stored_ms]))
	return (await system.entries(tradeIntent.name)).flatMap(({fields: {cause = ''}, stored_ms}) => {
		const tick = ticks.get(cause)
		return tick === undefined ? [] : [stored_ms - tick]
	})
}

const run = async (system: OwnSystem, orders: number) => {
	await system.start('--speed', String(SPEED))
	const [begun, ticks] = [performance.now(), await system.taken(marketTick.name)]
	const intents = new Map<string, number>()
	const [outcomes, refusals] = [new Outcomes(system), [] as string[]]
	for (let n = 0; n < orders; n += 1) {
		const action = Math.floor(n / SYMBOLS.length) % 2 === 0 ? 'OPEN' : 'CLOSE'
		const ids = await place(system, [{symbol: SYMBOLS[n % SYMBOLS.length] ?? '', action}])
		for (const id of ids) intents.set(id, Number(id.split('-')[0]))
		refusals.push(...(await outcomes.settled(ids)))
		await pause(PAUSE_MS)
	}
	const rate = ((await system.taken(marketTick.name)) - ticks) / ((performance.now() - begun) / 1_000)
	const ways = await waysOf(system, intents)
	return {rate, ways, refusals, ticks: await ticksToIntents(system)}
}

export const orderPath: Bench = {
	name: 'order-path',
	summary: `Intents of a hand and of the bot in a whole system, ${SYMBOLS.length} symbols.`,
	run: async ({scale}) => {
		const system = await OwnSystem.make(widePolicy(SYMBOLS))
		try {
			const orders = Math.max(SYMBOLS.length, Math.round(ORDERS * scale))
			const {rate, ways, refusals, ticks} = await run(system, orders)
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
					...refusalsText(refusals),
				],
			}
		} finally {
			await system.close()
		}
	},
}
