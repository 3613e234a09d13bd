import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {LimitsView} from '../daemon/client/limits.js'

export default class Limits extends QtCommand<LimitsView> {
	static override summary = 'Show each limit of the policy, what is used of it now, and who set it'
	static override description = 'Limits as the policy of this home has them; what is used as the governor counts it.'

	protected async work(): Promise<Outcome<LimitsView>> {
		await this.parse(Limits)
		const [{withState}, {readLimits}, {limitsView}, {asOf}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/limits.js'),
			import('../tui/plain/limits-view.js'),
			import('../tui/plain/terms.js'),
		])
		const data = await withState(this.home, state => readLimits(this.home, state, Date.now))
		return {data, text: `${limitsView(data, this.paint, this.width)}\n\n${asOf('from Redis', Date.now())}`}
	}
}
