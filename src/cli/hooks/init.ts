import {ExitError} from '@oclif/core/errors'
import type {Hook} from '@oclif/core/interfaces'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {reportUnknown} from '../unknown-command.js'

/** A topic followed by a word that is none of its commands would show help and exit with 0; with `--json` help is no answer. */
const hook: Hook.Init = async ({id, argv, config}) => {
	if (id === undefined || config.findCommand(id) || !config.findTopic(id)) return
	const [word] = argv
	const json = argv.includes('--json') && !argv.includes('--help')
	if ((word === undefined || word.startsWith('-')) && !json) return
	reportUnknown([...id.split(':'), ...argv], config)
	throw new ExitError(EXIT_CODES.usage)
}

export default hook
