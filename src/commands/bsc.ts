import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {BscView} from '../daemon/client/bsc.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Bsc extends QtCommand<BscView> {
	static override summary =
		'Show the Baseline Safety Controller, which disarms by itself on a few rules of its own, and the watch over the ESS'
	static override description = 'Exits with 3 when one of the two has stopped looking.'

	protected async work(): Promise<Outcome<BscView>> {
		await this.parse(Bsc)
		const [{withState}, {readBsc}, {bscView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/bsc.js'),
			import('../tui/plain/bsc-view.js'),
		])
		const data = await withState(this.home, state => readBsc(state, Date.now))
		const text = bscView(data, this.paint, this.width)
		if (!data.stale) return {data, text}
		const message = 'one of the independent guards has stopped looking'
		return {data, text, code: EXIT_CODES.drift, message, hint: 'see qt status: bsc and ess-watch must run'}
	}
}
