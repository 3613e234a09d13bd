import {boolean, integer, string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import {FLOW_BY, type FlowBy} from '../daemon/client/flow-by.js'
import type {FlowRates} from '../daemon/client/flow-rates.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

const MINUTES_MAX = 1_440

export default class Flow extends QtCommand<FlowRates | null> {
	static override summary = 'Count intents by what they came to and why, minute by minute'
	static override description =
		'Of the last minutes of machine time; the sums are those of qt audit flow --since over the same time.'
	static override flags = {
		minutes: integer({description: 'how far back', default: 60, min: 1, max: MINUTES_MAX}),
		by: string({description: 'what rows are told apart by', options: [...FLOW_BY], default: 'reason'}),
		watch: boolean({description: 'look on until Ctrl-C', default: false}),
	}

	protected async work(): Promise<Outcome<FlowRates | null>> {
		const {flags} = await this.parse(Flow)
		const by = FLOW_BY.find(name => name === flags.by) ?? FLOW_BY[0]
		return flags.watch ? this.#watch(flags.minutes, by) : this.#once(flags.minutes, by)
	}

	async #once(minutes: number, by: FlowBy): Promise<Outcome<FlowRates>> {
		const [{withState}, {FlowWindow}, {flowRatesView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/flow-window.js'),
			import('../tui/plain/flow-rates-view.js'),
		])
		const data = await withState(this.home, state => new FlowWindow(minutes, by).look(state), {within_ms: 60_000})
		return {data, text: flowRatesView(data, this.paint, this.width)}
	}

	async #watch(minutes: number, by: FlowBy): Promise<Outcome<null>> {
		this.refuseJson('--watch')
		const {watchFlow} = await import('../cli/flow-watch.js')
		await watchFlow(this.home, minutes, by)
		return {data: null, text: '', code: EXIT_CODES.interrupted}
	}
}
