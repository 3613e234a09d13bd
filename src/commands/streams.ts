import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {StreamStatus} from '../daemon/client/stream-status.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

type Data = Readonly<{streams: readonly StreamStatus[]}>

export default class Streams extends QtCommand<Data> {
	static override summary = 'Show each stream with its readers: how far behind, how old, what is pending or lost'
	static override description = 'Exits with 3 when a reader is behind its limit, has lost entries, or cannot be judged.'

	protected async work(): Promise<Outcome<Data>> {
		await this.parse(Streams)
		const [{withState}, {readStreams, troubles}, {streamsView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/stream-status.js'),
			import('../tui/plain/streams-view.js'),
		])
		const streams = await withState(this.home, state => readStreams(state, Date.now()))
		const data = {streams}
		const text = streamsView(streams, this.paint, this.width)
		const found = troubles(streams)
		if (found.length === 0) return {data, text}
		return {data, text, code: EXIT_CODES.drift, message: found.join('; '), hint: 'see qt status for the units'}
	}
}
