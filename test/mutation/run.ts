import {parseArgs} from 'node:util'
import {equivalents, listedAs} from './equivalents.js'
import {Judge} from './judge.js'
import {mutantsIn, type Suite, suites} from './trials.js'

const USAGE = `Usage: npm run mutate -- [--seed n] [--histories n] [--file part-of-name]

Changes each Lua script in every small way, and shows for each change the trial that noticed it. Fails when one is not
noticed and not listed as equivalent, or is listed and noticed.
  --seed       of the histories (default 1)
  --histories  how many are tried on a mutant at most (default 150, after the examples)
  --file       only scripts whose name contains this`

type Tally = {killed: number; equivalent: number; wrong: string[]}

const judgeSuite = async (suite: Suite, seed: number, histories: number, part: string): Promise<Tally> => {
	const tally: Tally = {killed: 0, equivalent: 0, wrong: []}
	const all = mutantsIn(suite)
	const mutants = all.filter(({file}) => file.includes(part))
	for (const listed of equivalents.filter(({file}) => suite.files.includes(file)))
		if (!all.some(mutant => listedAs(mutant) === listed))
			tally.wrong.push(
				`listed as equivalent, and no mutant any more: ${listed.file} ${listed.change} in ${listed.text}`,
			)
	if (mutants.length === 0) return tally
	const judge = await Judge.open(await suite.trials(seed, histories))
	try {
		for (const file of new Set(mutants.map(mutant => mutant.file))) await judge.acquit(file)
		for (const mutant of mutants) {
			const finding = await judge.findingOf(mutant)
			const listed = listedAs(mutant)
			const fate = finding ? `killed by ${finding}` : listed ? `equivalent: ${listed.reason}` : 'SURVIVED'
			const line = `${mutant.file}:${mutant.line} ${mutant.change} in ${mutant.text}`
			process.stdout.write(`${fate}\t${line}\n`)
			if (finding) tally.killed += 1
			if (finding && listed) tally.wrong.push(`listed as equivalent, and killed by ${finding}: ${line}`)
			if (!finding && listed) tally.equivalent += 1
			if (!finding && !listed) tally.wrong.push(`survived: ${line}`)
		}
	} finally {
		await judge.close()
	}
	return tally
}

const main = async (): Promise<number> => {
	const {values} = parseArgs({
		options: {
			seed: {type: 'string', default: '1'},
			histories: {type: 'string', default: '150'},
			file: {type: 'string', default: ''},
			help: {type: 'boolean', default: false},
		},
	})
	const [seed, histories] = [Number(values.seed), Number(values.histories)]
	if (values.help || !Number.isInteger(seed) || !Number.isInteger(histories) || histories < 1) {
		process.stderr.write(`${USAGE}\n`)
		return values.help ? 0 : 2
	}
	const started = performance.now()
	const tallies: Tally[] = []
	for (const suite of suites) tallies.push(await judgeSuite(suite, seed, histories, values.file))
	const wrong = tallies.flatMap(tally => tally.wrong)
	const sum = (of: 'killed' | 'equivalent') => tallies.reduce((total, tally) => total + tally[of], 0)
	process.stdout.write(`\nseed ${seed}: ${sum('killed')} killed, ${sum('equivalent')} equivalent, `)
	process.stdout.write(`${wrong.length} wrong, in ${Math.round((performance.now() - started) / 1_000)} s\n`)
	for (const line of wrong) process.stdout.write(`${line}\n`)
	return wrong.length === 0 ? 0 : 1
}

process.exitCode = await main()
