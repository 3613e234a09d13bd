import type {VenueConfig} from '../../exchange/venue-config.js'
import type {EffectAdapter} from '../../runtime/adapters.js'
import {openOnce} from '../../runtime/open-once.js'
import {openReadingClient, type VenueClient} from './client.js'
import {
	readBalances,
	readHedgeMode,
	readOrders,
	readPositionMargin,
	readPositions,
	readStops,
	type VenueBalance,
	type VenueOrder,
	type VenuePosition,
	type VenueStop,
} from './venue-reading.js'
import {venueNow} from './venue-time.js'

export type VenueInspection = Readonly<{
	positions: readonly VenuePosition[]
	orders: readonly VenueOrder[]
	stops: readonly VenueStop[]
	balances: readonly VenueBalance[]
	hedge_mode: boolean
	/** Initial margin of all positions by the account's own sum, USDT. */
	position_margin: string
	/** Before the first question: every fill until then is in it. */
	venue_ms: number
	/** Before the first question: whatever the user stream has told since then may not be in it. */
	machine_ms: number
}>

/** Reads all of it at once. @throws when any part is missing: an empty answer is not flat */
const inspect = async (config: VenueConfig, client: VenueClient): Promise<VenueInspection> => {
	const {ccxt} = client
	const machine_ms = Date.now()
	const venue_ms = await venueNow(config, client)
	const [positions, orders, stops, balances, hedge_mode, position_margin] = await Promise.all([
		readPositions(ccxt),
		readOrders(ccxt),
		readStops(ccxt),
		readBalances(ccxt),
		readHedgeMode(ccxt),
		readPositionMargin(ccxt),
	])
	return {positions, orders, stops, balances, hedge_mode, position_margin, venue_ms, machine_ms}
}

/** What the venue says of positions, orders, stops and balances, for reconciliation. The request is `{}`. */
export const venueInspector = (config: VenueConfig): EffectAdapter => {
	const client = openOnce(() => openReadingClient(config))
	return {perform: async () => inspect(config, await client.get())}
}
