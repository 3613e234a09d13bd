import {string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {EssReset as Reset} from '../../daemon/client/ess.js'

const RESET_WITHIN_MS = 10_000

export default class EssReset extends QtCommand<Reset> {
	static override summary = 'Reset the Emergency Stop System; it does not arm'
	static override description =
		'The day and the highest equity begin anew with the equity of this moment, and the row of losses is empty. Refused while another cause still stands.'
	static override flags = {reason: string({required: true, description: 'why, for the record'})}

	protected async work(): Promise<Outcome<Reset>> {
		const {flags} = await this.parse(EssReset)
		const [{withState}, {resetEss}, {operatorName}, {audited}, {essResetView}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/ess.js'),
			import('../../daemon/client/kill-steps.js'),
			import('../../daemon/client/audit.js'),
			import('../../tui/plain/ess-view.js'),
		])
		const options = {by: operatorName(), reason: flags.reason, now_ms: Date.now}
		const asked = {what: 'ess reset', why: flags.reason}
		const reset = () =>
			withState(this.home, state => resetEss(state, options), {within_ms: RESET_WITHIN_MS, as: 'operator'})
		const data = await audited(this.home, Date.now, asked, reset, ({outcome, detail, ess}) => ({
			outcome,
			after: {detail, state: ess.state, rule: ess.rule},
		}))
		return {data, text: essResetView(data, this.paint)}
	}
}
