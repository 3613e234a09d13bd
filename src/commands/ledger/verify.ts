import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {LedgerVerdict} from '../../engine/logic/ledger-verify.js'

export default class LedgerVerify extends QtCommand<LedgerVerdict> {
	static override summary = 'Compare the ledger with the venue’s own income and wallet, to the last decimal'
	static override description = 'Exits with 3 and names each difference when they disagree.'

	protected async work(): Promise<Outcome<LedgerVerdict>> {
		await this.parse(LedgerVerify)
		const [{withVenue}, {withJournal}, {verifyBooks}, {storedSystem}, {ledgerView}] = await Promise.all([
			import('../../daemon/client/venue-access.js'),
			import('../../daemon/client/journal.js'),
			import('../../daemon/client/books.js'),
			import('../../daemon/client/home.js'),
			import('../../tui/plain/books-view.js'),
		])
		let told = false
		const onWaiting = (rows: number) => {
			if (!told) this.say(`the venue has just booked ${rows} rows; waiting for them to reach the ledger`)
			told = true
		}
		const whole_history = storedSystem(this.home).mode === 'PAPER'
		const data = await withVenue(this.home, process.env, desk =>
			withJournal(this.home, journal => verifyBooks({desk, journal, whole_history, onWaiting})),
		)
		const text = ledgerView(data, this.paint, this.width)
		if (data.ok) return {data, text}
		const message = `the ledger and the venue differ in ${data.differences.length} places`
		return {data, text, code: EXIT_CODES.drift, message, hint: 'follow an id: qt trace <id>'}
	}
}
