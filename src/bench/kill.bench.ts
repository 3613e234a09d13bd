import {setTimeout as pause} from 'node:timers/promises'
import {z} from 'zod'
import {SYMBOLS} from '../daemon/system/settings.js'
import {readRequestLog} from '../paper-exchange/request-log.js'
import {type Bench, spreadOf} from './bench.js'
import {place} from './hand-intents.js'
import {OwnSystem} from './own-system.js'
import {widePolicy} from './wide-policy.js'

const DRILLS = 200
const SPEED = 20
/** Time under way before each kill, and time for which it is watched afterwards. */
const LOADED_MS = 300
const WATCHED_MS = 300
const WAVE_EVERY_MS = 100
const ARMED_WITHIN_MS = 30_000

const told = z.object({
	state: z.literal('HALTED'),
	durable_ms: z.number(),
	steps: z.array(z.object({name: z.string(), ms: z.number()})),
})

/** Machine times of one kill: its shell, its proof, and the moment before it was ended. */
type Killed = Readonly<{from_ms: number; durable_ms: number; confirmed_ms: number; until_ms: number}>

/** Entries and exits of every symbol, wave upon wave, whatever becomes of them. */
const load = async (system: OwnSystem, over: AbortSignal): Promise<void> => {
	for (let wave = 0; !over.aborted; wave += 1) {
		const action = wave % 2 === 0 ? ('OPEN' as const) : ('CLOSE' as const)
		await place(
			system,
			SYMBOLS.map(symbol => ({symbol, action})),
		)
		await pause(WAVE_EVERY_MS)
	}
}

/** What stands against arming passes by itself: a comparison with the venue that is due, a quote that is late. */
const armAgain = (system: OwnSystem): Promise<unknown> =>
	system.find('armed again', ARMED_WITHIN_MS, () => system.qt('go').catch(() => undefined))

const killOnce = async (system: OwnSystem): Promise<Killed> => {
	await pause(LOADED_MS)
	const from_ms = Date.now()
	const {durable_ms} = told.parse(await system.qt('kill', '--reason', 'bench'))
	const confirmed_ms = Date.now()
	await pause(WATCHED_MS)
	const until_ms = Date.now()
	await armAgain(system)
	return {from_ms, durable_ms, confirmed_ms, until_ms}
}

/** Machine times at which the venue took requests that create orders, by its own log. */
const ordersOf = ({home}: OwnSystem): readonly number[] =>
	[...readRequestLog(home.venue)].flatMap(({method, path, machine_ms}) =>
		method === 'POST' && path === '/fapi/v1/order' && typeof machine_ms === 'number' ? [machine_ms] : [],
	)

export const killing: Bench = {
	name: 'kill',
	summary: `From the shell to a confirmed kill while ${SYMBOLS.length} symbols trade as fast as they may, by the venue's own log.`,
	run: async ({scale}) => {
		const system = await OwnSystem.make(widePolicy(SYMBOLS))
		const over = new AbortController()
		try {
			await system.start('--speed', String(SPEED), '--symbols', SYMBOLS.join())
			const loading = load(system, over.signal)
			const kills: Killed[] = []
			for (let drill = 0; drill < Math.max(1, Math.round(DRILLS * scale)); drill += 1)
				kills.push(await killOnce(system))
			over.abort()
			await loading
			const orders = ordersOf(system)
			const within = (from: number, to: number) => orders.filter(ms => ms > from && ms <= to)
			const late = kills.flatMap(({confirmed_ms, until_ms}) => within(confirmed_ms, until_ms))
			if (late.length > 0) throw new Error(`${late.length} orders reached the venue after a confirmed kill`)
			const last = kills.flatMap(({from_ms, confirmed_ms}) => {
				const sent = within(from_ms, confirmed_ms).at(-1)
				return sent === undefined ? [] : [sent - from_ms]
			})
			return {
				measurements: [],
				ratios: [],
				floors: [],
				spreads: [
					spreadOf(
						'process to durable',
						'ms',
						kills.map(({durable_ms}) => durable_ms),
					),
					spreadOf('shell to last order at the venue', 'ms', last),
					spreadOf(
						'shell to confirmed',
						'ms',
						kills.map(({from_ms, confirmed_ms}) => confirmed_ms - from_ms),
					),
				],
				notes: [
					`${kills.length} kills, ${orders.length} orders; in ${last.length} of them orders came between the shell and the proof`,
					`0 orders reached the venue in the ${WATCHED_MS} ms after each confirmation, while intents went on`,
				],
			}
		} finally {
			over.abort()
			await system.close()
		}
	},
}
