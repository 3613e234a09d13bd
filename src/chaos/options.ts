import {parseArgs} from 'node:util'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {GROUPS, type Group} from './fault.js'

export const USAGE = `Usage: chaos [--seed n,m] [--minutes n] [--faults a,b] [--report file.md] [--keep] [--verbose]

Trades on PAPER in a home of its own under a seeded schedule of faults, then calms everything and checks every
guarantee by the venue's own log.
  --seed     decides the market and the faults; of several, each has its run (default 1)
  --minutes  how long faults strike, machine time (default 1)
  --faults   groups of faults: ${GROUPS.join(', ')} (default: all)
  --report   where the report goes, beside standard output
  --keep     keeps the home of the run, and says where it is, when something is wrong
  --verbose  tells each fault on standard error as it is done

Exit codes: 0 every invariant holds, 1 failure, 2 usage, 3 a violation`

/** What a run was asked to do. */
export type Options = Readonly<{
	seeds: readonly number[]
	minutes: number
	groups: readonly Group[]
	report: string | undefined
	keep: boolean
	verbose: boolean
	help: boolean
}>

const usage = (message: string): OperatorError => new OperatorError(message, {exit_code: EXIT_CODES.usage, hint: USAGE})

const numberOf = (name: string, text: string, fits: (value: number) => boolean, expected: string): number => {
	const value = Number(text)
	if (text.trim() !== '' && fits(value)) return value
	throw usage(`--${name} is ${text}; expected ${expected}`)
}

const isSeed = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
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
				keep: {type: 'boolean', default: false},
				verbose: {type: 'boolean', default: false},
				help: {type: 'boolean', default: false},
			},
		}).values
	} catch (error) {
		throw usage((error as Error).message)
	}
}

/** @throws OperatorError (usage) that names the option, what it was and what is expected */
export const optionsOf = (args: string[]): Options => {
	const {seed, minutes, faults, ...others} = parsed(args)
	return {
		...others,
		report: others.report,
		seeds: seed.split(',').map(text => numberOf('seed', text, isSeed, 'whole numbers from 0, with commas between')),
		minutes: numberOf('minutes', minutes, value => value > 0, 'a number above 0'),
		groups: faults.split(',').map(groupOf),
	}
}
