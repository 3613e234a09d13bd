import {string} from '@oclif/core/args'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {RegistryItem} from '../../daemon/client/registry-view.js'

export default class RegistryShow extends QtCommand<RegistryItem> {
	static override summary = 'Show one unit, stream, key or stage, also by an alias or a former name'
	static override args = {name: string({description: 'its name, or the name that Redis shows', required: true})}

	protected async work(): Promise<Outcome<RegistryItem>> {
		const {args} = await this.parse(RegistryShow)
		const [{showRegistry}, {storedSystem}, {registryItemView}] = await Promise.all([
			import('../../daemon/client/registry-view.js'),
			import('../../daemon/client/home.js'),
			import('../../tui/plain/registry-view.js'),
		])
		const data = showRegistry(args.name, storedSystem(this.home).prefix)
		return {data, text: registryItemView(data)}
	}
}
