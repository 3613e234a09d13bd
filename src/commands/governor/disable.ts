import {ExecutionCommand} from '../../cli/execution-command.js'

export default class GovernorDisable extends ExecutionCommand {
	static override summary = 'Decide and record every plan, send nothing'
	static override description =
		'A dry run: exits and new stops are not sent either; stops that rest at the venue stay. It stands over restarts until qt governor enable.'
	protected readonly turn = 'disable'
}
