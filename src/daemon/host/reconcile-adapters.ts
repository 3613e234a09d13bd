import {venueInspector} from '../../engine/adapters/exchange/venue-inspector.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import type {Environment} from './environment.js'

/** What the venue says of positions, orders, stops and balances, asked anew for each comparison. */
export const reconcileAdapters = ({venue}: Environment): UnitAdapters => ({
	feeds: {},
	effects: {inspect: venueInspector(venue)},
})
