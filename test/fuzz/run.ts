import {parseArgs} from 'node:util'
import {Finding} from './finding.js'
import {kinds} from './kinds.js'

const USAGE = `Usage: npm run fuzz -- [--seed n] [--count n] [--kind part-of-name]

Puts malformed things before every door of the system: each must be refused with a reason, and nothing may break. Prints
what broke with its seed, and fails.
  --seed   of what is made up (default: another one each time, printed)
  --count  how many altogether (default 100000)
  --kind   only ${kinds.map(({name}) => name).join(', ')}`

const main = async (): Promise<number> => {
	const {values} = parseArgs({
		options: {
			seed: {type: 'string'},
			count: {type: 'string', default: '100000'},
			kind: {type: 'string', default: ''},
			help: {type: 'boolean', default: false},
		},
	})
	const [seed, count] = [Number(values.seed ?? Date.now() % 2 ** 31), Number(values.count)]
	const chosen = kinds.filter(({name}) => name.includes(values.kind))
	if (values.help || !Number.isInteger(seed) || !Number.isInteger(count) || count < 1 || chosen.length === 0) {
		process.stderr.write(`${USAGE}\n`)
		return values.help ? 0 : 2
	}
	process.stdout.write(`seed ${seed}, ${count} altogether\n`)
	let found = 0
	for (const {name, share, fuzz} of chosen) {
		const started = performance.now()
		try {
			const {tried, refused} = await fuzz(Math.ceil(count * share), seed)
			const seconds = ((performance.now() - started) / 1_000).toFixed(1)
			process.stdout.write(
				`${name}: ${tried} tried, ${refused} refused with a reason, nothing broke, in ${seconds} s\n`,
			)
		} catch (error) {
			if (!(error instanceof Finding)) throw error
			found += 1
			process.stdout.write(`${name}: FOUND ${error.message}\n`)
		}
	}
	return found === 0 ? 0 : 1
}

process.exitCode = await main()
