import {string as stringArgument} from '@oclif/core/args'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {PolicyDiff as Diff} from '../../daemon/client/policy.js'

export default class PolicyDiff extends QtCommand<Diff> {
	static override summary = 'Show what differs between versions or files, and whether it tightens or loosens'
	static override description =
		'With one file or version: from the policy in force to it. With two: from the first to the second. With none: to policy.yaml of the home.'
	static override args = {
		from: stringArgument({description: 'a YAML file or the number of a version'}),
		to: stringArgument({description: 'a YAML file or the number of a version'}),
	}

	protected async work(): Promise<Outcome<Diff>> {
		const {args} = await this.parse(PolicyDiff)
		const [{diffPolicy}, {policyDiffView}] = await Promise.all([
			import('../../daemon/client/policy.js'),
			import('../../tui/plain/policy-view.js'),
		])
		const words = [args.from, args.to].filter(word => word !== undefined)
		const data = diffPolicy(this.home, words)
		return {data, text: policyDiffView(data, this.paint, this.width)}
	}
}
