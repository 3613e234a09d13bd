import type {FlowBy} from '../daemon/client/flow-by.js'
import {FlowWindow} from '../daemon/client/flow-window.js'
import type {Home} from '../daemon/client/home.js'
import {paintFor, widthFor} from '../tui/plain/colour.js'
import {flowRatesLine, flowRatesView} from '../tui/plain/flow-rates-view.js'
import {StateLook, watchState} from './state-look.js'

/** The first look reads the whole window. */
const LOOK_WITHIN_MS = 60_000

/** Shows the flow live until Ctrl-C. @throws OperatorError (unreachable) when Redis does not answer at first */
export const watchFlow = (home: Home, minutes: number, by: FlowBy): Promise<void> => {
	const paint = paintFor(process.stdout, process.env)
	const window = new FlowWindow(minutes, by)
	const late = (problem: string) => (problem === '' ? '' : `${paint('bad', problem)}; this was seen before\n\n`)
	return watchState(new StateLook(home, state => window.look(state), LOOK_WITHIN_MS), {
		screen: ({reading, problem}) => `${late(problem)}${flowRatesView(reading, paint, widthFor(process.stdout))}`,
		foot: 'Ctrl-C leaves; qt why <symbol> tells more',
		line: ({reading, problem}) => `${flowRatesLine(reading)}${problem === '' ? '' : ` (not newer: ${problem})`}`,
	})
}
