import {string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {Rebuilt} from '../../daemon/client/ledger-rebuild.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

export default class LedgerRebuild extends QtCommand<Rebuilt> {
	static override summary = 'Derive the ledger in Redis anew from the journal, and compare it with the venue'
	static override description =
		'After the loss of Redis this happens by itself at the start. The process that keeps the books is started anew. Exits with 3 when the books and the venue differ afterwards.'
	static override flags = {reason: string({required: true, description: 'why, for the record'})}

	protected async work(): Promise<Outcome<Rebuilt>> {
		const {flags} = await this.parse(LedgerRebuild)
		const [{rebuildLedger}, {operatorName}, {ledgerView}] = await Promise.all([
			import('../../daemon/client/ledger-rebuild.js'),
			import('../../daemon/client/killing.js'),
			import('../../tui/plain/books-view.js'),
		])
		const onStep = (line: string) => this.say(line)
		const by = operatorName()
		const data = await rebuildLedger(this.home, process.env, {by, reason: flags.reason, now_ms: Date.now, onStep})
		const text = `${data.symbols} books rebuilt\n${ledgerView(data.verdict, this.paint, this.width)}`
		if (data.verdict.ok) return {data, text}
		const message = `the ledger and the venue differ in ${data.verdict.differences.length} places`
		return {data, text, code: EXIT_CODES.drift, message, hint: 'follow an id: qt trace <id>'}
	}
}
