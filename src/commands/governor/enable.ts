import {ExecutionCommand} from '../../cli/execution-command.js'

export default class GovernorEnable extends ExecutionCommand {
	static override summary = 'Let orders out again after a disable'
	static override description = 'A pause from before stands until qt resume. It does not arm.'
	protected readonly turn = 'enable'
}
