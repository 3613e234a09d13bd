import {string} from '@oclif/core/args'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'

type Data = Readonly<{restarted: string}>

export default class Restart extends QtCommand<Data> {
	static override summary = 'Restart a unit (the process that runs it) or a process'
	static override args = {name: string({description: 'unit, former name of one, or process', required: true})}

	protected async work(): Promise<Outcome<Data>> {
		const {args} = await this.parse(Restart)
		const {restart} = await import('../daemon/client/control-names.js')
		const restarted = await restart(this.home, args.name)
		return {data: {restarted}, text: `${restarted} restarts; qt status shows when it is back`}
	}
}
