import {readFile, writeFile} from 'node:fs/promises'
import {setTimeout as pause} from 'node:timers/promises'
import {parseArgs} from 'node:util'
import {parse} from 'yaml'
import {z} from 'zod'
import {OwnSystem} from '../bench/own-system.js'
import {type VenueLine, venueStory} from '../bench/venue-story.js'
import {ControlClient} from '../daemon/client/control-client.js'
import {parseMarket} from '../daemon/client/system-choice.js'
import {alerts} from '../engine/contracts/streams/ops.js'
import {
	applyResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate,
	tradeClosed,
	tradeIntent,
} from '../engine/contracts/streams/trade.js'
import {messageOf} from '../engine/errors.js'
import {add} from '../engine/logic/exact.js'
import {readRequestLog} from '../paper-exchange/request-log.js'
import {type Rehearsal, reportText} from './report.js'

const USAGE = `Usage: rehearse --market <market> [--policy file.yaml] [--minutes n] [--out file.md] [--symbols A,B] [--tick-s n]

Plays a market to its end in lock-step through the real processes, in a home of its own, and writes what happened.
  --market   as qt up takes it: synthetic:24h, candles:<dir>
  --policy   YAML file of what differs from the default policy
  --minutes  stop after so many minutes of machine time (default: at the end of the market)
  --tick-s   seconds of the market between two quotes of a symbol (default: 5; a longer market is played sooner with 15)
  --out      where the report goes (default: standard output)`

const LOOK_EVERY_MS = 2_000
const policyShape = z.looseObject({policy: z.looseObject({positions_max: z.number(), notional_total_usdt: z.number()})})
type Fields = Readonly<Record<string, string>>

const counted = (names: Iterable<string>): Record<string, number> => {
	const counts: Record<string, number> = {}
	for (const name of names) counts[name] = (counts[name] ?? 0) + 1
	return counts
}

const flat = (value: unknown, path: readonly string[] = []): string[] =>
	typeof value === 'object' && value !== null && !Array.isArray(value)
		? Object.entries(value).flatMap(([name, inner]) => flat(inner, [...path, name]))
		: [`${path.join('.')}: ${JSON.stringify(value)}`]

/** Waits for the end of the market, or of the time that it is given; whether the market has ended. */
const play = async (system: OwnSystem, minutes: number): Promise<boolean> => {
	const client = new ControlClient(system.home)
	const until = performance.now() + minutes * 60_000
	while (performance.now() < until) {
		if ((await client.status())?.lockstep?.state === 'ENDED') return true
		await pause(LOOK_EVERY_MS)
	}
	return false
}

const fieldsOf = async (system: OwnSystem, stream: string): Promise<Fields[]> =>
	(await system.entries(stream)).map(({fields}) => fields)

const asked = z.looseObject({source: z.string(), action: z.string()})
const authorOf = (plan: string): string => {
	const {source, action} = asked.parse(JSON.parse(plan))
	return `${source}: ${action}`
}

const MOVES = ['REPLACE_STOP', 'MOVE_SL_BE', 'TRAIL_UPDATE']

const look = async (
	system: OwnSystem,
	market: string,
	policy: unknown,
	{ended, machine_minutes}: Readonly<{ended: boolean; machine_minutes: number}>,
): Promise<Rehearsal> => {
	const [gate, refused, events, results, closed, told] = await Promise.all(
		[portfolioGate, intentDeadLetter, governorEvents, applyResult, tradeClosed, alerts].map(({name}) =>
			fieldsOf(system, name),
		),
	)
	const of = (rows: readonly Fields[] = [], name: string, keep: (row: Fields) => boolean = () => true) =>
		counted(rows.filter(keep).map(row => row[name] ?? ''))
	const log = [...readRequestLog(system.home.venue)] as unknown as VenueLine[]
	const [first, last] = [log.at(0)?.venue_ms ?? 0, log.at(-1)?.venue_ms ?? 0]
	const limits = policyShape.parse(await system.qt('policy', 'show')).policy
	const differences = z
		.looseObject({differences: z.array(z.unknown())})
		.safeParse(await system.qt('ledger', 'verify').catch(() => undefined))
	return {
		market,
		policy: policy === undefined ? [] : flat(policy),
		venue_hours: (last - first) / 3_600_000,
		machine_minutes,
		ended,
		intents: await system.taken(tradeIntent.name),
		portfolio_gate: of(gate, 'reason'),
		bridge: of(refused, 'reason'),
		governor: of(events, 'reason', ({verdict}) => verdict === 'ALLOW' || verdict === 'REFUSE'),
		results: counted((results ?? []).map(({decision = '', error = ''}) => (error === '' ? decision : error))),
		allowed: counted((events ?? []).flatMap(({plan}) => (plan === undefined ? [] : [authorOf(plan)]))),
		exits: of(closed, 'exit_reason'),
		moves: of(results, 'action', ({action = '', decision}) => MOVES.includes(action) && decision === 'EXECUTED'),
		trades: closed?.length ?? 0,
		net_usdt: add('0', ...(closed ?? []).map(({net_pnl = '0'}) => net_pnl)),
		venue: venueStory(log),
		positions_limit: limits.positions_max,
		notional_limit_usdt: limits.notional_total_usdt,
		ledger_differences: differences.success ? differences.data.differences.length : -1,
		alerts: of(told, 'code'),
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
		},
	})
	const {market, minutes, out, symbols} = values
	if (market === undefined) throw new Error(`--market is missing\n${USAGE}`)
	const policy: unknown = values.policy === undefined ? undefined : parse(await readFile(values.policy, 'utf8'))
	const tick_s = values['tick-s']
	const settings = tick_s === undefined ? undefined : {market: ticking(market, Number(tick_s))}
	const system = await OwnSystem.make((policy ?? {}) as Readonly<Record<string, unknown>>, settings)
	const begun = performance.now()
	try {
		const chosen = symbols === undefined ? [] : ['--symbols', symbols]
		await system.qt('up', '--ports', 'ephemeral', '--speed', 'lockstep', '--market', market, ...chosen, '--go')
		const ended = await play(system, Number(minutes))
		const machine_minutes = (performance.now() - begun) / 60_000
		const report = reportText(await look(system, market.replace(/:.*\//, ':'), policy, {ended, machine_minutes}))
		if (out === undefined) process.stdout.write(report)
		else await writeFile(out, report)
	} finally {
		await system.close()
	}
}

try {
	await rehearse(process.argv.slice(2))
} catch (error) {
	process.stderr.write(`${messageOf(error)}\n`)
	process.exitCode = 1
}
