import {string as stringArgument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {ReplayResult} from '../../daemon/client/dead-letter-replay.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

type Data = Readonly<{results: readonly ReplayResult[]}>

export default class StreamsReplay extends QtCommand<Data> {
	static override summary = 'Put dead letters back on the stream that they came from, once each'
	static override description =
		'They go back as they were and pass every gate anew. What still breaks its contract, or was put back before, is refused; the command then exits with 6.'
	static override strict = false
	static override args = {id: stringArgument({description: 'ids as qt streams dlq shows them'})}
	static override flags = {
		stream: string({description: 'all of this stream that were not put back yet'}),
		'all-readers': boolean({description: 'also where other readers of the stream get the entry again'}),
		reason: string({required: true, description: 'why, for the record'}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {argv, flags} = await this.parse(StreamsReplay)
		const [{withState}, {replayChosen}, {operatorName}, {replayView}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/dead-letter-replay.js'),
			import('../../daemon/client/killing.js'),
			import('../../tui/plain/recovery-view.js'),
		])
		const options = {by: operatorName(), reason: flags.reason, all_readers: flags['all-readers'], now_ms: Date.now}
		const choice = {ids: argv.map(String), stream: flags.stream}
		const results = await withState(this.home, state => replayChosen(state, choice, options), {
			within_ms: 60_000,
			as: 'host',
		})
		const refused = results.filter(({outcome}) => outcome === 'REFUSED').length
		const [data, text] = [{results}, replayView(results, this.paint, this.width)]
		if (refused === 0) return {data, text}
		const message = `${refused} of ${results.length} were not put back`
		return {data, text, code: EXIT_CODES.refused, message, hint: 'each says why; see qt streams dlq'}
	}
}
