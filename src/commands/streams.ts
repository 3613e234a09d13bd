import {boolean, string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import {windowMs} from '../cli/window-flag.js'
import type {StreamsReading} from '../daemon/client/stream-watch.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {WINDOW_USUAL_MS} from '../engine/logic/stream-health.js'
import {escaped} from '../engine/untrusted-text.js'

const WINDOW = `${WINDOW_USUAL_MS / 1_000}s`
const WATCH_WINDOW = '1m'

export default class Streams extends QtCommand<StreamsReading> {
	static override summary =
		'Show each stream with its readers: how far behind, how fast, what is pending, and whether all is well'
	static override description =
		'Looks several times over a window, because one look says nothing of what moves. OK and IDLE are well; WARN is behind and not catching up; STALL stands still; STOP has no reader; STUCK holds one entry too long; REWIND went back; LOST missed entries; UNKNOWN cannot be judged. Exits with 3 when a group is anything but well.'
	static override flags = {
		watch: boolean({char: 'w', description: 'stay and repaint every second, until Ctrl-C'}),
		window: string({description: `how long to look, such as 10s or 5m; ${WINDOW}, with --watch ${WATCH_WINDOW}`}),
	}

	protected async work(): Promise<Outcome<StreamsReading>> {
		const {flags} = await this.parse(Streams)
		const window_ms = windowMs(flags.window ?? (flags.watch ? WATCH_WINDOW : WINDOW))
		if (flags.watch) {
			this.refuseJson('--watch')
			const {watchStreams} = await import('../cli/streams-watch.js')
			await watchStreams(this.home, window_ms)
			return {data: {at_ms: Date.now(), samples: 0, span_ms: 0, streams: []}, text: '', code: EXIT_CODES.interrupted}
		}
		const [{readStreams}, {troubles}, {streamsView}] = await Promise.all([
			import('../daemon/client/stream-watch.js'),
			import('../daemon/client/stream-status.js'),
			import('../tui/plain/streams-view.js'),
		])
		const onBegin = () => {
			if (process.stdout.isTTY) this.say(`looking for ${window_ms / 1_000} s`)
		}
		const data = await readStreams(this.home, {window_ms, now_ms: Date.now, onBegin})
		const text = streamsView(data, this.paint, this.width)
		const found = troubles(data.streams)
		if (found.length === 0) return {data, text}
		return {data, text, code: EXIT_CODES.drift, message: escaped(found.join('; ')), hint: 'see qt status for the units'}
	}
}
