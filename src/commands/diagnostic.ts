import {string} from '@oclif/core/args'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {Diagnostic as Written} from '../daemon/client/diagnostic.js'

export default class Diagnostic extends QtCommand<Written> {
	static override summary =
		'Write one file for a bug report: status, settings, policy, streams, alerts, logs; without secrets'
	static override description = 'Works with the system up or down: what cannot be read is named in it.'
	static override args = {file: string({description: 'that does not exist yet', required: true})}

	protected async work(): Promise<Outcome<Written>> {
		const {args} = await this.parse(Diagnostic)
		const [{writeDiagnostic}, {diagnosticView}] = await Promise.all([
			import('../daemon/client/diagnostic.js'),
			import('../tui/plain/diagnostic-view.js'),
		])
		const data = await writeDiagnostic(this.home, args.file, process.env)
		return {data, text: diagnosticView(data)}
	}
}
