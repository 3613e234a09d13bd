import {request} from 'undici'
import {z} from 'zod'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {paperOrigins, type VenueConfig} from '../../exchange/venue-config.js'
import type {VenueClient} from './client.js'

const paperClock = z.object({
	venue_ms: z.number(),
	machine_ms: z.number(),
	speed: z.union([z.number().nonnegative(), z.literal('lockstep').transform(() => 0)]),
	ended: z.boolean().default(false),
	/** Venue time at which the market starts. */
	start_ms: z.number().default(0),
})
export type PaperClock = z.output<typeof paperClock>

/** How time runs at the paper exchange. @throws when it does not answer */
export const readPaperClock = async (config: VenueConfig): Promise<PaperClock> => {
	const {statusCode, body} = await request(`${paperOrigins(config).rest}/paper/clock`, {
		headersTimeout: limits.request_timeout_ms,
		bodyTimeout: limits.request_timeout_ms,
	})
	const answer = await body.text()
	if (statusCode !== 200) throw new Error(`GET /paper/clock answered ${statusCode}: ${answer.slice(0, 200)}`)
	return paperClock.parse(JSON.parse(answer))
}

/** The venue's own time now, ms: that of its market, which at the paper exchange runs at another speed. */
export const venueNow = async (config: VenueConfig, client: VenueClient): Promise<number> =>
	config.mode === 'PAPER' ? (await readPaperClock(config)).venue_ms : Date.now() - (await client.syncClock())
