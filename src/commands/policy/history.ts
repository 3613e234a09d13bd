import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {PolicyHistory as History} from '../../daemon/client/policy.js'

export default class PolicyHistory extends QtCommand<History> {
	static override summary = 'List the versions of the policy, newest first: when, by whom, from where, why'

	protected async work(): Promise<Outcome<History>> {
		await this.parse(PolicyHistory)
		const [{policyHistory}, {policyHistoryView}] = await Promise.all([
			import('../../daemon/client/policy.js'),
			import('../../tui/plain/policy-view.js'),
		])
		const data = await policyHistory(this.home)
		return {data, text: policyHistoryView(data, this.width)}
	}
}
