import {string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {FlowAudit as Data} from '../../daemon/client/flow-reading.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

export default class AuditFlow extends QtCommand<Data> {
	static override summary = 'Count every intent and command to its one recorded outcome, and list what is open'
	static override description =
		'Exits with 3 when something ended twice, was never asked for, or has been without an outcome for too long.'
	static override flags = {
		since: string({description: 'only what was asked for since: 90m, 24h, 7d, or an instant in UTC'}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {flags} = await this.parse(AuditFlow)
		const [{withState}, {readFlow}, {flowView}, {sinceMs}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/flow-reading.js'),
			import('../../tui/plain/flow-view.js'),
			import('../../daemon/client/time-span.js'),
		])
		const since_ms = flags.since === undefined ? 0 : sinceMs(flags.since, Date.now())
		const data = await withState(this.home, state => readFlow(this.home, state, since_ms), {within_ms: 60_000})
		const text = flowView(data, this.paint, this.width)
		const {length} = data.findings
		if (length === 0) return {data, text}
		const message = `the flow has ${length} ${length === 1 ? 'finding' : 'findings'}`
		return {data, text, code: EXIT_CODES.drift, message, hint: 'follow an id: qt trace <id>'}
	}
}
