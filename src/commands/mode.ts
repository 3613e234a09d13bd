import {string as stringArgument} from '@oclif/core/args'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {ModeView} from '../daemon/client/mode.js'
import {MODES} from '../engine/contracts/mode.js'

export default class ModeCommand extends QtCommand<ModeView> {
	static override summary = 'Show the mode of the system and what each mode needs, or choose the one of the next start'
	static override description = 'Refused with 6 when it is to change while the system runs.'
	static override args = {
		mode: stringArgument({description: 'paper, testnet or live', options: ['paper', 'testnet', 'live']}),
	}

	protected async work(): Promise<Outcome<ModeView>> {
		const {args} = await this.parse(ModeCommand)
		const [{systemMode}, {modeView}] = await Promise.all([
			import('../daemon/client/mode.js'),
			import('../tui/plain/mode-view.js'),
		])
		const wanted = MODES.find(mode => mode.toLowerCase() === args.mode)
		const data = await systemMode(this.home, {env: process.env, now_ms: Date.now, wanted})
		return {data, text: modeView(data, this.paint, this.width)}
	}
}
