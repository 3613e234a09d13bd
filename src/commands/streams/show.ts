import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import {windowMs} from '../../cli/window-flag.js'
import type {StreamDetail} from '../../daemon/client/stream-show.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {escaped} from '../../engine/untrusted-text.js'

export default class StreamsShow extends QtCommand<StreamDetail> {
	static override summary =
		'Show all about one stream: contract, groups, consumers, rates, and what a lag of a reader means'
	static override description = 'Exits with 3 when a group is anything but well.'
	static override args = {stream: string({description: 'name, former name, or key in Redis', required: true})}
	static override flags = {window: stringFlag({description: 'how long to look, such as 10s or 5m', default: '2.5s'})}

	protected async work(): Promise<Outcome<StreamDetail>> {
		const {args, flags} = await this.parse(StreamsShow)
		const [{withState}, {showStream}, {observationOf}, {troubles}, {streamShowView}] = await Promise.all([
			import('../../daemon/client/state.js'),
			import('../../daemon/client/stream-show.js'),
			import('../../daemon/client/stream-watch.js'),
			import('../../daemon/client/stream-status.js'),
			import('../../tui/plain/stream-show-view.js'),
		])
		const {observation, within_ms} = observationOf(windowMs(flags.window), Date.now)
		const data = await withState(this.home, state => showStream(state, args.stream, observation), {within_ms})
		const text = streamShowView(data, this.paint, this.width)
		const found = troubles([data.status])
		if (found.length === 0) return {data, text}
		return {data, text, code: EXIT_CODES.drift, message: escaped(found.join('; ')), hint: 'see qt status for the units'}
	}
}
