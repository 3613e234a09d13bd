import {integer} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {PolicyShown} from '../../daemon/client/policy.js'

export default class PolicyShow extends QtCommand<PolicyShown> {
	static override summary = 'Show the risk policy as YAML, each field with its meaning, unit and default'
	static override flags = {version: integer({description: 'an older version', min: 1})}

	protected async work(): Promise<Outcome<PolicyShown>> {
		const {flags} = await this.parse(PolicyShow)
		const [{showPolicy}, {policyYaml}] = await Promise.all([
			import('../../daemon/client/policy.js'),
			import('../../tui/plain/policy-view.js'),
		])
		const data = showPolicy(this.home, flags.version)
		return {data, text: policyYaml(data)}
	}
}
