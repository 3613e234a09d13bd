import {string} from '@oclif/core/args'
import {integer} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {DeadLetter} from '../../daemon/client/dead-letters.js'

type Data = Readonly<{letters: readonly DeadLetter[]}>

export default class StreamsDlq extends QtCommand<Data> {
	static override summary = 'List what could not be handled or was refused by the bridge, whole, with the reason'
	static override args = {stream: string({description: 'only what came from this stream'})}
	static override flags = {
		limit: integer({char: 'n', description: 'newest so many', default: 50, min: 1, max: 100_000}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {args, flags} = await this.parse(StreamsDlq)
		const [{withState}, {listDeadLetters}, {deadLettersView}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/dead-letters.js'),
			import('../../tui/plain/recovery-view.js'),
		])
		const query = {stream: args.stream, limit: flags.limit}
		const data = {letters: await withState(this.home, state => listDeadLetters(state, query))}
		return {data, text: deadLettersView(data.letters, Date.now(), this.width)}
	}
}
