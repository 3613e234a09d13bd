import {ExecutionCommand} from '../cli/execution-command.js'

export default class Resume extends ExecutionCommand {
	static override summary = 'Let entries through again after a pause'
	static override description = 'It does not arm, and does not enable what qt governor disable has stopped.'
	protected readonly turn = 'resume'
}
