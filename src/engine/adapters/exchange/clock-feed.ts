import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import {waitMs} from '../clock/wait.js'
import {openClient, type VenueClient} from './client.js'
import {readPaperClock} from './venue-time.js'

/** How the venue's time runs: `venue_ms` at `machine_ms`, from there `speed` times as fast; 0 in lock-step. */
export type ClockPush = Readonly<{venue_ms: number; machine_ms: number; speed: number; ended: boolean}>

const paperReading = async (config: VenueConfig): Promise<ClockPush> => {
	const {venue_ms, machine_ms, speed, ended} = await readPaperClock(config)
	return {venue_ms, machine_ms, speed, ended}
}

const realReading = (client: VenueClient): ClockPush => {
	const machine_ms = Date.now()
	return {venue_ms: machine_ms - client.offset(), machine_ms, speed: 1, ended: false}
}

/** Pushes a reading twice a second; none while the venue has never answered. */
export const clockFeed = (config: VenueConfig): FeedAdapter => ({
	run: async (push, signal) => {
		const client = config.mode === 'PAPER' ? undefined : await openClient(config, 'data')
		let measured = false
		try {
			while (!signal.aborted) {
				if (client && !measured)
					measured = await client.syncClock().then(
						() => true,
						() => false,
					)
				// Without an answer the last reading holds: time goes on at the speed it had.
				const reading = client
					? measured
						? realReading(client)
						: undefined
					: await paperReading(config).catch(() => undefined)
				if (reading) await push(reading)
				await waitMs(limits.clock_push_ms, signal)
			}
		} finally {
			await client?.close()
		}
	},
})
