import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {BalanceView} from '../daemon/client/balance.js'

export default class Balance extends QtCommand<BalanceView> {
	static override summary = 'Show the wallet at the venue, and what moved it'

	protected async work(): Promise<Outcome<BalanceView>> {
		await this.parse(Balance)
		const [{withVenue}, {openJournal}, {readBalance}, {balanceView}, {asOf}] = await Promise.all([
			import('../daemon/client/venue-access.js'),
			import('../daemon/client/journal.js'),
			import('../daemon/client/balance.js'),
			import('../tui/plain/books-view.js'),
			import('../tui/plain/terms.js'),
		])
		const data = await withVenue(this.home, process.env, async desk => {
			const journal = await openJournal(this.home).catch(() => undefined)
			try {
				return await readBalance(desk, journal)
			} finally {
				await journal?.close()
			}
		})
		return {data, text: `${balanceView(data, this.paint)}\n\n${asOf('from the venue', Date.now())}`}
	}
}
