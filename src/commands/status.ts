import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {SystemStatus} from '../daemon/client/system-status.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

const judge = ({state, units}: SystemStatus): Pick<Outcome<unknown>, 'code' | 'message' | 'hint'> => {
	if (state === 'UNSUPERVISED')
		return {
			code: EXIT_CODES.drift,
			message: 'processes run, and no daemon watches over them',
			hint: 'qt up takes them over, qt kill stops all sending',
		}
	const failed = units.filter(unit => unit.state === 'FAILED').map(({name}) => name)
	return failed.length === 0
		? {}
		: {code: EXIT_CODES.drift, message: `FAILED: ${failed.join(', ')}`, hint: 'see qt logs, then qt reset <unit>'}
}

export default class Status extends QtCommand<SystemStatus> {
	static override summary = 'Show what runs, which stages are open, and whether orders can be sent'
	static override description =
		'Exits with 3 when a unit is FAILED, or when processes run on after their daemon has gone. A stopped system is none of that.'
	static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

	protected async work(): Promise<Outcome<SystemStatus>> {
		await this.parse(Status)
		const {readStatus} = await import('../daemon/client/system-status.js')
		const data = await readStatus(this.home)
		const judged = judge(data)
		if (this.jsonEnabled()) return {data, text: '', ...judged}
		const {statusView} = await import('../tui/plain/status-view.js')
		return {data, text: statusView(data, Date.now(), this.paint, this.width), ...judged}
	}
}
