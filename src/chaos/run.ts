import {writeFile} from 'node:fs/promises'
import {cpus, loadavg} from 'node:os'
import {setTimeout as pause} from 'node:timers/promises'
import {parseArgs} from 'node:util'
import {tradeIntent} from '../engine/contracts/streams/trade.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {calm, judge} from './calm.js'
import {type Fault, GROUPS, type Group} from './fault.js'
import {faultKinds} from './fault-kinds.js'
import {Hands} from './hands.js'
import {type ChaosReport, reportText, type Struck, venueCounts, violations} from './report.js'
import {scheduleOf} from './schedule.js'
import {Stage} from './stage.js'

const USAGE = `Usage: chaos [--seed n] [--minutes n] [--faults a,b] [--report file.md] [--verbose]

Trades on PAPER in a home of its own under a seeded schedule of faults, then calms everything and checks every
guarantee by the venue's own log.
  --seed     decides the market and the faults (default 1)
  --minutes  how long faults strike, machine time (default 1)
  --faults   groups of faults: ${GROUPS.join(', ')} (default: all)
  --report   where the report goes, beside standard output
  --verbose  tells each fault on standard error as it is done

Exit codes: 0 every invariant holds, 1 failure, 2 usage, 3 a violation`

type Options = Readonly<{
	seed: number
	minutes: number
	groups: readonly Group[]
	report: string | undefined
	verbose: boolean
}>

const usage = (message: string): OperatorError => new OperatorError(message, {exit_code: EXIT_CODES.usage, hint: USAGE})

const numberOf = (name: string, text: string, fits: (value: number) => boolean, expected: string): number => {
	const value = Number(text)
	if (text.trim() !== '' && fits(value)) return value
	throw usage(`--${name} is ${text}; expected ${expected}`)
}

const isGroup = (name: string): name is Group => GROUPS.some(group => group === name)

const groupOf = (name: string): Group => {
	if (isGroup(name)) return name
	throw usage(`--faults has ${name}; expected some of ${GROUPS.join(', ')}`)
}

const parsed = (args: string[]) => {
	try {
		return parseArgs({
			args,
			options: {
				seed: {type: 'string', default: '1'},
				minutes: {type: 'string', default: '1'},
				faults: {type: 'string', default: GROUPS.join()},
				report: {type: 'string'},
				verbose: {type: 'boolean', default: false},
				help: {type: 'boolean', default: false},
			},
		}).values
	} catch (error) {
		throw usage((error as Error).message)
	}
}

const optionsOf = ({seed, minutes, faults, report, verbose}: ReturnType<typeof parsed>): Options => ({
	seed: numberOf('seed', seed, value => Number.isSafeInteger(value) && value >= 0, 'a whole number from 0'),
	minutes: numberOf('minutes', minutes, value => value > 0, 'a number above 0'),
	groups: faults.split(',').map(groupOf),
	report,
	verbose,
})

/** Strikes each fault at its time, whether the one before it is over or not; resolves when all are. */
const strikeAll = async (
	stage: Stage,
	faults: readonly Fault[],
	signal: AbortSignal,
	tell: (line: string) => void,
): Promise<Struck[]> => {
	const begun = performance.now()
	const struck: Promise<Struck>[] = []
	for (const fault of faults) {
		await pause(Math.max(0, begun + fault.at_ms - performance.now()), undefined, {signal}).catch(() => undefined)
		if (signal.aborted) break
		const {kind, process, aim} = fault
		const name = `${kind}${process ? ` ${process}` : ''}`
		const strike = faultKinds[kind]?.strike(stage, fault) ?? Promise.reject(new Error('no such fault'))
		const said = (what: string) => tell(`${(fault.at_ms / 1_000).toFixed(1)} s: ${name} at ${aim}: ${what}`)
		struck.push(
			strike.then(
				what => {
					said(what)
					return {kind: name, done: true}
				},
				(error: unknown) => {
					said(`not done: ${String(error)}`)
					return {kind: name, done: false}
				},
			),
		)
	}
	return Promise.all(struck)
}

const machineText = (): string => {
	const load = loadavg().map(value => value.toFixed(1))
	return `${cpus().length} cores, load ${load.join(', ')} at the end`
}

const play = async (
	{seed, minutes, groups, verbose}: Options,
	stage: Stage,
	signal: AbortSignal,
): Promise<ChaosReport> => {
	const tell = (line: string) => (verbose ? process.stderr.write(`${line}\n`) : undefined)
	const hands = new Hands(stage, seed)
	const [noIntents, noTending] = [new AbortController(), new AbortController()]
	const writing = hands.write(AbortSignal.any([signal, noIntents.signal]))
	const keeping = stage.operator.keep(noTending.signal)
	try {
		const faults = await strikeAll(stage, scheduleOf(seed, minutes, groups), signal, tell)
		tell('the faults are over')
		noIntents.abort()
		await writing
		await calm(stage)
		noTending.abort()
		await keeping
		tell('everything is up')
		const findings = await judge(stage, hands)
		return {
			seed,
			minutes,
			machine: machineText(),
			faults,
			intents: await stage.system.taken(tradeIntent.name),
			...venueCounts(stage.venue.log()),
			halts: stage.operator.halts.length,
			tended: Object.fromEntries(stage.operator.done),
			findings,
		}
	} finally {
		noIntents.abort()
		noTending.abort()
	}
}

const chaos = async (args: string[]): Promise<number> => {
	const values = parsed(args)
	if (values.help) {
		process.stdout.write(`${USAGE}\n`)
		return EXIT_CODES.ok
	}
	const options = optionsOf(values)
	const interrupt = new AbortController()
	for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort())
	const stage = await Stage.open(options.seed)
	try {
		const report = await play(options, stage, interrupt.signal)
		const text = reportText(report)
		process.stdout.write(text)
		if (options.report !== undefined) await writeFile(options.report, text)
		return violations(report) === 0 ? EXIT_CODES.ok : EXIT_CODES.drift
	} finally {
		await stage.close()
	}
}

try {
	process.exitCode = await chaos(process.argv.slice(2))
} catch (error) {
	const known = error instanceof OperatorError
	process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`)
	if (known && error.hint) process.stderr.write(`${error.hint}\n`)
	process.exitCode = known ? error.exit_code : EXIT_CODES.failure
}
