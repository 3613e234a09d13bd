import {string} from '@oclif/core/flags'
import type {ExecutionReport, Turn} from '../daemon/client/execution.js'
import {QtCommand} from './base-command.js'
import type {Outcome} from './envelope.js'

/** A command that turns the execution switch one way. */
export abstract class ExecutionCommand extends QtCommand<ExecutionReport> {
	static override flags = {reason: string({description: 'why, for the record and for whoever comes next'})}
	protected abstract readonly turn: Turn

	protected async work(): Promise<Outcome<ExecutionReport>> {
		const {flags} = await this.parse(this.ctor as typeof ExecutionCommand)
		const [{withState}, {turnExecution}, {operatorName}, {turnView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/execution.js'),
			import('../daemon/client/killing.js'),
			import('../tui/plain/execution-view.js'),
		])
		const {turn} = this
		const reason = flags.reason || `qt ${(this.id ?? turn).replaceAll(':', ' ')}`
		const options = {turn, by: operatorName(), reason, now_ms: Date.now}
		const data = await withState(this.home, state => turnExecution(state, options))
		return {data, text: turnView(data, this.paint)}
	}
}
