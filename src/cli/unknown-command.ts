import type {Config} from '@oclif/core/interfaces'
import {closestName} from '../daemon/client/closest.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {type Failure, failureText, jsonText} from './envelope.js'

/** Says that a command does not exist, with the nearest that does; it is never run in its place. */
export const reportUnknown = (words: readonly string[], config: Config): void => {
	const typed = words.filter(word => !word.startsWith('-')).join(' ')
	const known = config.commandIDs.map(id => id.replaceAll(':', ' '))
	const near = closestName(typed, known) ?? closestName(typed.split(' ')[0] ?? '', known)
	const failure: Failure = {
		ok: false,
		code: EXIT_CODES.usage,
		message: `unknown command: qt ${typed || words.join(' ')}`,
		hint: near ? `did you mean qt ${near}?` : 'qt --help lists the commands',
	}
	if (words.includes('--json')) process.stdout.write(jsonText(failure))
	else process.stderr.write(failureText(failure))
	process.exitCode = failure.code
}
