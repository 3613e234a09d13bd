import {CLIENT_LIMITS} from './client-limits.js'
import type {Home} from './home.js'
import {type Done, type KillStep, type StopOptions, timed} from './kill-steps.js'
import type {VenueWork} from './kill-venue.js'
import type {State} from './state.js'

/** What a position without a stop gets is in the policy; a broken one must not keep it bare. */
const policyFor = async (home: Home) => {
	const [{readPolicy}, {defaultPolicy}] = await Promise.all([
		import('../system/policy-file.js'),
		import('../../engine/contracts/policy.js'),
	])
	try {
		return readPolicy(home)
	} catch {
		return defaultPolicy
	}
}

/**
 * The proof of the gateways, asked for once more where it was not there at once: an order whose outcome is not known
 * takes its receive window to be known, and nothing of the kill waits for that but its verdict.
 * @param deadline of `performance.now()`
 */
const provenLater = async (
	at_once: KillStep,
	prove: (within_ms: number) => Promise<Done>,
	deadline: number,
): Promise<KillStep> => {
	const left_ms = Math.round(deadline - performance.now())
	if (at_once.ok || left_ms <= 0) return at_once
	const later = await timed(at_once.name, () => prove(left_ms))
	const detail = later.ok ? `${later.detail}; at first ${at_once.detail}` : later.detail
	return {...later, detail, ms: at_once.ms + later.ms}
}

/** A stop that holds, and what is left to do: nothing is sent any more, or what still is must be known. */
export type Stopping = Readonly<{
	file: KillStep
	redis: KillStep
	/** Closed at the end. */
	state: (State & {close(): Promise<void>}) | undefined
	prove: (within_ms: number | undefined) => Promise<Done>
	/** What the first proof said of the gateways. */
	standing: (at_once: KillStep) => Readonly<{certain: boolean; gateway_lives: boolean}>
	/** What is said of Redis where it could not be told and the file holds by itself. */
	alone: string
	/** Left out, every symbol. */
	symbol?: string
}>

/**
 * How a stop of everything or of one symbol ends: proof from each gateway, then the venue, then the proof once more
 * where it was not there at once. Goes through all steps whatever fails in one.
 */
export const settleStop = async (
	{home, openVenue, flatten = false, gateways_ms, outcomes_ms = CLIENT_LIMITS.outcomes_ms}: StopOptions,
	{file, redis, state, prove, standing, alone, symbol}: Stopping,
): Promise<VenueWork & Readonly<{held: boolean}>> => {
	const asked_ms = performance.now()
	const at_once = await timed('gateways', () => prove(gateways_ms))
	const {settleVenue} = await import('./kill-venue.js')
	const policy = () => policyFor(home)
	const {steps, ...found} = await settleVenue({openVenue, policy, state, ...standing(at_once), flatten, symbol})
	const gateways = await provenLater(at_once, prove, asked_ms + outcomes_ms)
	// The file fences every gateway by itself; the next start or arming brings Redis to it.
	const told = !redis.ok && gateways.ok && file.ok ? {...redis, ok: true, detail: `${redis.detail}; ${alone}`} : redis
	await state?.close()
	const all = [file, told, gateways, ...steps]
	return {...found, steps: all, held: all.every(({name, ok}) => ok || name === 'flatten')}
}
