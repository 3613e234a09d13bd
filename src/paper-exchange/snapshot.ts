import {snapshotBody} from './recovery.js'
import type {Venue} from './venue.js'

/** Replaces snapshot and state log with what is in memory, and hands what has ended to the files that keep it. */
export const takeSnapshot = (venue: Venue): void => {
	const {state} = venue.core
	const candles = {fresh: venue.newCandles, kept: () => venue.klines.allKept()}
	venue.journal.snapshot(snapshotBody(venue), state.unarchived, candles)
	venue.newCandles = []
	state.forgetFinished()
}
