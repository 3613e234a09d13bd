import {setTimeout as pause} from 'node:timers/promises'
import {messageOf} from '../../engine/errors.js'
import {CLEAN_STOP, readArming} from './arming-record.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {DaemonStatus} from './control-api.js'
import {ControlClient, notRunning} from './control-client.js'
import type {Home} from './home.js'
import {type KillReport, kill, type VenueAccess} from './killing.js'
import {readLatch} from './latch.js'
import {type ProtectedPosition, protectedPositions} from './positions.js'
import {withState} from './state.js'

export type DownProgress =
	| Readonly<{kind: 'disarmed'; report: KillReport | undefined}>
	| Readonly<{kind: 'positions'; positions: readonly ProtectedPosition[] | undefined; detail: string}>
	| Readonly<{kind: 'alarm'; message: string}>

export type DownReport = Readonly<{
	stopped: readonly string[]
	/** Had to be ended hard. */
	killed: readonly string[]
	/** Undefined when the venue could not be read. */
	positions: readonly ProtectedPosition[] | undefined
	disarm: KillReport | undefined
	took_ms: number
}>

export type DownOptions = Readonly<{
	home: Home
	now_ms: () => number
	openVenue: () => Promise<VenueAccess>
	onProgress: (progress: DownProgress) => void
}>

/** Disarms unless somebody has already stopped it: that stop keeps its author and reason. */
const disarm = async (
	{home, now_ms, openVenue}: DownOptions,
	{mode}: DaemonStatus,
): Promise<KillReport | undefined> => {
	const latch = await withState(home, readLatch).catch(() => undefined)
	const {last, armed} = readArming(home, latch)
	if (!armed && last && !last.armed) return undefined
	return kill({home, mode, ...CLEAN_STOP, now_ms, openVenue})
}

/** What stays open at the venue, and what keeps it from harm there. */
const readPositions = async ({openVenue, onProgress}: DownOptions): Promise<DownReport['positions']> => {
	try {
		const access = await openVenue()
		if (access.kind === 'not-running') {
			onProgress({kind: 'positions', positions: undefined, detail: access.detail})
			return undefined
		}
		try {
			const positions = await protectedPositions(access.desk)
			onProgress({kind: 'positions', positions, detail: ''})
			return positions
		} finally {
			await access.desk.close()
		}
	} catch (error) {
		const detail = messageOf(error)
		onProgress({kind: 'positions', positions: undefined, detail: `the venue cannot be read: ${detail}`})
		return undefined
	}
}

const tellAlarms = async (
	control: ControlClient,
	onProgress: DownOptions['onProgress'],
	over: AbortSignal,
): Promise<void> => {
	const told = new Set<string>()
	while (!over.aborted) {
		const status = await control.status().catch(() => undefined)
		for (const {at, message} of status?.alarms ?? []) {
			const key = `${at} ${message}`
			if (!told.has(key) && told.size > 0) onProgress({kind: 'alarm', message})
			told.add(key)
		}
		// What was alarmed before the stop is not part of it.
		told.add('')
		await pause(CLIENT_LIMITS.poll_ms * 5, undefined, {signal: over}).catch(() => undefined)
	}
}

/**
 * Disarms, says what stays open and what protects it, then stops everything in reverse order.
 * @throws OperatorError (unreachable) when no daemon runs.
 */
export const bringDown = async (options: DownOptions): Promise<DownReport> => {
	const {home, onProgress} = options
	const started_at = performance.now()
	const control = new ControlClient(home)
	const status = await control.status()
	if (!status) throw notRunning(home)
	const report = await disarm(options, status)
	onProgress({kind: 'disarmed', report})
	const positions = await readPositions(options)
	const over = new AbortController()
	const telling = tellAlarms(control, onProgress, over.signal)
	try {
		const {stopped, killed} = await control.stop()
		return {stopped, killed, positions, disarm: report, took_ms: Math.round(performance.now() - started_at)}
	} finally {
		over.abort()
		await telling
	}
}
