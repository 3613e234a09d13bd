import {type Fault, Faults} from './faults.js'
import {Params} from './params.js'
import {RateLimits} from './rate-limits.js'
import type {Route} from './route.js'
import {accountRoutes} from './routes-account.js'
import {algoRoutes} from './routes-algo.js'
import {marketRoutes} from './routes-market.js'
import {orderRoutes} from './routes-orders.js'
import {userStreamRoutes} from './routes-user-stream.js'
import {checkSignature} from './signature.js'
import type {Venue} from './venue.js'
import {VenueError, venueError} from './venue-error.js'

const routes = new Map<string, Route>(
	[marketRoutes, orderRoutes, algoRoutes, accountRoutes, userStreamRoutes].flatMap(group => Object.entries(group)),
)

/** A request as it arrived; `query` and `body` are raw, since the signature is over them. */
export type VenueRequest = Readonly<{
	method: string
	path: string
	query: string
	body: string
	api_key: string | undefined
}>

export type Answer = Readonly<{
	http: number
	headers: Readonly<Record<string, string>>
	body: string
	/** What happens to the answer on its way. */
	fault?: Fault
}>

const clientIdNames = ['newClientOrderId', 'origClientOrderId', 'clientAlgoId']

/** Client ids a request names, those inside a batch included. */
const clientIdsOf = (params: Params): string[] => {
	const own = clientIdNames.flatMap(name => params.text(name) ?? [])
	const batch = params.text('batchOrders') ?? ''
	return [...own, ...[...batch.matchAll(/"newClientOrderId"\s*:\s*"([^"]*)"/g)].map(match => match[1] ?? '')]
}

/** Routes requests: faults, limits, key, signature, answer, commit. */
export class Dispatcher {
	readonly faults = new Faults()
	/** By which the clock that requests are judged by, and are told, is off. */
	skew_ms = 0
	private readonly limits: RateLimits

	constructor(
		private readonly venue: Venue,
		private readonly machineNow: () => number,
	) {
		this.limits = new RateLimits(venue.config.limits)
	}

	handle(request: VenueRequest): Answer {
		const params = Params.of([...new URLSearchParams(request.query), ...new URLSearchParams(request.body)])
		const {method, path} = request
		const fault = this.faults.take({method, path, client_ids: clientIdsOf(params)})
		if (fault !== undefined && !fault.after_accept && fault.action.kind !== 'delay') {
			return this.struck(request, params, fault)
		}
		const machine_ms = this.machineNow() + this.skew_ms
		let [http, body, headers]: [number, unknown, Record<string, string>] = [200, undefined, {}]
		try {
			body = this.answer(request, params, machine_ms)
		} catch (error) {
			if (!(error instanceof VenueError)) throw error
			http = error.http
			body = {code: error.code, msg: error.message}
			headers = {...error.headers}
		}
		this.venue.commit(this.record(request, params, http, body, fault))
		const answer = {http, headers: {...this.limits.headers(machine_ms), ...headers}, body: JSON.stringify(body)}
		return fault === undefined ? answer : this.misreported(answer, fault)
	}

	/** Admits a request by limits, key and signature, and carries it out. @throws VenueError when it is refused */
	private answer(request: VenueRequest, params: Params, machine_ms: number): unknown {
		const route = routes.get(`${request.method} ${request.path}`)
		if (route === undefined) {
			throw new VenueError(-5000, `Path ${request.path}, Method ${request.method} is invalid`, 404)
		}
		const orders = route.orders?.(params) ?? 0
		const weight = typeof route.weight === 'number' ? route.weight : route.weight(params)
		this.limits.admit(weight, orders, machine_ms)
		if (route.security !== 'none') this.checkKey(request.api_key)
		if (route.security === 'signed') {
			checkSignature(
				{query: request.query, body: request.body, params},
				{
					secret: this.venue.config.api_secret,
					now_ms: machine_ms,
					window_max_ms: this.venue.config.recv_window_max_ms,
				},
			)
		}
		const {core, klines, tape, listenKeys} = this.venue
		return route.answer({core, klines, tape, listenKeys, machine_ms}, params)
	}

	private checkKey(key: string | undefined): void {
		if (key === undefined || key === '') throw venueError('badKeyFormat')
		if (key !== this.venue.config.api_key) throw venueError('badKey')
	}

	/** A request that a fault struck before it was carried out. */
	private struck(request: VenueRequest, params: Params, fault: Fault): Answer {
		const http = fault.action.kind === 'error' ? fault.action.http : 503
		this.venue.commit(this.record(request, params, http, undefined, fault))
		return this.misreported({http, headers: {}, body: '{}'}, fault)
	}

	private misreported(answer: Answer, fault: Fault): Answer {
		const {action} = fault
		if (action.kind === 'error') {
			const {http, code, msg, retry_after_s} = action
			const headers = {...answer.headers, ...(retry_after_s !== undefined && {'retry-after': String(retry_after_s)})}
			return {...answer, headers, http, body: JSON.stringify({code, msg}), fault}
		}
		if (action.kind === 'garbage') return {...answer, http: 200, body: '<html>502 Bad Gateway', fault}
		return {...answer, fault}
	}

	private record(
		{method, path}: VenueRequest,
		params: Params,
		http: number,
		body: unknown,
		fault: Fault | undefined,
	): Record<string, unknown> {
		const {signature: _, ...shown} = params.entries()
		return {method, path, params: shown, http, ...outcome(body), ...(fault === undefined ? {} : {fault})}
	}
}

/** What of an answer is worth a record: codes and ids, for each order of a batch. */
const outcome = (body: unknown): Record<string, unknown> => {
	if (Array.isArray(body)) {
		const rows = body.slice(0, 10).map(outcome)
		return rows.some(row => Object.keys(row).length > 0) ? {results: rows} : {}
	}
	if (typeof body !== 'object' || body === null) return {}
	const names = {
		code: 'code',
		msg: 'msg',
		orderId: 'order_id',
		clientOrderId: 'client_id',
		algoId: 'algo_id',
		clientAlgoId: 'client_algo_id',
	}
	const given = body as Record<string, unknown>
	return Object.fromEntries(
		Object.entries(names).flatMap(([from, to]) => (given[from] === undefined ? [] : [[to, given[from]]])),
	)
}
