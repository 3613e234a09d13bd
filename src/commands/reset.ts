import {string} from '@oclif/core/args'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'

type Data = Readonly<{reset: string}>

export default class Reset extends QtCommand<Data> {
	static override summary = 'Start a FAILED unit again, with its restarts forgotten; one that runs goes on'
	static override args = {name: string({description: 'unit, former name of one, or process', required: true})}

	protected async work(): Promise<Outcome<Data>> {
		const {args} = await this.parse(Reset)
		const {reset} = await import('../daemon/client/control-names.js')
		const name = await reset(this.home, args.name)
		return {
			data: {reset: name},
			text: `restarts of ${name} are forgotten; it starts again if it was FAILED: see qt status`,
		}
	}
}
