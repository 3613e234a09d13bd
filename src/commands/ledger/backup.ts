import {string} from '@oclif/core/args'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {Backup} from '../../daemon/client/journal-backup.js'

export default class LedgerBackup extends QtCommand<Backup> {
	static override summary = 'Copy the trade journal as of one instant into a file, also while the system runs'
	static override args = {file: string({description: 'that does not exist yet', required: true})}

	protected async work(): Promise<Outcome<Backup>> {
		const {args} = await this.parse(LedgerBackup)
		const [{backUpJournal}, {journalLine}] = await Promise.all([
			import('../../daemon/client/journal-backup.js'),
			import('../../tui/plain/books-view.js'),
		])
		const data = await backUpJournal(this.home, args.file)
		return {data, text: `backed up: ${journalLine(data.backup)}`}
	}
}
