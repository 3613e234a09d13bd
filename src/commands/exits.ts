import {string} from '@oclif/core/args'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {ExitsView} from '../daemon/client/exits.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Exits extends QtCommand<ExitsView> {
	static override summary =
		'Show how an open position is left: its stops, targets and kill score, and who owns its exit'
	static override description = 'Exits with 3 when the owner of the exit has fallen silent.'
	static override args = {
		symbol: string({description: 'of the position, such as BTCUSDT', required: true}),
	}

	protected async work(): Promise<Outcome<ExitsView>> {
		const {args} = await this.parse(Exits)
		const [{withState}, {readExits}, {exitsView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/exits.js'),
			import('../tui/plain/exits-view.js'),
		])
		const data = await withState(this.home, state => readExits(this.home, state, args.symbol, Date.now))
		const text = exitsView(data, this.paint, this.width)
		if (!data.open || !data.stale) return {data, text}
		const message = `exitbrain no longer speaks of ${data.symbol}: exit-monitor acts at its own levels`
		return {data, text, code: EXIT_CODES.drift, message, hint: 'see qt status'}
	}
}
