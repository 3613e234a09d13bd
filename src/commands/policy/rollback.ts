import {integer as integerArgument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {Applied} from '../../daemon/client/policy.js'

export default class PolicyRollback extends QtCommand<Applied> {
	static override summary = 'Put an older version in force again, as a new version'
	static override description =
		'History is kept: nothing is taken away. It takes effect at once where the system runs. In LIVE whatever does not only tighten asks for a phrase.'
	static override args = {version: integerArgument({required: true, min: 1, description: 'the version to go back to'})}
	static override flags = {
		reason: string({required: true, description: 'why, for the history'}),
		confirm: string({description: 'the phrase that was asked for (LIVE)'}),
	}

	protected async work(): Promise<Outcome<Applied>> {
		const {args, flags} = await this.parse(PolicyRollback)
		const [{rollBackPolicy}, {operatorName}, {appliedView}] = await Promise.all([
			import('../../daemon/client/policy.js'),
			import('../../daemon/client/killing.js'),
			import('../../tui/plain/policy-view.js'),
		])
		const options = {home: this.home, author: operatorName(), now_ms: Date.now, ...flags}
		const data = await rollBackPolicy(options, args.version)
		return {data, text: appliedView(data, this.paint, this.width)}
	}
}
