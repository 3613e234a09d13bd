import {setTimeout as pause} from 'node:timers/promises'
import type {Home} from '../../daemon/client/home.js'
import {markedPositions, type ProtectedPosition, protectedPositions} from '../../daemon/client/positions.js'
import {openVenue} from '../../daemon/client/venue-access.js'
import type {VenueDesk} from '../../daemon/client/venue-desk.js'
import {messageOf} from '../../engine/errors.js'
import {type Part, seen, unseen, type VenueSeen} from '../observed.js'

/** A fill has its stop within a second: a position that is bare for longer stays without one. */
const STOP_WITHIN_MS = 1_200

/** Positions that are bare at both looks are; one that was just filled has its stop by the second. */
const readTwice = async (desk: VenueDesk): Promise<readonly ProtectedPosition[]> => {
	const first = await protectedPositions(desk)
	if (first.every(({stop}) => stop !== null)) return first
	await pause(STOP_WITHIN_MS)
	const bare = new Set(first.flatMap(({stop, symbol}) => (stop === null ? [symbol] : [])))
	const second = await protectedPositions(desk)
	// One that was opened meanwhile is looked at by the next audit.
	return second.filter(({stop, symbol}) => stop !== null || bare.has(symbol))
}

export type ObserveVenue = (home: Home, env: NodeJS.ProcessEnv) => Promise<Part<VenueSeen>>

/** Looks again after so long, and until then says what was seen; what was not seen is looked for at once. */
export const atMostEvery = <Asked extends readonly unknown[], Value>(
	every_ms: number,
	now_ms: () => number,
	look: (...asked: Asked) => Promise<Part<Value>>,
): ((...asked: Asked) => Promise<Part<Value>>) => {
	let last: Readonly<{at_ms: number; part: Part<Value>}> | undefined
	return async (...asked) => {
		const at_ms = now_ms()
		if (last?.part.state !== 'seen' || at_ms - last.at_ms >= every_ms) last = {at_ms, part: await look(...asked)}
		return last.part
	}
}

/** Open positions at the venue, each with the stop that rests for it. Only read. */
export const observeVenue: ObserveVenue = async (home, env) => {
	try {
		const access = await openVenue(home, env)
		if (access.kind === 'not-running') return unseen(access.detail)
		try {
			return seen({positions: await markedPositions(home, await readTwice(access.desk))})
		} finally {
			await Promise.allSettled([access.desk.close(), access.sender.end()])
		}
	} catch (error) {
		return unseen(messageOf(error))
	}
}
