import {writeFile} from 'node:fs/promises'
import {cpus, loadavg} from 'node:os'
import {governorEvents, tradeIntent} from '../engine/contracts/streams/trade.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {calm, judge} from './calm.js'
import {entriesOf} from './flow-audit.js'
import {Hands} from './hands.js'
import {type Options, optionsOf, USAGE} from './options.js'
import {type ChaosReport, reportText, venueCounts, violations} from './report.js'
import {scheduleOf} from './schedule.js'
import {Stage} from './stage.js'
import {strikeAll} from './strike-all.js'

const machineText = (): string => {
	const load = loadavg().map(value => value.toFixed(1))
	return `${cpus().length} cores, load ${load.join(', ')} at the end`
}

const verdictsOf = async (stage: Stage): Promise<Record<string, number>> => {
	const counts: Record<string, number> = {}
	for (const {verdict, reason = ''} of await entriesOf(stage, governorEvents.name))
		if (verdict === 'ALLOW' || verdict === 'REFUSE') counts[reason] = (counts[reason] ?? 0) + 1
	return counts
}

const play = async (
	{minutes, groups, verbose}: Options,
	seed: number,
	stage: Stage,
	signal: AbortSignal,
): Promise<ChaosReport> => {
	const tell = (line: string) => (verbose ? process.stderr.write(`${line}\n`) : undefined)
	const hands = new Hands(stage, seed)
	const [noIntents, noTending] = [new AbortController(), new AbortController()]
	const writing = hands.write(AbortSignal.any([signal, noIntents.signal]))
	const keeping = stage.operator.keep(noTending.signal)
	try {
		const faults = await strikeAll(stage, scheduleOf(seed, minutes, groups), {minutes, signal, tell})
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
			intents: (await entriesOf(stage, tradeIntent.name)).length,
			...venueCounts(stage.venue.log()),
			halts: stage.operator.halts.length,
			verdicts: await verdictsOf(stage),
			tended: Object.fromEntries(stage.operator.done),
			findings,
		}
	} finally {
		noIntents.abort()
		noTending.abort()
	}
}

const run = async (options: Options, seed: number, signal: AbortSignal): Promise<ChaosReport> => {
	const stage = await Stage.open(seed)
	let whole = false
	try {
		const report = await play(options, seed, stage, signal)
		whole = violations(report) === 0
		return report
	} finally {
		const keep = options.keep && !whole
		await stage.close(keep)
		if (keep) process.stderr.write(`what the run left lies in ${stage.home.root}\n`)
	}
}

const chaos = async (args: string[]): Promise<number> => {
	const options = optionsOf(args)
	if (options.help) {
		process.stdout.write(`${USAGE}\n`)
		return EXIT_CODES.ok
	}
	const interrupt = new AbortController()
	// Heard each time: execa ends a process at once that has no listener of its own left.
	for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort())
	const texts: string[] = []
	let found = 0
	for (const seed of options.seeds) {
		if (interrupt.signal.aborted) break
		const report = await run(options, seed, interrupt.signal)
		found += violations(report)
		texts.push(reportText(report))
		process.stdout.write(texts.at(-1) ?? '')
		if (options.report !== undefined) await writeFile(options.report, texts.join('\n'))
	}
	return found === 0 ? EXIT_CODES.ok : EXIT_CODES.drift
}

try {
	process.exitCode = await chaos(process.argv.slice(2))
} catch (error) {
	const known = error instanceof OperatorError
	process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`)
	if (known && error.hint) process.stderr.write(`${error.hint}\n`)
	process.exitCode = known ? error.exit_code : EXIT_CODES.failure
}
