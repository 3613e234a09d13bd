import {integer} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {AuditLine} from '../../engine/logic/audit-chain.js'

const LAST = 20

type AuditRecords = Readonly<{records: readonly AuditLine[]}>

export default class AuditLog extends QtCommand<AuditRecords> {
	static override summary = 'Show who armed, stopped and changed what, and why'
	static override description = 'The newest last. Works with the daemon and Redis down; qt audit verify proves the log.'
	static override flags = {last: integer({description: 'how many records', default: LAST, min: 1})}

	protected async work(): Promise<Outcome<AuditRecords>> {
		const {flags} = await this.parse(AuditLog)
		const [{auditLog}, {auditView}] = await Promise.all([
			import('../../daemon/client/audit.js'),
			import('../../tui/plain/audit-view.js'),
		])
		const records = auditLog(this.home, flags.last)
		return {data: {records}, text: auditView(records, this.paint, this.width)}
	}
}
