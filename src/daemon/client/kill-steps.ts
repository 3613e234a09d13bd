import {userInfo} from 'node:os'
import {messageOf} from '../../engine/errors.js'
import type {Home} from './home.js'
import type {OperatorSender} from './operator-sender.js'
import type {VenueDesk} from './venue-desk.js'

export type KillStep = Readonly<{
	name: 'file' | 'redis' | 'gateways' | 'venue' | 'stops' | 'flatten'
	ok: boolean
	detail: string
	ms: number
}>

/** The venue of a system: what speaks for it and sends to it, or why it cannot be asked. */
export type VenueAccess =
	| Readonly<{kind: 'desk'; desk: VenueDesk; sender: OperatorSender}>
	/** The paper venue does not run: nothing can be sent to it or filled there. */
	| Readonly<{kind: 'not-running'; detail: string}>

/** How a stop ends, whatever it stops. */
export type StopOptions = Readonly<{
	home: Home
	openVenue: () => Promise<VenueAccess>
	gateways_ms?: number
	/** From the same moment, for what becomes of orders on their way. */
	outcomes_ms?: number
	/** Closes every position as well. */
	flatten?: boolean
}>

export const operatorName = (): string => {
	try {
		return userInfo().username
	} catch {
		return `uid ${process.getuid?.() ?? '?'}`
	}
}

export type Done = Readonly<{ok: boolean; detail: string}>

/** Runs a step of a kill; what it throws is a step that failed. */
export const timed = async (name: KillStep['name'], act: () => Promise<Done>): Promise<KillStep> => {
	const started = performance.now()
	const {ok, detail} = await act().catch((error: unknown) => ({
		ok: false,
		detail: messageOf(error),
	}))
	return {name, ok, detail, ms: Math.round(performance.now() - started)}
}

export const failedOf = (steps: readonly KillStep[]): readonly string[] =>
	steps.filter(({ok}) => !ok).map(({name, detail}) => `${name}: ${detail}`)

/** What the audit log keeps of the times, ms. */
export const timingsOf = (durable_ms: number, steps: readonly KillStep[]): Readonly<Record<string, number>> => ({
	durable_ms,
	...Object.fromEntries(steps.map(({name, ms}) => [`${name}_ms`, ms])),
})
