import {string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {ArmReport} from '../daemon/client/arming.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Go extends QtCommand<ArmReport> {
	static override summary = 'Arm: orders may be sent from now on'
	static override description =
		'Refused while the books differ from the venue, data is stale or stage exec is not open. Outside PAPER it asks for a phrase first.'
	static override flags = {confirm: string({description: 'the phrase that was asked for (TESTNET and LIVE)'})}

	protected async work(): Promise<Outcome<ArmReport>> {
		const {flags} = await this.parse(Go)
		const {go} = await import('../daemon/client/go.js')
		const data = await go(this.home, {now_ms: Date.now, confirm: flags.confirm})
		const {armView} = await import('../tui/plain/kill-view.js')
		const text = armView(data, this.paint)
		if (data.state !== 'NOT CONFIRMED') return {data, text}
		return {data, text, code: EXIT_CODES.drift, message: data.detail, hint: 'see qt status; qt kill takes it back'}
	}
}
