import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {GovernorView} from '../../daemon/client/governor.js'

export default class GovernorInit extends QtCommand<GovernorView> {
	static override summary = 'Set the governor up: killed, execution ENABLED, the mode of the system'
	static override description =
		'Trading begins only when an operator arms (qt go). What counts open positions stays as it is.'

	protected async work(): Promise<Outcome<GovernorView>> {
		await this.parse(GovernorInit)
		const [{withState}, {initGovernorOf}, {governorView}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/governor.js'),
			import('../../tui/plain/governor-view.js'),
		])
		const data = await withState(this.home, state => initGovernorOf(this.home, state, Date.now), {as: 'host'})
		return {data, text: governorView(data, this.paint, this.width)}
	}
}
