import type {Report} from '../../../audit/report-schema.js'
import {QtCommand} from '../../../cli/base-command.js'
import type {Outcome} from '../../../cli/envelope.js'

type Data = NonNullable<Report['baseline']> & Pick<Report, 'not_looked_at'>

export default class RegistryBaselineDiff extends QtCommand<Data> {
	static override summary = 'Show what is otherwise now than in the saved baseline'
	static override description =
		'Exits with 3 when something changed, 4 before a baseline was saved, 5 when nothing changed as far as could be looked.'

	protected async work(): Promise<Outcome<Data>> {
		await this.parse(RegistryBaselineDiff)
		const [{auditRegistry}, {diffBaseline}, {readBaseline}, {baselineView}, {OperatorError}, {EXIT_CODES}] =
			await Promise.all([
				import('../../../audit/audit.js'),
				import('../../../audit/baseline.js'),
				import('../../../audit/baseline-file.js'),
				import('../../../tui/plain/registry-audit-view.js'),
				import('../../../engine/errors.js'),
				import('../../../engine/exit-codes.js'),
			])
		const baseline = readBaseline(this.home)
		if (!baseline)
			throw new OperatorError(`no baseline was saved in ${this.home.root}`, {
				exit_code: EXIT_CODES.needs_input,
				hint: 'save one while all is in order: qt registry baseline save; qt status shows whether it is',
			})
		const report = await auditRegistry(this.home, {env: process.env, now_ms: Date.now})
		const {not_looked_at} = report
		const differences = diffBaseline(baseline, report)
		const data = {saved_at: baseline.saved_at, differences, not_looked_at}
		const text = baselineView(data, this.width)
		const hint = 'qt registry audit judges what is there now; qt status shows the units'
		if (differences.length > 0)
			return {data, text, code: EXIT_CODES.drift, message: `${differences.length} facts changed`, hint}
		if (not_looked_at.length === 0) return {data, text}
		const message = `not everything could be looked at: ${not_looked_at.map(({part, why}) => `${part}: ${why}`).join('; ')}`
		return {data, text, code: EXIT_CODES.unreachable, message, hint}
	}
}
