import {marginFeed} from '../../engine/adapters/exchange/margin-feed.js'
import {type PositionRow, positionRow} from '../../engine/logic/position-watch.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {type MonitorState, positionMonitor} from '../../engine/units/state/position-monitor.js'
import {unitState} from '../client/unit-state.js'
import type {Environment} from './environment.js'

const PATH = '/positions'

type MonitorView = Readonly<{positions: readonly PositionRow[]; venue_ms: number; machine_ms: number}>

/** Open positions as the unit has committed them, from its snapshot: by symbol, each figure with its age. */
const viewOf = async (environment: Environment): Promise<MonitorView> => {
	const {clock} = environment
	const states = await unitState(environment, positionMonitor.name)
	const now = {venue_ms: clock.venue(), machine_ms: clock.machine()}
	const positions = Object.entries(states).flatMap(([symbol, text]) => {
		const {watched} = JSON.parse(text) as MonitorState
		return watched ? [positionRow(symbol, watched, now)] : []
	})
	return {positions: positions.sort(({symbol: one}, {symbol: other}) => (one < other ? -1 : 1)), ...now}
}

/** What the venue says of margins, and the whole view at `/positions` of the unit's port and of the host's socket. */
export const monitorAdapters = (environment: Environment): UnitAdapters => {
	const route = () => viewOf(environment)
	environment.routes.set(PATH, route)
	environment.unitRoutes.set(positionMonitor.name, new Map([[PATH, route]]))
	return {effects: {}, feeds: {margins: marginFeed(environment.venue)}}
}
