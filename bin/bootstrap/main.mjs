import {join} from 'node:path'
import {build, buildIsStale} from './build.mjs'
import {exclusively} from './lock.mjs'
import {installPackages, packagesDiffer} from './packages.mjs'
import {Interrupted, run} from './processes.mjs'
import {findRedis, installRedis} from './redis.mjs'
import {BootstrapError, exitCodes, say} from './report.mjs'

/** What each verb starts once everything is in place; extra arguments follow. Build starts nothing. */
const verbs = {
	start: {
		about: 'start the system on its synthetic market, armed on paper, with a live view',
		program: ['bin/run.js', 'up', '--mode', 'paper', '--go', '--watch'],
	},
	test: {about: 'run the tests', program: ['node_modules/vitest/vitest.mjs', 'run']},
	bench: {about: 'measure', program: ['dist/bench/run.js']},
	rehearse: {about: 'play a market in lock-step and report', program: ['dist/rehearsal/run.js']},
	chaos: {about: 'trade under a seeded schedule of faults and check every guarantee', program: ['dist/chaos/run.js']},
	build: {about: 'only install packages and compile'},
}

const usage = `Usage: node bin/bootstrap.mjs ${Object.keys(verbs).join('|')} [args…]

Brings a fresh clone to where it runs: installs packages, compiles, finds or
installs a Redis server; each only when needed. Then:

${Object.entries(verbs)
	.map(([verb, {about}]) => `  ${verb.padEnd(8)} ${about}`)
	.join('\n')}

Arguments after the verb go to what it starts.

Environment: QT_REDIS_BIN   the Redis or Valkey server to use
Exit codes:  0 ok, 1 failure, 2 usage, 5 something is missing that cannot be
             installed from here; else that of the program started
`

async function prepare(root, needsRedis) {
	const lacksRedis = () => needsRedis && !findRedis()
	if (!lacksRedis() && !packagesDiffer(root) && !buildIsStale(root)) return
	await exclusively(root, async () => {
		if (lacksRedis()) await installRedis()
		const otherPackages = packagesDiffer(root)
		if (otherPackages) await installPackages(root, otherPackages)
		const stale = buildIsStale(root)
		if (stale) await build(root, stale)
	})
}

async function prepareAndRun(root, [verb, ...args]) {
	const {program} = verbs[verb]
	await prepare(root, program !== undefined)
	if (!program) return exitCodes.ok
	const [file, ...leading] = program
	const {code} = await run(process.execPath, [join(root, file), ...leading, ...args], {cwd: root})
	return code
}

/** Does what the arguments say and resolves with the exit code. */
export async function main(root, argv) {
	const [verb] = argv
	if (verb === '--help' || verb === '-h' || verb === 'help') {
		process.stdout.write(usage)
		return exitCodes.ok
	}
	if (!Object.hasOwn(verbs, verb ?? '')) {
		say(verb === undefined ? 'what to do is missing' : `unknown: ${verb}`)
		process.stderr.write(usage)
		return exitCodes.usage
	}
	try {
		return await prepareAndRun(root, argv)
	} catch (error) {
		if (error instanceof Interrupted) return error.code
		if (!(error instanceof BootstrapError)) throw error
		say(error.message)
		say(error.remedy)
		return error.exitCode
	}
}
