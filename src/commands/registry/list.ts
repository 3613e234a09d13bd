import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {RegistryView} from '../../daemon/client/registry-view.js'

export default class RegistryList extends QtCommand<RegistryView> {
	static override summary = 'List everything that is declared: units, streams, keys'

	protected async work(): Promise<Outcome<RegistryView>> {
		await this.parse(RegistryList)
		const [{listRegistry}, {registryView}] = await Promise.all([
			import('../../daemon/client/registry-view.js'),
			import('../../tui/plain/registry-view.js'),
		])
		const data = listRegistry()
		return {data, text: registryView(data, this.width)}
	}
}
