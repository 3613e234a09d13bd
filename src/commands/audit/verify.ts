import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {AuditProof} from '../../engine/logic/audit-chain.js'

export default class AuditVerify extends QtCommand<AuditProof> {
	static override summary = 'Prove that the audit log is as it was written'
	static override description =
		'Exits with 3 and names the line at which it is broken, or from which on its tail is missing.'

	protected async work(): Promise<Outcome<AuditProof>> {
		await this.parse(AuditVerify)
		const [{auditProof}, {auditProofView}] = await Promise.all([
			import('../../daemon/client/audit.js'),
			import('../../tui/plain/audit-view.js'),
		])
		const data = auditProof(this.home)
		const text = auditProofView(data, this.paint)
		if (!data.broken) return {data, text}
		const {line, why} = data.broken
		const message = `${this.home.audit} is broken at line ${line}: it ${why}`
		const hint =
			'nothing arms until that is settled: compare it with a copy, or move it and audit-head.json away and keep both'
		return {data, text, code: EXIT_CODES.drift, message, hint}
	}
}
