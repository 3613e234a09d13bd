import {readFile, writeFile} from 'node:fs/promises'
import {setTimeout as pause} from 'node:timers/promises'
import {parseArgs} from 'node:util'
import {parse} from 'yaml'
import {z} from 'zod'
import {endAllOnInterrupt} from '../bench/endings.js'
import {OwnSystem} from '../bench/own-system.js'
import {type VenueLine, venueStory} from '../bench/venue-story.js'
import {ControlClient} from '../daemon/client/control-client.js'
import {parseMarket} from '../daemon/client/system-choice.js'
import {tradeIntent} from '../engine/contracts/streams/trade.js'
import {messageOf} from '../engine/errors.js'
import {readRequestLog} from '../paper-exchange/request-log.js'
import {type Rehearsal, reportText} from './report.js'
import {type Tallied, Tally, talliedStreams} from './tally.js'

const USAGE = `Usage: rehearse --market <market> [--policy file.yaml] [--minutes n] [--out file.md] [--symbols A,B]
                [--tick-s n] [--step-s n]

Plays a market to its end in lock-step through the real processes, in a home of its own, and writes what happened.
  --market   as qt up takes it: synthetic:24h, candles:<dir>
  --policy   YAML file of what differs from the default policy
  --minutes  stop after so many minutes of machine time (default: at the end of the market)
  --tick-s   seconds of the market between two quotes of a symbol (default: 5; a longer market is played sooner with 15,
             for which the policy needs a data_stale_ms above that: else every quote is stale before the next one)
  --step-s   seconds of the market that are played before everything is handled (default: 5, or one tick); with more, a
             market is played sooner, and what goes by quotes decides by several at once. Fills end a step
  --out      where the report goes (default: standard output)`

const LOOK_EVERY_MS = 2_000
const policyShape = z.looseObject({policy: z.looseObject({positions_max: z.number(), notional_total_usdt: z.number()})})

const flat = (value: unknown, path: readonly string[] = []): string[] =>
	typeof value === 'object' && value !== null && !Array.isArray(value)
		? Object.entries(value).flatMap(([name, inner]) => flat(inner, [...path, name]))
		: [`${path.join('.')}: ${JSON.stringify(value)}`]

/** Counts what was added to the streams since it was last called. */
const counting = (system: OwnSystem, tally: Tally): (() => Promise<void>) => {
	const newest = new Map<string, string>()
	return async () => {
		for (const stream of talliedStreams) {
			const entries = await system.entries(stream, newest.get(stream))
			tally.take(
				stream,
				entries.map(({fields}) => fields),
			)
			const last = entries.at(-1)
			if (last) newest.set(stream, last.id)
		}
	}
}

/** Waits for the end of the market, or of the time that it is given; whether the market has ended. */
const play = async (system: OwnSystem, minutes: number, count: () => Promise<void>): Promise<boolean> => {
	const client = new ControlClient(system.home)
	const until = performance.now() + minutes * 60_000
	while (performance.now() < until) {
		const ended = (await client.status())?.lockstep?.state === 'ENDED'
		await count()
		if (ended) return true
		await pause(LOOK_EVERY_MS)
	}
	return false
}

const look = async (
	system: OwnSystem,
	market: string,
	policy: unknown,
	{tallied, ...how}: Readonly<{played: string; ended: boolean; machine_minutes: number; tallied: Tallied}>,
): Promise<Rehearsal> => {
	const log = [...readRequestLog(system.home.venue)] as unknown as VenueLine[]
	const [first, last] = [log.at(0)?.venue_ms ?? 0, log.at(-1)?.venue_ms ?? 0]
	const limits = policyShape.parse(await system.qt('policy', 'show')).policy
	const differences = z
		.looseObject({differences: z.array(z.unknown())})
		.safeParse(await system.qt('ledger', 'verify').catch(() => undefined))
	return {
		...tallied,
		market,
		policy: policy === undefined ? [] : flat(policy),
		venue_hours: (last - first) / 3_600_000,
		...how,
		intents: await system.taken(tradeIntent.name),
		venue: venueStory(log),
		positions_limit: limits.positions_max,
		notional_limit_usdt: limits.notional_total_usdt,
		ledger_differences: differences.success ? differences.data.differences.length : -1,
	}
}

/** The market, quoted that often. @throws Error for a tick that the market cannot have */
const ticking = (text: string, tick_s: number): ReturnType<typeof parseMarket> => {
	const market = parseMarket(text)
	if (market?.kind === 'synthetic' && tick_s > 0) return {...market, tick_interval_ms: tick_s * 1_000}
	if (market?.kind === 'candles' && 60 % tick_s === 0) return {...market, ticks_per_candle: 60 / tick_s}
	throw new Error(`--tick-s ${tick_s}: expected for synthetic a number above 0, for candles one that divides 60`)
}

const rehearse = async (args: string[]): Promise<void> => {
	const {values} = parseArgs({
		args,
		options: {
			market: {type: 'string'},
			policy: {type: 'string'},
			minutes: {type: 'string', default: '1000000'},
			out: {type: 'string'},
			symbols: {type: 'string'},
			'tick-s': {type: 'string'},
			'step-s': {type: 'string'},
		},
	})
	const {market, minutes, out, symbols} = values
	if (market === undefined) throw new Error(`--market is missing\n${USAGE}`)
	const policy: unknown = values.policy === undefined ? undefined : parse(await readFile(values.policy, 'utf8'))
	const {'tick-s': tick_s, 'step-s': step_s} = values
	const settings = {
		...(tick_s !== undefined && {market: ticking(market, Number(tick_s))}),
		...(step_s !== undefined && {lockstep_step_s: Number(step_s)}),
	}
	const system = await OwnSystem.make((policy ?? {}) as Readonly<Record<string, unknown>>, settings)
	const begun = performance.now()
	try {
		const chosen = symbols === undefined ? [] : ['--symbols', symbols]
		await system.qt('up', '--ports', 'ephemeral', '--speed', 'lockstep', '--market', market, ...chosen, '--go')
		const tally = new Tally()
		const ended = await play(system, Number(minutes), counting(system, tally))
		const machine_minutes = (performance.now() - begun) / 60_000
		const pace = {'--tick-s': tick_s, '--step-s': step_s}
		const played = Object.entries(pace).flatMap(([flag, value]) => (value === undefined ? [] : `${flag} ${value}`))
		const found = {played: played.join(' '), ended, machine_minutes, tallied: tally.counted}
		const report = reportText(await look(system, market.replace(/:.*\//, ':'), policy, found))
		if (out === undefined) process.stdout.write(report)
		else await writeFile(out, report)
	} finally {
		await system.close()
	}
}

endAllOnInterrupt()
try {
	await rehearse(process.argv.slice(2))
} catch (error) {
	process.stderr.write(`${messageOf(error)}\n`)
	process.exitCode = 1
}
