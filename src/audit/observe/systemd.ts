import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {isMissing, messageOf} from '../../engine/errors.js'
import {absent, type Part, type SystemdUnit, seen, unseen} from '../observed.js'
import {joinUnits, parseUnitFiles, parseUnits} from '../systemd-units.js'

const run = promisify(execFile)
const WITHIN_MS = 5_000
const PATTERN = 'quantum-*'
const PLAIN = ['--no-legend', '--no-pager', '--full'] as const

const ask = async (...words: readonly string[]): Promise<string> =>
	(await run('systemctl', [...words, ...PLAIN, PATTERN], {timeout: WITHIN_MS, env: {...process.env, LC_ALL: 'C'}}))
		.stdout

/** `list-unit-files` ends with 1 and says nothing where no file fits the pattern. */
const askFiles = async (): Promise<string> =>
	ask('list-unit-files').catch((error: unknown) => {
		const silent =
			error instanceof Error && 'stderr' in error && error.stderr === '' && 'code' in error && error.code === 1
		if (silent) return ''
		throw error
	})

/** A container: the program is there, and what it asks is not. */
const NOT_BOOTED = /not been booted with systemd|Failed to connect to bus/

/** Services, targets and timers of our name; `absent` where this machine is not run by systemd. */
export const observeSystemd = async (): Promise<Part<readonly SystemdUnit[]>> => {
	try {
		// First what needs a systemd that runs: it says whether there is one.
		const units = await ask('list-units', '--all', '--plain')
		const files = await askFiles()
		return seen(joinUnits(parseUnits(units), parseUnitFiles(files)))
	} catch (error) {
		if (isMissing(error)) return absent('this machine has no systemctl')
		const message = messageOf(error)
		return NOT_BOOTED.test(message) ? absent('this machine was not started by systemd') : unseen(message)
	}
}
