import {AccountCursor, type ResumePoint} from '../../exchange/account-cursor.js'
import type {AccountPush} from '../../exchange/account-push.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {connectionEvent} from '../../exchange/normalise.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import {waitMs} from '../clock/wait.js'
import {AccountLife} from './account-life.js'
import {AccountProof} from './account-proof.js'
import {openClient, type VenueClient} from './client.js'
import {Sockets} from './socket-hold.js'
import {readPaperClock, venueNow} from './venue-time.js'

export type AccountFeedOptions = Readonly<{
	/** The newest checkpoint that was committed; undefined on the first start. */
	resumeFrom: () => ResumePoint | undefined
	/** Where that is lost: venue time from which all is read again, ms. */
	provenSince?: () => number | undefined
	/** Told of the venue time, ms, up to which fills and income have been told. */
	onProven?: (venue_ms: number) => void
}>

/** An account that was never looked at: all that the paper exchange has, elsewhere what happens from now on. */
const beginning = async (config: VenueConfig, client: VenueClient): Promise<number> =>
	config.mode === 'PAPER' ? (await readPaperClock(config)).start_ms : await venueNow(config, client)

const pointAt = (since_ms: number): ResumePoint => ({since_ms, fills: {}, income: {time_ms: since_ms, seen: []}})

/**
 * The account as its user-data stream tells it, without a gap: after every connect and every minute fills and income
 * are proven by REST. Connects for ever; LOST, CONNECTED and RESYNCED say how it stands.
 */
export const accountFeed = (config: VenueConfig, options: AccountFeedOptions): FeedAdapter => {
	const {resumeFrom, provenSince, onProven} = options
	let life: AccountLife | undefined
	const run: FeedAdapter['run'] = async (push, signal) => {
		const client = await openClient(config, 'data')
		const sockets = new Sockets(client.ccxt)
		let cursor: AccountCursor | undefined
		let known_ms = 0
		let lost = false
		let pause_ms: number = limits.reconnect_first_ms
		const tell = (event: AccountPush): Promise<void> => {
			known_ms = Math.max(known_ms, event.venue_ms)
			return push(event)
		}
		const connection = (status: 'CONNECTED' | 'LOST' | 'RESYNCED', detail: string): Promise<void> =>
			tell({
				raw: {channel: 'connection', body: detail},
				events: [connectionEvent(status, detail)],
				venue_ms: known_ms,
				...(cursor ? {checkpoint: cursor.checkpoint()} : {}),
			})
		/** A mark that lies ahead was made in another market. */
		const since = async (now_ms: number): Promise<number> => {
			const proven_ms = provenSince?.()
			return proven_ms !== undefined && proven_ms <= now_ms ? proven_ms : beginning(config, client)
		}
		const live = async (): Promise<string> => {
			await client.syncClock()
			known_ms = Math.max(known_ms, await venueNow(config, client))
			cursor ??= new AccountCursor(resumeFrom() ?? pointAt(await since(known_ms)))
			const proof = new AccountProof(config, client, cursor, tell, onProven)
			const own = new AccountLife(client, sockets, cursor, proof, tell)
			life = own
			return own.run(async status => {
				lost = false
				pause_ms = limits.reconnect_first_ms
				if (status === 'RESYNCED') await proof.balances()
				return connection(status, status === 'CONNECTED' ? 'user-data stream' : 'fills and income proven by REST')
			}, signal)
		}
		try {
			while (!signal.aborted) {
				const reason = client.redact(await live().catch(String))
				if (signal.aborted) break
				if (!lost) await connection('LOST', reason)
				lost = true
				await waitMs(pause_ms, signal)
				pause_ms = Math.min(pause_ms * 2, limits.reconnect_max_ms)
			}
		} finally {
			await client.close()
		}
	}
	return {run, settled: () => life?.settled ?? false}
}
