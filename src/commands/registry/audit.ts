import {boolean, string} from '@oclif/core/flags'
import type {AuditOptions} from '../../audit/audit.js'
import type {Report} from '../../audit/report-schema.js'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

type RuleRow = Readonly<{name: string; severity: string; summary: string; remedy: string}>
type Data = null | Report | Readonly<{rules: readonly RuleRow[]}> | Report['registry']
const FORMATS = ['findings', 'modules', 'markdown', 'module-registry'] as const

export default class RegistryAudit extends QtCommand<Data> {
	static override summary =
		'Compare what is declared with what is found: ports, processes, streams, keys, files, positions'
	static override description =
		'Only reads. Exits with 0 when all is in order, 3 with findings, 5 when there are none and something could not be looked at. Every finding names its remedy, and a command that shows the same.'
	static override examples = [
		'<%= config.bin %> <%= command.id %>',
		'<%= config.bin %> <%= command.id %> --only foreign-port --only public-bind',
		'<%= config.bin %> <%= command.id %> --format markdown > audit.md',
	]
	static override flags = {
		only: string({multiple: true, description: 'judge by this rule alone; may be given again', exclusive: ['skip']}),
		skip: string({multiple: true, description: 'leave a rule out; may be given again'}),
		rules: boolean({description: 'list the rules'}),
		watch: boolean({
			char: 'w',
			description: 'stay and audit again every second, until Ctrl-C',
			exclusive: ['rules', 'format'],
		}),
		format: string({
			options: FORMATS,
			default: 'findings',
			description: 'findings or modules for people, a document, or JSON in the form of module_registry.json',
		}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {flags} = await this.parse(RegistryAudit)
		const [{auditRegistry, chosenRules}, views, {judgeAudit}] = await Promise.all([
			import('../../audit/audit.js'),
			import('../../tui/plain/registry-audit-view.js'),
			import('../../cli/audit-outcome.js'),
		])
		const {only, skip} = flags
		if (flags.rules) {
			const chosen = chosenRules({only, skip})
			const rules = chosen.map(({name, severity, summary, remedy}) => ({name, severity, summary, remedy}))
			return {data: {rules}, text: views.rulesView(chosen, this.paint, this.width)}
		}
		const options = {env: process.env, now_ms: Date.now, only, skip}
		if (flags.watch) {
			// A rule that does not exist is told of before the screen is cleared.
			chosenRules(options)
			return this.#watch(options)
		}
		const data = await auditRegistry(this.home, options)
		return {data, text: await this.#text(data, flags.format), ...judgeAudit(data)}
	}

	async #watch(options: AuditOptions): Promise<Outcome<Data>> {
		this.refuseJson('--watch')
		const {watchAudit} = await import('../../cli/audit-watch.js')
		await watchAudit(this.home, options)
		return {data: null, text: '', code: EXIT_CODES.interrupted}
	}

	async #text(report: Report, format: string): Promise<string> {
		if (format === 'markdown') return (await import('../../audit/markdown.js')).markdownOf(report)
		if (format === 'module-registry') return JSON.stringify(report.registry, null, 2)
		const {modulesView, registryAuditView} = await import('../../tui/plain/registry-audit-view.js')
		return format === 'modules'
			? modulesView(report, this.paint, this.width)
			: registryAuditView(report, this.paint, this.width)
	}
}
