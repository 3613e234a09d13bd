import {string} from '@oclif/core/args'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {Restored} from '../../daemon/client/journal-backup.js'

export default class LedgerRestore extends QtCommand<Restored> {
	static override summary = 'Put a backup in the place of the trade journal; the one that was there is kept'
	static override description =
		'Only while the system is down. A file that is broken or does not balance is refused, with what is wrong with it. What was booked after the backup is missing then: qt ledger verify names it.'
	static override args = {file: string({description: 'written by qt ledger backup', required: true})}

	protected async work(): Promise<Outcome<Restored>> {
		const {args} = await this.parse(LedgerRestore)
		const [{restoreJournal}, {journalLine}] = await Promise.all([
			import('../../daemon/client/journal-backup.js'),
			import('../../tui/plain/books-view.js'),
		])
		const data = await restoreJournal(this.home, args.file, Date.now())
		const kept = data.before === '' ? 'there was no journal before' : `the one before is ${data.before}`
		return {data, text: `restored: ${journalLine(data.restored)}\n${kept}\nqt up, then qt ledger rebuild and verify`}
	}
}
