import {string} from '@oclif/core/args'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {InspectedEntry} from '../../daemon/client/stream-entry.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {escaped} from '../../engine/untrusted-text.js'

export default class StreamsInspect extends QtCommand<InspectedEntry> {
	static override summary =
		'Show one entry whole: held against its contract, who has it, what caused it and what it caused'
	static override description =
		'Takes a stream and the id of an entry on it, or the id of an entry alone. Exits with 3 when it breaks its contract.'
	static override args = {
		stream: string({description: 'name of the stream, or the id of the entry alone', required: true}),
		id: string({description: 'id on the stream, such as 1700000000000-0'}),
	}

	protected async work(): Promise<Outcome<InspectedEntry>> {
		const {args} = await this.parse(StreamsInspect)
		const [{withState}, {requireSubject}, {inspectById, inspectEntry}, {entryView}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/stream-names.js'),
			import('../../daemon/client/stream-entry.js'),
			import('../../tui/plain/stream-entry-view.js'),
		])
		const {stream, id} = args
		const data = await withState(
			this.home,
			async state =>
				id === undefined
					? inspectById(this.home, state, stream, Date.now())
					: inspectEntry(this.home, state, await requireSubject(state, stream), id, Date.now()),
			{within_ms: 60_000},
		)
		const text = entryView(data, this.paint, this.width)
		if (!data.broken) return {data, text}
		const message = escaped(`${data.stream} ${data.stream_id} breaks its contract: ${data.broken.detail}`)
		return {data, text, code: EXIT_CODES.drift, message, hint: 'readers put it into the dead letters: qt streams dlq'}
	}
}
