import {setTimeout as pause} from 'node:timers/promises'
import {z} from 'zod'
import {SYMBOLS} from '../daemon/system/settings.js'
import {NEVER_PLACED_MS} from '../engine/exchange/exchange-limits.js'
import {createsOrders, readRequestLog} from '../paper-exchange/request-log.js'
import {type Bench, type BenchResult, spreadOf} from './bench.js'
import {place} from './hand-intents.js'
import {type KillSeen, seeKill} from './kill-sight.js'
import {OwnSystem} from './own-system.js'
import {widePolicy} from './wide-policy.js'

const DRILLS = 200
const SPEED = 20
/** Time under way before each kill, and time for which it is watched afterwards. */
const LOADED_MS = 300
const WATCHED_MS = 300
/** After the last one: whatever was signed before it could still be taken up within the receive window. */
const WATCHED_LAST_MS = NEVER_PLACED_MS
const WAVE_EVERY_MS = 100
const ARMED_WITHIN_MS = 30_000

const told = z.object({state: z.literal('HALTED'), durable_ms: z.number()})

/** Of one kill, ms from its shell on; and machine times of its shell, its proof, and the moment before it was ended. */
type Killed = KillSeen &
	Readonly<{told_ms: number; shell_ms: number; from_ms: number; confirmed_ms: number; until_ms: number}>

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

const killOnce = async (system: OwnSystem, watched_ms: number): Promise<Killed> => {
	await pause(LOADED_MS)
	const [from_ms, begun] = [Date.now(), performance.now()]
	const killing = system.qt('kill', '--reason', 'bench')
	const [seen, report] = await Promise.all([seeKill(system, begun), killing])
	const [confirmed_ms, shell_ms] = [Date.now(), performance.now() - begun]
	const {durable_ms: told_ms} = told.parse(report)
	await pause(watched_ms)
	const until_ms = Date.now()
	await armAgain(system)
	return {...seen, told_ms, shell_ms, from_ms, confirmed_ms, until_ms}
}

type Creation = Readonly<{machine_ms: number; what: string}>

/** Requests that create orders as they reached the venue, by its own log, whatever came of them. */
const creationsAt = ({home}: OwnSystem): readonly Creation[] =>
	[...readRequestLog(home.venue)].flatMap(line => {
		const {method, path, machine_ms, params, http} = line
		if (!createsOrders({method, path}) || typeof machine_ms !== 'number') return []
		return [{machine_ms, what: `${method} ${path} ${JSON.stringify(params)}: HTTP ${http}`}]
	})

const LATE_NAMED = 3

const resultOf = (kills: readonly Killed[], creations: readonly Creation[]): BenchResult => {
	const within = (from: number, to: number) => creations.filter(({machine_ms}) => machine_ms > from && machine_ms <= to)
	const late = kills.map(({confirmed_ms, until_ms}) =>
		within(confirmed_ms, until_ms).map(({machine_ms, what}) => `${machine_ms - confirmed_ms} ms after a kill: ${what}`),
	)
	const quiet = late.filter(({length}) => length === 0).length
	const last = kills.flatMap(({from_ms, confirmed_ms}) => {
		const sent = within(from_ms, confirmed_ms).at(-1)
		return sent === undefined ? [] : [sent.machine_ms - from_ms]
	})
	const spread = (name: string, of: (killed: Killed) => number) => spreadOf(name, 'ms', kills.map(of))
	return {
		measurements: [],
		ratios: [],
		floors: [{name: 'kills and no order after', value: quiet, unit: `of ${kills.length}`, floor: kills.length}],
		spreads: [
			spread('shell to durable, both places', ({file_ms, redis_ms}) => Math.max(file_ms, redis_ms)),
			spread('shell to the file', ({file_ms}) => file_ms),
			spread('process to durable', ({told_ms}) => told_ms),
			spreadOf('shell to last request sent', 'ms', last),
			spread('shell to confirmed', ({shell_ms}) => shell_ms),
		],
		notes: [
			`${kills.length} kills, ${creations.length} requests that create orders; in ${last.length} of the kills some came between the shell and the proof`,
			`${late.flat().length} reached the venue in the ${WATCHED_MS} ms after each confirmation and the ${WATCHED_LAST_MS} ms after the last, while intents went on`,
			...late.flat().slice(0, LATE_NAMED),
		],
	}
}

export const killing: Bench = {
	name: 'kill',
	summary: `From the shell to a confirmed kill while ${SYMBOLS.length} symbols trade as fast as they may, by the venue's own log.`,
	run: async ({scale}) => {
		const system = await OwnSystem.make(widePolicy(SYMBOLS))
		const over = new AbortController()
		try {
			await system.start('--speed', String(SPEED), '--symbols', SYMBOLS.join())
			const loading = load(system, over.signal)
			loading.catch(() => over.abort())
			const kills: Killed[] = []
			const drills = Math.max(1, Math.round(DRILLS * scale))
			for (let drill = 1; drill <= drills; drill += 1)
				kills.push(await killOnce(system, drill === drills ? WATCHED_LAST_MS : WATCHED_MS))
			over.abort()
			await loading
			return resultOf(kills, creationsAt(system))
		} finally {
			over.abort()
			await system.close()
		}
	},
}
