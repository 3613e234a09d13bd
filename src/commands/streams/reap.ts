import {boolean} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {SweepReport} from '../../engine/logic/stream-recovery.js'

export default class StreamsReap extends QtCommand<SweepReport> {
	static override summary = 'Remove dead consumers that hold nothing, and show what others left behind'
	static override description =
		'Nothing that is pending is ever removed. Exits with 3 when entries are abandoned or a group belongs to no unit.'
	static override flags = {'dry-run': boolean({description: 'only show what would be removed'})}

	protected async work(): Promise<Outcome<SweepReport>> {
		const {flags} = await this.parse(StreamsReap)
		const [{withState}, {reapConsumers}, {reapView}, {recoveryProblems}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/dead-consumers.js'),
			import('../../tui/plain/recovery-view.js'),
			import('../../engine/logic/stream-recovery.js'),
		])
		const dry_run = flags['dry-run']
		const data = await withState(this.home, state => reapConsumers(state, {dry_run, now_ms: Date.now()}), {
			within_ms: 60_000,
			as: 'host',
		})
		const text = reapView(data, dry_run, this.width)
		const problems = recoveryProblems(data)
		if (problems.length === 0) return {data, text}
		const message = problems.map(problem => problem.message).join('; ')
		return {data, text, code: EXIT_CODES.drift, message, hint: 'see qt status for the units'}
	}
}
