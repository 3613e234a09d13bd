import type {Core} from './core.js'
import type {Klines} from './klines.js'
import type {ListenKeys} from './listen-keys.js'
import type {Params} from './params.js'
import type {PublicTape} from './public-tape.js'

/** What a route may use. */
export type RouteContext = Readonly<{
	core: Core
	klines: Klines
	tape: PublicTape
	listenKeys: ListenKeys
	machine_ms: number
}>

/** One endpoint: who may call it, what it costs, and what it answers. Refusals are thrown as VenueError. */
export type Route = Readonly<{
	/** `none` is public, `key` needs the header, `signed` also a signature. */
	security: 'none' | 'key' | 'signed'
	weight: number | ((params: Params) => number)
	/** How many orders the request counts as. */
	orders?: (params: Params) => number
	answer: (context: RouteContext, params: Params) => unknown
}>

/** Keyed by `METHOD /path`. */
export type Routes = Readonly<Record<string, Route>>

export const publicRoute = (weight: Route['weight'], answer: Route['answer']): Route => ({
	security: 'none',
	weight,
	answer,
})

export const signedRoute = (weight: Route['weight'], answer: Route['answer'], orders?: Route['orders']): Route => ({
	security: 'signed',
	weight,
	answer,
	...(orders === undefined ? {} : {orders}),
})
