import {z} from 'zod'
import type {AccountCursor} from '../../exchange/account-cursor.js'
import type {AccountPush} from '../../exchange/account-push.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {type NormalizedEvent, readUserMessage} from '../../exchange/normalise.js'
import {orderTradeUpdate} from '../../exchange/raw-messages.js'
import {waitMs} from '../clock/wait.js'
import type {AccountProof} from './account-proof.js'
import type {VenueClient} from './client.js'
import type {Sockets} from './socket-hold.js'

const listenKeyAnswer = z.object({listenKey: z.string().min(1)})
const renewal = z.object({listenKey: z.string().optional()}).catch({})
const ENDED = new Set(['FILLED', 'CANCELED', 'EXPIRED', 'REJECTED', 'EXPIRED_IN_MATCH'])

/** One connection of the user-data stream, from its listen key to its end. */
export class AccountLife {
	#inbox: unknown[] = []
	#up = false
	#ended: string | undefined
	#wake: () => void = () => undefined
	#idling = false
	/** What must be read by REST before anything else. */
	#due = {fills: true, income: true}
	#nextProof_ms = 0
	#nextRenewal_ms = 0

	constructor(
		private readonly client: Pick<VenueClient, 'ccxt' | 'redact'>,
		private readonly sockets: Sockets,
		private readonly cursor: AccountCursor,
		private readonly proof: AccountProof,
		private readonly tell: (event: AccountPush) => Promise<void>,
	) {}

	/** The stream stands, and all that it said or owes has been told. */
	get settled(): boolean {
		const {fills, income} = this.#due
		return this.#up && this.#ended === undefined && this.#idling && this.#inbox.length === 0 && !fills && !income
	}

	/** @returns why it ended */
	async run(onStatus: (status: 'CONNECTED' | 'RESYNCED') => Promise<void>, signal: AbortSignal): Promise<string> {
		const {listenKey} = listenKeyAnswer.parse(await this.client.ccxt.fapiPrivatePostListenKey())
		this.#nextRenewal_ms = Date.now() + limits.listen_key_renew_ms
		const events = {
			onUp: () => {
				this.#up = true
				this.#wake()
			},
			onDown: () => undefined,
			onMessage: (message: unknown) => this.#receive(message),
		}
		const ended = this.sockets.once(listenKey, events, signal).then(reason => this.#end(reason))
		signal.addEventListener('abort', () => this.#wake(), {once: true})
		while (!this.#up && this.#ended === undefined && !signal.aborted) await this.#idle(signal)
		if (this.#up) {
			await onStatus('CONNECTED')
			// Messages wait in the inbox meanwhile: what they tell of is listed by REST first, in order.
			await this.#catchUp('everything', signal)
			if (!this.#isOver(signal)) await onStatus('RESYNCED')
		}
		await this.#follow(listenKey, signal)
		this.sockets.end('the user-data stream is opened anew')
		await ended
		return this.#ended ?? 'stopped'
	}

	async #follow(listenKey: string, signal: AbortSignal): Promise<void> {
		while (!this.#isOver(signal)) {
			const message = this.#inbox.shift()
			if (message !== undefined) await this.#handle(message)
			else if (this.#due.fills || this.#due.income) await this.#catchUp('known', signal)
			else if (Date.now() >= this.#nextProof_ms) this.#due = {fills: true, income: true}
			else if (Date.now() >= this.#nextRenewal_ms) await this.#renew(listenKey)
			else await this.#idle(signal)
		}
		// What came before the end is still told: its fills are listed again by REST otherwise, its other events are not.
		for (const message of this.#inbox.splice(0)) if (!signal.aborted) await this.#handle(message)
	}

	/** Proves fills and income, as often as it takes while the socket stands. */
	async #catchUp(scope: 'everything' | 'known', signal: AbortSignal): Promise<void> {
		while (!this.#isOver(signal) && (this.#due.fills || this.#due.income)) {
			const due = this.#due
			this.#due = {fills: false, income: false}
			try {
				await this.proof.prove(due, scope)
				this.#nextProof_ms = Date.now() + limits.account_proof_ms
			} catch {
				this.#due = {fills: due.fills || this.#due.fills, income: due.income || this.#due.income}
				await waitMs(limits.account_retry_ms, signal)
			}
		}
	}

	async #renew(listenKey: string): Promise<void> {
		this.#nextRenewal_ms = Date.now() + limits.listen_key_renew_ms
		try {
			const {listenKey: now = listenKey} = renewal.parse(await this.client.ccxt.fapiPrivatePutListenKey())
			if (now !== listenKey) this.#end('the venue has given another listen key')
		} catch (error) {
			const message = String(error)
			if (message.includes('-1125')) this.#end('the listen key is unknown to the venue')
		}
	}

	async #handle(body: unknown): Promise<void> {
		let message: ReturnType<typeof readUserMessage>
		try {
			message = readUserMessage(body)
		} catch (error) {
			this.#end(`unreadable message: ${String(error).slice(0, 500)}`)
			return
		}
		if (message.income_due) this.#due.income = true
		if (message.channel === 'ORDER_TRADE_UPDATE' && this.#missedSome(body)) this.#due.fills = true
		const events = message.events.filter(event => this.#isNew(event))
		await this.tell({
			raw: {channel: message.channel, body: this.client.redact(JSON.stringify(body))},
			events,
			venue_ms: message.venue_ms,
			...(events.some(({kind}) => kind === 'fill') ? {checkpoint: this.cursor.checkpoint()} : {}),
		})
		if (message.expired) this.#end('the listen key has expired')
	}

	#isNew(event: NormalizedEvent): boolean {
		return event.kind !== 'fill' || this.cursor.toldFill(event.symbol, event.trade_id)
	}

	#missedSome(body: unknown): boolean {
		const {o} = orderTradeUpdate.parse(body)
		return this.cursor.missedBefore(o.i, Number(o.l), Number(o.z), ENDED.has(o.X))
	}

	#receive(message: unknown): void {
		if (this.#inbox.length < limits.user_messages_waiting_max) this.#inbox.push(message)
		else this.#end('too many messages wait to be handled')
		this.#wake()
	}

	#isOver(signal: AbortSignal): boolean {
		return signal.aborted || this.#ended !== undefined
	}

	/** The first reason counts. */
	#end(reason: string): void {
		this.#ended ??= reason
		this.#wake()
	}

	async #idle(signal: AbortSignal): Promise<void> {
		const turn = new AbortController()
		this.#wake = () => turn.abort()
		this.#idling = true
		await waitMs(limits.account_idle_ms, AbortSignal.any([turn.signal, signal]))
		this.#idling = false
	}
}
