import type {UpProgress} from '../../daemon/client/up.js'
import {duration, speedText} from './terms.js'

/** A line for each thing that a start goes through. */
export const upLine = (progress: UpProgress): string => {
	if (progress.kind === 'stage') return `stage ${progress.name} open after ${duration(progress.at_ms)}`
	if (progress.kind === 'waiting') {
		const told = Object.entries(progress.blocked).map(([name, by]) => `${name} (${by.slice(0, 4).join(', ')})`)
		return `waiting for ${told.join('; ')}`
	}
	if (progress.kind === 'closed')
		return `${progress.path} was open to other users of this machine and is closed now: what lies in it may be known`
	const {started, pid, settings} = progress
	const {mode, market, speed} = settings
	return `${started ? 'daemon started' : 'attached to the daemon that runs'} (pid ${pid}): ${mode}, ${market.kind} market, speed ${speedText(speed)}`
}
