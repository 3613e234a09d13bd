import {string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {Imported} from '../../daemon/client/policy-import.js'

export default class PolicyImportEnv extends QtCommand<Imported> {
	static override summary = 'Import the names of the former environment, once, as a version of the policy'
	static override description =
		'Names that mean nothing here are listed. In LIVE only what tightens is taken; the rest stays and is listed.'
	static override flags = {
		file: string({description: 'NAME=value lines; left out: the environment of this command'}),
		reason: string({description: 'why, for the history', default: 'names of the former environment'}),
	}

	protected async work(): Promise<Outcome<Imported>> {
		const {flags} = await this.parse(PolicyImportEnv)
		const [{importFormer}, {operatorName}, {importedView}] = await Promise.all([
			import('../../daemon/client/policy-import.js'),
			import('../../daemon/client/killing.js'),
			import('../../tui/plain/policy-view.js'),
		])
		const options = {home: this.home, author: operatorName(), reason: flags.reason, now_ms: Date.now}
		const data = await importFormer(options, {file: flags.file, env: process.env})
		return {data, text: importedView(data, this.paint, this.width)}
	}
}
