import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {GovernorView} from '../../daemon/client/governor.js'

export default class GovernorShow extends QtCommand<GovernorView> {
	static override summary = 'Show what every plan is decided by: arming, mode, execution, slots, reservations'

	protected async work(): Promise<Outcome<GovernorView>> {
		await this.parse(GovernorShow)
		const [{withState}, {showGovernor}, {governorView}, {asOf}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/governor.js'),
			import('../../tui/plain/governor-view.js'),
			import('../../tui/plain/terms.js'),
		])
		const data = await withState(this.home, state => showGovernor(this.home, state))
		return {data, text: `${governorView(data, this.paint, this.width)}\n\n${asOf('from Redis', Date.now())}`}
	}
}
