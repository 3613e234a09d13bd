import {string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {Graph} from '../../truth/graph.js'

export default class RegistryGraph extends QtCommand<Graph> {
	static override summary = 'Draw the wiring: all of it, one stage, or the neighbours of a unit or stream'
	static override examples = [
		'<%= config.bin %> <%= command.id %> --focus governor',
		'<%= config.bin %> <%= command.id %> --target exec --format mermaid',
	]
	static override flags = {
		format: string({summary: 'how it is written', options: ['mermaid', 'dot', 'terminal'], default: 'terminal'}),
		focus: string({summary: 'a unit or a stream, with what it is connected to'}),
		target: string({summary: 'a stage'}),
	}

	protected async work(): Promise<Outcome<Graph>> {
		const {flags} = await this.parse(RegistryGraph)
		const [{chosenGraph}, {GRAPH_FORMATS, graphText}, {storedSystem}, {fitText}] = await Promise.all([
			import('../../truth/graph-choice.js'),
			import('../../truth/graph-text.js'),
			import('../../daemon/client/home.js'),
			import('../../tui/plain/width.js'),
		])
		const {focus, target} = flags
		const data = chosenGraph({focus, target}, storedSystem(this.home).prefix)
		const format = GRAPH_FORMATS.find(name => name === flags.format) ?? 'terminal'
		const text = graphText(data, format)
		return {data, text: format === 'terminal' ? fitText(text, this.width) : text}
	}
}
