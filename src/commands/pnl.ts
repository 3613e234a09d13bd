import {string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {Grouping, PnlView} from '../daemon/client/pnl.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

const GROUPINGS = ['day', 'symbol', 'strategy'] as const satisfies readonly Grouping[]

export default class Pnl extends QtCommand<PnlView> {
	static override summary = 'Show what was earned and what it cost: realised, fees and funding apart'
	static override description =
		'From the ledger, whose totals are those of qt ledger verify. Days are UTC, venue time. Exits with 3 when a day differs from the venue’s own income.'
	static override flags = {
		by: string({description: 'grouping', options: GROUPINGS, default: 'day'}),
	}

	protected async work(): Promise<Outcome<PnlView>> {
		const {flags} = await this.parse(Pnl)
		const by = GROUPINGS.find(name => name === flags.by) ?? 'day'
		const [{withJournal}, {openState}, {readPnl}, {pnlView}] = await Promise.all([
			import('../daemon/client/journal.js'),
			import('../daemon/client/state.js'),
			import('../daemon/client/pnl.js'),
			import('../tui/plain/pnl-view.js'),
		])
		// Only the streams know whose plan a trade was; else the ledger suffices.
		const state = await openState(this.home).catch((error: unknown) => {
			if (by === 'strategy') throw error
			return undefined
		})
		try {
			const data = await withJournal(this.home, journal => readPnl(journal, state, by))
			const text = pnlView(data, this.paint, this.width)
			if (data.differences === 0) return {data, text}
			const message = `${data.differences} rows of the venue differ from the ledger`
			return {data, text, code: EXIT_CODES.drift, message, hint: 'see qt ledger verify'}
		} finally {
			await state?.close()
		}
	}
}
