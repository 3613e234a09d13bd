import type {Home} from '../daemon/client/home.js'
import {openState, type State, withDeadline} from '../daemon/client/state.js'
import {allSubjects, type StreamsReading, StreamWatch} from '../daemon/client/stream-watch.js'
import {paintFor, widthFor} from '../tui/plain/colour.js'
import {streamsLine, streamsScreen} from '../tui/plain/streams-view.js'
import {showLive, untilSignal} from './live.js'
import {outliveTerminal} from './terminal.js'

type Open = State & {close(): Promise<void>}
type Frame = Readonly<{reading: StreamsReading; problem: string}>

/** A look takes longer only when something is wedged. */
const LOOK_WITHIN_MS = 5_000

/** Looks on while Redis is away, and says so; what was seen before stays on the screen. */
class StreamsScreen {
	#state: Open | undefined
	#last: StreamsReading | undefined

	constructor(
		readonly home: Home,
		readonly watch: StreamWatch,
		state: Open,
	) {
		this.#state = state
	}

	async read(): Promise<Frame> {
		try {
			this.#state ??= await openState(this.home)
			this.#last = await withDeadline(this.watch.look(this.#state), LOOK_WITHIN_MS, 'the reading')
			return {reading: this.#last, problem: ''}
		} catch (error) {
			await this.close()
			if (!this.#last) throw error
			return {reading: this.#last, problem: error instanceof Error ? error.message : String(error)}
		}
	}

	async close(): Promise<void> {
		await this.#state?.close()
		this.#state = undefined
	}
}

/** Shows all streams live until Ctrl-C, over a window that fills as it goes. */
export const watchStreams = async (home: Home, window_ms: number): Promise<void> => {
	const paint = paintFor(process.stdout, process.env)
	const state = await openState(home)
	const watch = new StreamWatch(allSubjects(state.naming), window_ms, Date.now)
	const screen = new StreamsScreen(home, watch, state)
	const gone = new AbortController()
	outliveTerminal(() => gone.abort())
	try {
		await untilSignal(gone.signal, stop =>
			showLive(
				{
					read: () => screen.read(),
					screen: ({reading, problem}) => streamsScreen(reading, problem, paint, widthFor(process.stdout)),
					foot: 'Ctrl-C leaves; qt streams show <stream> tells more',
					line: ({reading, problem}) => streamsLine(reading, problem),
				},
				stop,
			),
		)
	} finally {
		await screen.close()
	}
}
