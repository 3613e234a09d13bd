import {string as stringArgument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {Applied} from '../../daemon/client/policy.js'

export default class PolicyApply extends QtCommand<Applied> {
	static override summary = 'Make a file the next version of the policy'
	static override description =
		'A file with problems changes nothing. The version takes effect at once where the system runs, else at its start. In LIVE whatever does not only tighten asks for a phrase.'
	static override args = {file: stringArgument({required: true, description: 'a YAML file'})}
	static override flags = {
		reason: string({required: true, description: 'why, for the history'}),
		confirm: string({description: 'the phrase that was asked for (LIVE)'}),
	}

	protected async work(): Promise<Outcome<Applied>> {
		const {args, flags} = await this.parse(PolicyApply)
		const [{applyPolicy}, {operatorName}, {appliedView}] = await Promise.all([
			import('../../daemon/client/policy.js'),
			import('../../daemon/client/killing.js'),
			import('../../tui/plain/policy-view.js'),
		])
		const options = {home: this.home, author: operatorName(), now_ms: Date.now, ...flags}
		const data = await applyPolicy(options, args.file)
		return {data, text: appliedView(data, this.paint, this.width)}
	}
}
