import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {EssView} from '../daemon/client/ess.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Ess extends QtCommand<EssView> {
	static override summary = 'Show the Emergency Stop System: its state, what caused it, and where every rule stands'
	static override description = 'Exits with 3 when nobody confirms the state any more.'

	protected async work(): Promise<Outcome<EssView>> {
		await this.parse(Ess)
		const [{withState}, {readEss}, {essView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/ess.js'),
			import('../tui/plain/ess-view.js'),
		])
		const data = await withState(this.home, state => readEss(state, Date.now))
		const text = essView(data, this.paint, this.width)
		if (!data.stale) return {data, text}
		const message = 'nobody confirms the state of the ESS any more'
		return {data, text, code: EXIT_CODES.drift, message, hint: 'see qt status'}
	}
}
