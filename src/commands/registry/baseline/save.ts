import {QtCommand} from '../../../cli/base-command.js'
import type {Outcome} from '../../../cli/envelope.js'

type Data = Readonly<{path: string; saved_at: string; facts: number}>

export default class RegistryBaselineSave extends QtCommand<Data> {
	static override summary = 'Keep what is found now, for later comparison'
	static override description =
		'Written whole or not at all, into the home, readable by its owner alone. Exits with 5, and writes nothing, when something could not be looked at.'

	protected async work(): Promise<Outcome<Data>> {
		await this.parse(RegistryBaselineSave)
		const [{auditRegistry}, {baselineOf}, {baselinePath, saveBaseline}, {OperatorError}, {EXIT_CODES}] =
			await Promise.all([
				import('../../../audit/audit.js'),
				import('../../../audit/baseline.js'),
				import('../../../audit/baseline-file.js'),
				import('../../../engine/errors.js'),
				import('../../../engine/exit-codes.js'),
			])
		const report = await auditRegistry(this.home, {env: process.env, now_ms: Date.now})
		const unseen = report.not_looked_at.filter(({part}) => part !== 'baseline')
		if (unseen.length > 0)
			throw new OperatorError(
				`no baseline was saved: ${unseen.map(({part, why}) => `${part} could not be looked at: ${why}`).join('; ')}`,
				{exit_code: EXIT_CODES.unreachable, hint: 'see qt status; qt up starts the system'},
			)
		const baseline = baselineOf(report)
		saveBaseline(this.home, baseline)
		const facts = Object.keys(baseline.facts).length
		const path = baselinePath(this.home)
		const {length} = report.findings
		const with_findings = length === 0 ? '' : `, ${length} findings among them`
		return {
			data: {path, saved_at: baseline.saved_at, facts},
			text: `${facts} facts${with_findings} in ${path}`,
		}
	}
}
