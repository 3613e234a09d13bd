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
		const [{withState}, {turnExecution}, {operatorName}, {audited}, {turnView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/execution.js'),
			import('../daemon/client/kill-steps.js'),
			import('../daemon/client/audit.js'),
			import('../tui/plain/execution-view.js'),
		])
		const {turn} = this
		const reason = flags.reason || `qt ${(this.id ?? turn).replaceAll(':', ' ')}`
		const options = {turn, by: operatorName(), reason, now_ms: Date.now}
		const asked = {what: this.id?.replaceAll(':', ' ') ?? turn, why: reason}
		const turned = () => withState(this.home, state => turnExecution(state, options), {as: 'operator'})
		const data = await audited(this.home, Date.now, asked, turned, ({state, execution, before}) => ({
			outcome: state,
			before: {execution: before},
			after: {execution},
		}))
		return {data, text: turnView(data, this.paint)}
	}
}
