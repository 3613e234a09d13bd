import {AsyncLocalStorage} from 'node:async_hooks'
import {z} from 'zod'
import {messageOf} from '../../errors.js'
import type {Failure} from '../../exchange/classify-error.js'
import {isFenced} from '../../exchange/order-endpoints.js'
import type {Fence, FenceContext} from '../../exchange/order-request.js'
import type {RawCall} from './ccxt-surface.js'
import type {VenueClient} from './client.js'

export type Answer = Readonly<{ok: true; body: unknown}> | Readonly<{ok: false; failure: Failure}>

/** What becomes known of one request while ccxt carries it. */
type Passage = {
	context: FenceContext | undefined
	left: boolean
	fenced?: string
	http?: number
	retry_after_ms?: number
	body?: string
}

const errorBody = z.object({code: z.coerce.number().int(), msg: z.string().default('')})
const venueError = (body: string | undefined): {code?: number; message?: string} => {
	try {
		const {code, msg} = errorBody.parse(JSON.parse(body ?? ''))
		return {code, message: msg}
	} catch {
		return {}
	}
}

class Fenced extends Error {}

/**
 * Carries requests of the order client. The fence is asked inside ccxt's own `fetch`: after its queue and its signature,
 * at the moment the request leaves. A check before that would not be a check.
 */
export class OrderTransport {
	readonly #passages = new AsyncLocalStorage<Passage>()

	constructor(
		readonly client: VenueClient,
		private readonly fence: Fence,
	) {
		this.#wrapFetch()
		this.#wrapResponse()
	}

	/** Never throws: a failure says what is known of the request. `context` is needed by requests that create orders. */
	async send(call: RawCall, params: Parameters<RawCall>[0], context?: FenceContext): Promise<Answer> {
		const passage: Passage = {context, left: false}
		try {
			return {ok: true, body: await this.#passages.run(passage, () => call(params))}
		} catch (error) {
			return {ok: false, failure: failureOf(passage, error)}
		}
	}

	#wrapFetch(): void {
		const {ccxt} = this.client
		const fetch = ccxt.fetch.bind(ccxt)
		ccxt.fetch = async (url, method, headers, body) => {
			const passage = this.#passages.getStore()
			if (isFenced(method, url)) await this.#pass(passage)
			if (passage) passage.left = true
			return fetch(url, method, headers, body)
		}
	}

	async #pass(passage: Passage | undefined): Promise<void> {
		if (!passage?.context) throw new Fenced('A request that creates orders has no plan behind it')
		let reason: string
		try {
			const verdict = await this.fence(passage.context)
			if (verdict.ok) return
			reason = verdict.reason
		} catch (error) {
			reason = 'FENCE_FAILED'
			passage.body = String(error)
		}
		passage.fenced = reason
		throw new Fenced(`Held back by the fence: ${reason}`)
	}

	#wrapResponse(): void {
		const {ccxt} = this.client
		const onResponse = ccxt.onRestResponse.bind(ccxt)
		ccxt.onRestResponse = (...response) => {
			const [status, , , , headers, body] = response
			const passage = this.#passages.getStore()
			if (passage) {
				passage.http = status
				passage.body = this.client.redact(body)
				const after = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
				if (after !== undefined && Number(after) >= 0) passage.retry_after_ms = Number(after) * 1_000
			}
			return onResponse(...response)
		}
	}
}

const failureOf = (passage: Passage, error: unknown): Failure => {
	const {left, http, fenced, retry_after_ms, body} = passage
	const {code, message} = venueError(body)
	return {
		left,
		message: message ?? messageOf(error),
		...(http === undefined ? {} : {http}),
		...(code === undefined ? {} : {code}),
		...(retry_after_ms === undefined ? {} : {retry_after_ms}),
		...(fenced === undefined ? {} : {fenced}),
	}
}
