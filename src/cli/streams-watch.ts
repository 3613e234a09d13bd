import type {Home} from '../daemon/client/home.js'
import type {State} from '../daemon/client/state.js'
import {allSubjects, StreamWatch} from '../daemon/client/stream-watch.js'
import {paintFor, widthFor} from '../tui/plain/colour.js'
import {streamsLine, streamsScreen} from '../tui/plain/streams-view.js'
import {StateLook, watchState} from './state-look.js'

/** A look takes longer only when something is wedged. */
const LOOK_WITHIN_MS = 5_000

/** Shows all streams live until Ctrl-C, over a window that fills as it goes. */
export const watchStreams = (home: Home, window_ms: number): Promise<void> => {
	const paint = paintFor(process.stdout, process.env)
	let watch: StreamWatch | undefined
	const look = (state: State) => {
		watch ??= new StreamWatch(allSubjects(state.naming), window_ms, Date.now)
		return watch.look(state)
	}
	return watchState(new StateLook(home, look, LOOK_WITHIN_MS), {
		screen: ({reading, problem}) => streamsScreen(reading, problem, paint, widthFor(process.stdout)),
		foot: 'Ctrl-C leaves; qt streams show <stream> tells more',
		line: ({reading, problem}) => streamsLine(reading, problem),
	})
}
