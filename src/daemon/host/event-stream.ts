import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http'
import {waitMs} from '../../engine/adapters/clock/wait.js'
import {sentComment, sentEvent, sentRetry} from '../../engine/logic/server-sent-events.js'
import {type Cursor, type CursorStep, parseCursor, type readOn} from '../../engine/logic/stream-cursor.js'
import type {BridgeLoss} from '../../engine/units/obs/eventbus-bridge.js'
import {requestUrl} from '../request-url.js'
import {type ClientLimits, EventClient} from './event-client.js'

export type StreamLimits = ClientLimits & Readonly<{clients_max: number; poll_ms: number; heartbeat_ms: number}>
export const EVENT_LIMITS: StreamLimits = {
	...{clients_max: 16, poll_ms: 250, heartbeat_ms: 15_000},
	...{buffer_bytes_max: 256 * 1_024, drain_within_ms: 10_000, linger_ms: 30_000},
}
/** A client connects again after this; one that was turned away is asked to wait longer. */
const RETRY_MS = 2_000
const RETRY_LATER_S = 10

export type EventStream = Readonly<{
	/** In the order in which they stand in a cursor. */
	streams: readonly string[]
	/** The place behind everything that is there. */
	newest: () => Promise<Cursor>
	read: (cursor: Cursor) => Promise<ReturnType<typeof readOn>>
	onLoss: (loss: BridgeLoss) => void
	onError: (error: unknown) => void
	now_ms: () => number
	limits: StreamLimits
	signal: AbortSignal
}>

const refuse = (
	response: ServerResponse,
	status: number,
	error: string,
	headers: Readonly<Record<string, string>> = {},
): void => {
	response.writeHead(status, {'content-type': 'application/json', ...headers})
	response.end(JSON.stringify({error}))
}

/** Where the client wants to go on: what it had last counts for more than what its address says. */
const askedFor = (request: IncomingMessage): string => {
	const last = request.headers['last-event-id']
	if (typeof last === 'string' && last !== '') return last
	return requestUrl(request)?.searchParams.get('since') ?? 'now'
}

const textOf = ({stream, cursor, entry, gap}: CursorStep): string =>
	gap ? sentEvent({id: cursor, event: 'gap', data: gap}) : sentEvent({id: cursor, event: stream, data: entry?.fields})

const lossOf = ({stream, from, to, missed}: NonNullable<CursorStep['gap']>): BridgeLoss => ({
	kind: 'GAP',
	detail: `${missed ?? 'an unknown number of'} entries of ${stream} behind ${from} were removed before a client read them; it goes on at ${to ?? 'what comes'}`,
})

/** Hands over what lies behind the cursor, and what comes, until the client has gone or is too slow. */
const follow = async (
	client: EventClient,
	from: Cursor,
	{read, onLoss, now_ms, limits}: EventStream,
): Promise<'slow' | 'gone'> => {
	let cursor = from
	while (!client.signal.aborted) {
		const page = await read(cursor)
		for (const step of page.steps) {
			if (step.gap) onLoss(lossOf(step.gap))
			if (!(await client.write(textOf(step)))) {
				onLoss({kind: 'SLOW_CLIENT', detail: `a client was ended at ${step.cursor}: it did not take what waited`})
				return 'slow'
			}
			if (client.signal.aborted) return 'gone'
		}
		cursor = page.cursor
		if (page.more) continue
		if (now_ms() - client.last_write_ms >= limits.heartbeat_ms) await client.write(sentComment('still here'))
		await waitMs(limits.poll_ms, client.signal)
	}
	return 'gone'
}

/**
 * `GET` as `text/event-stream`: entries of several streams, each an event of its stream's name with its fields as JSON.
 * `Last-Event-ID`, or `?since=<id|now>`, goes on there.
 */
export const eventListener = (of: EventStream): Readonly<{listener: RequestListener; clients: () => number}> => {
	const {streams, newest, onError, now_ms, limits, signal} = of
	const clients = new Set<EventClient>()
	const serve = async (client: EventClient, cursor: Cursor | undefined): Promise<void> => {
		try {
			const end = await follow(client, cursor ?? (await newest()), of)
			await client.end(end === 'slow' ? 'too slow: connect again with Last-Event-ID' : 'the system stops')
		} catch (error) {
			if (signal.aborted) return client.end('the system stops')
			onError(error)
			await client.end('the streams cannot be read: connect again with Last-Event-ID')
		}
	}
	const listener: RequestListener = (request, response) => {
		if (request.method !== 'GET')
			return refuse(response, 405, `${request.method} is not served: nobody writes here, only GET reads`, {
				allow: 'GET',
			})
		const asked = askedFor(request)
		const cursor = asked === 'now' ? undefined : parseCursor(asked, streams)
		if (asked !== 'now' && !cursor)
			return refuse(
				response,
				400,
				`${asked} is no place: expected now, an id such as 1732240000000-0, or the id of an event`,
			)
		if (clients.size >= limits.clients_max)
			return refuse(response, 503, `${clients.size} clients are connected, and no more are served`, {
				'retry-after': String(RETRY_LATER_S),
			})
		const client = new EventClient(response, limits, now_ms, signal)
		clients.add(client)
		response.once('close', () => clients.delete(client))
		response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-store'})
		response.write(sentRetry(RETRY_MS))
		serve(client, cursor).catch(error => {
			onError(error)
			response.destroy()
		})
	}
	return {listener, clients: () => clients.size}
}
