import {integer, string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {TradesView} from '../daemon/client/trades.js'

export default class Trades extends QtCommand<TradesView> {
	static override summary = 'List closed trades with what they cost and how well they were left, newest first'
	static override flags = {
		limit: integer({char: 'n', description: 'how many', default: 20, min: 1, max: 100_000}),
		symbol: string({description: 'of one symbol'}),
	}

	protected async work(): Promise<Outcome<TradesView>> {
		const {flags} = await this.parse(Trades)
		const [{withJournal}, {closedTrades}, {tradesView}] = await Promise.all([
			import('../daemon/client/journal.js'),
			import('../daemon/client/trades.js'),
			import('../tui/plain/books-view.js'),
		])
		const {limit, symbol} = flags
		const data = await withJournal(this.home, journal => closedTrades(this.home, journal, {limit, symbol}))
		return {data, text: tradesView(data, this.paint, this.width)}
	}
}
