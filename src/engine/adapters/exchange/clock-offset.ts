import {z} from 'zod'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {CcxtSurface} from './ccxt-surface.js'

const serverTime = z.object({serverTime: z.coerce.number().int().positive()})

/**
 * Machine time minus the venue's, ms: of several samples the one with the shortest way there and back, whose middle is
 * the least uncertain. Signatures need it.
 */
export const measureOffset = async (ccxt: CcxtSurface): Promise<number> => {
	let best = {round_trip_ms: Infinity, offset_ms: 0}
	for (let sample = 0; sample < limits.clock_sync_samples; sample += 1) {
		const sent_ms = Date.now()
		const answer = serverTime.parse(await ccxt.fapiPublicGetTime())
		const received_ms = Date.now()
		const round_trip_ms = received_ms - sent_ms
		if (round_trip_ms < best.round_trip_ms)
			best = {round_trip_ms, offset_ms: Math.round((sent_ms + received_ms) / 2 - answer.serverTime)}
	}
	return best.offset_ms
}
