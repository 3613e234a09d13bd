import {ExecutionCommand} from '../cli/execution-command.js'

export default class Pause extends ExecutionCommand {
	static override summary = 'Stop entries and increases; exits and protective stops go on'
	static override description =
		'The governor refuses entries from now on (REDUCE_ONLY), also those that were admitted and not sent yet. It stands over restarts until qt resume, and may be repeated.'
	protected readonly turn = 'pause'
}
