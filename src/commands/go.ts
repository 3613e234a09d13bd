import {string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {ArmReport} from '../daemon/client/arming.js'
import type {Lifted} from '../daemon/client/blocking.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Go extends QtCommand<ArmReport | Lifted> {
	static override summary = 'Arm: orders may be sent from now on'
	static override description =
		'Refused while the books differ from the venue, data is stale, the ESS is CRITICAL, the audit log or the trade journal is broken or stage exec is not open. Outside PAPER it takes two steps: the first shows what would be armed and asks for a phrase that is good for two minutes.'
	static override flags = {
		confirm: string({description: 'the phrase that was asked for (TESTNET and LIVE)'}),
		symbol: string({description: 'end the stop of one symbol (qt kill --symbol); arms nothing else'}),
	}

	protected async work(): Promise<Outcome<ArmReport | Lifted>> {
		const {flags} = await this.parse(Go)
		if (flags.symbol !== undefined) return this.#lift(flags.symbol)
		const {go} = await import('../daemon/client/go.js')
		const data = await go(this.home, {now_ms: Date.now, confirm: flags.confirm})
		const {armView} = await import('../tui/plain/kill-view.js')
		const text = armView(data, this.paint)
		if (data.state !== 'NOT CONFIRMED') return {data, text}
		return {data, text, code: EXIT_CODES.drift, message: data.detail, hint: 'see qt status; qt kill takes it back'}
	}

	async #lift(name: string): Promise<Outcome<Lifted>> {
		const [{withState}, {liftBlock}, {requireSymbol}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/blocking.js'),
			import('../cli/symbol-flag.js'),
		])
		const symbol = requireSymbol(name)
		const data = await withState(this.home, state => liftBlock(this.home, state, symbol, Date.now), {as: 'operator'})
		return {data, text: `${this.paint('good', 'LIFTED')}  ${symbol} may trade again while the system is armed`}
	}
}
