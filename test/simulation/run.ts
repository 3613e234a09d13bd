import {parseArgs} from 'node:util'
import * as fc from 'fast-check'
import {judged, type Played} from './judgement.js'
import {story} from './steps.js'

const USAGE = `Usage: npm run simulate -- [--seed n] [--stories n]

Plays random stories of the order path: intents, crashes at any call, answers that are lost, forged permits; each judged
by the venue's own log. Prints the shortest story that breaks a guarantee, and fails.
  --seed     of the stories (default: another one each time, printed)
  --stories  how many (default 2000)`

const main = async (): Promise<number> => {
	const {values} = parseArgs({
		options: {
			seed: {type: 'string'},
			stories: {type: 'string', default: '2000'},
			help: {type: 'boolean', default: false},
		},
	})
	const [seed, stories] = [Number(values.seed ?? Date.now() % 2 ** 31), Number(values.stories)]
	if (values.help || !Number.isInteger(seed) || !Number.isInteger(stories) || stories < 1) {
		process.stderr.write(`${USAGE}\n`)
		return values.help ? 0 : 2
	}
	process.stdout.write(`seed ${seed}, ${stories} stories\n`)
	const sum = {stories: 0, orders: 0, deaths: 0}
	const words = new Map<string, number>()
	const note = ({orders, deaths, words: met}: Played) => {
		sum.stories += 1
		sum.orders += orders
		sum.deaths += deaths
		for (const word of met) words.set(word, (words.get(word) ?? 0) + 1)
		if (sum.stories % 100 === 0)
			process.stdout.write(`${sum.stories} stories, ${sum.orders} orders, ${sum.deaths} deaths of processes\n`)
	}
	const property = fc.asyncProperty(story, async steps => note(await judged(steps)))
	const details = await fc.check(property, {seed, numRuns: stories, endOnFailure: true})
	if (details.failed)
		process.stdout.write(`${fc.defaultReportMessage(details) ?? 'failed'}\n${String(details.errorInstance)}\n`)
	else {
		process.stdout.write(
			`every guarantee held: ${sum.orders} orders, ${sum.deaths} deaths of processes; stories that met\n`,
		)
		for (const [word, count] of [...words].sort(([, a], [, b]) => b - a)) process.stdout.write(`${count}\t${word}\n`)
	}
	return details.failed ? 1 : 0
}

process.exitCode = await main()
