import type {Home} from '../daemon/client/home.js'
import type {State} from '../daemon/client/state.js'
import {allSubjects, StreamWatch} from '../daemon/client/stream-watch.js'
import {paintFor, widthFor} from '../tui/plain/colour.js'
import {streamsLine, streamsScreen} from '../tui/plain/streams-view.js'
import {showLive, untilSignal} from './live.js'
import {StateLook} from './state-look.js'
import {outliveTerminal} from './terminal.js'

/** A look takes longer only when something is wedged. */
const LOOK_WITHIN_MS = 5_000

/** Shows all streams live until Ctrl-C, over a window that fills as it goes. */
export const watchStreams = async (home: Home, window_ms: number): Promise<void> => {
	const paint = paintFor(process.stdout, process.env)
	let watch: StreamWatch | undefined
	const look = (state: State) => {
		watch ??= new StreamWatch(allSubjects(state.naming), window_ms, Date.now)
		return watch.look(state)
	}
	const screen = new StateLook(home, look, LOOK_WITHIN_MS)
	const gone = new AbortController()
	outliveTerminal(() => gone.abort())
	try {
		await untilSignal(gone.signal, stop =>
			showLive(
				{
					read: () => screen.look(),
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
