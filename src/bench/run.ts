import {parseArgs} from 'node:util'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import type {BenchResult} from './bench.js'
import {benches} from './benches.js'
import {endAllOnInterrupt} from './endings.js'
import {startPrivateRedis} from './private-redis.js'
import {holds, reportOf, table} from './report.js'

const USAGE = `Usage: bench [--only name]… [--json] [--scale share] [--rounds n]

Measures, with a Redis server of its own; figures of one run stand side by side.
  --only    ${Object.keys(benches).join(' | ')}
  --json    prints JSON instead of a table
  --scale   share of the full size, such as 0.1 for a quick look (default 1)
  --rounds  rounds of each contender, of which the median counts (default 3)

Exit codes: 0 every floor is kept, 1 failure, 2 usage, 3 below a floor`

const positive = (name: string, text: string): number => {
	const value = Number(text)
	if (value > 0) return value
	throw new OperatorError(`--${name} is ${text}; expected a number above 0`, {exit_code: EXIT_CODES.usage})
}

const optionsOf = (args: string[]) => {
	try {
		return parseArgs({
			args,
			options: {
				only: {type: 'string', multiple: true, default: Object.keys(benches)},
				json: {type: 'boolean', default: false},
				help: {type: 'boolean', default: false},
				scale: {type: 'string', default: '1'},
				rounds: {type: 'string', default: '3'},
			},
		}).values
	} catch (error) {
		throw new OperatorError((error as Error).message, {exit_code: EXIT_CODES.usage, hint: USAGE})
	}
}

const measure = async (args: string[]): Promise<number> => {
	const {only, json, help, ...sizes} = optionsOf(args)
	if (help) {
		process.stdout.write(`${USAGE}\n`)
		return EXIT_CODES.ok
	}
	const [scale, rounds] = [positive('scale', sizes.scale), Math.ceil(positive('rounds', sizes.rounds))]
	const results: Record<string, BenchResult> = {}
	for (const name of only) {
		const load = benches[name]
		if (!load)
			throw new OperatorError(`there is no bench ${name}; there are: ${Object.keys(benches).join(', ')}`, {
				exit_code: EXIT_CODES.usage,
			})
		const bench = await load()
		process.stderr.write(`${name}: ${bench.summary}\n`)
		const redis = await startPrivateRedis()
		const begun = performance.now()
		try {
			results[name] = await bench.run({redis_url: redis.url, scale, rounds})
			process.stderr.write(`${name}: took ${((performance.now() - begun) / 1_000).toFixed(1)} s\n`)
		} finally {
			await redis.stop()
		}
	}
	const report = reportOf(results)
	process.stdout.write(`${json ? JSON.stringify(report, null, '\t') : table(report)}\n`)
	return holds(report) ? EXIT_CODES.ok : EXIT_CODES.drift
}

endAllOnInterrupt()
try {
	process.exitCode = await measure(process.argv.slice(2))
} catch (error) {
	const known = error instanceof OperatorError
	process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`)
	if (known && error.hint) process.stderr.write(`${error.hint}\n`)
	process.exitCode = known ? error.exit_code : EXIT_CODES.failure
}
