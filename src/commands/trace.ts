import {string} from '@oclif/core/args'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {Trace as TraceData} from '../daemon/client/trace.js'

export default class Trace extends QtCommand<TraceData> {
	static override summary = 'Follow an id through all streams: what led to it, what came of it, and how long it took'
	static override args = {
		id: string({
			description: 'of an entry (tick, features, any other), an intent, a plan, a trade, an order, or a client id',
			required: true,
		}),
	}

	protected async work(): Promise<Outcome<TraceData>> {
		const {args} = await this.parse(Trace)
		const [{withState}, {traceId}, {traceView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/trace.js'),
			import('../tui/plain/trace-view.js'),
		])
		const data = await withState(this.home, state => traceId(this.home, state, args.id), {within_ms: 60_000})
		return {data, text: traceView(data, this.paint, this.width)}
	}
}
