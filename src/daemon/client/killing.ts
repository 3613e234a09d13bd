import {type ArmFile, type ArmRecord, raiseKilled, readArmFile, writeKilled} from './arm-file.js'
import {type Audited, recordAudit} from './audit.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {GatewaysProven} from './gateways.js'
import type {Home} from './home.js'
import {type Done, type KillStep, operatorName, timed, type VenueAccess} from './kill-steps.js'
import type {VenueWork} from './kill-venue.js'
import type {State} from './state.js'

export {type KillStep, operatorName, type VenueAccess} from './kill-steps.js'

export type KillReport = Readonly<{
	/** Whether anything can still be sent; what became of a flattening `flat` says. */
	state: 'HALTED' | 'NOT CONFIRMED'
	epoch: number
	by: string
	reason: string
	/** From the start of this process until the kill was on disk. */
	durable_ms: number
	steps: readonly KillStep[]
	/** Why the audit log does not have it; null when it does. It never stops a kill. */
	unrecorded: string | null
}> &
	Omit<VenueWork, 'steps'>

export type KillOptions = Readonly<{
	home: Home
	mode: string
	reason: string
	by?: string
	now_ms: () => number
	openVenue: () => Promise<VenueAccess>
	gateways_ms?: number
	/** From the same moment, for what becomes of orders on their way. */
	outcomes_ms?: number
	/** Told what is waited for. */
	onWait?: (what: string) => void
	/** Closes every position as well. */
	flatten?: boolean
}>

/** Redis is told, and file and Redis are brought to one epoch. */
const killRedis = async (
	{home, now_ms}: KillOptions,
	record: ArmRecord,
): Promise<{state: (State & {close(): Promise<void>}) | undefined; epoch: number; detail: string}> => {
	const {openState, withDeadline} = await import('./state.js')
	const state = await openState(home, {answer_ms: CLIENT_LIMITS.latch_ms, as: 'operator'})
	try {
		const {killLatch} = await import('./latch.js')
		const {by, reason, mode, time_ms} = record
		const work = killLatch(state, {by, reason, mode, time_ms}, record.epoch)
		const epoch = await withDeadline(work, CLIENT_LIMITS.latch_ms, 'the latch')
		await raiseKilled(home.arm, {by, reason, mode, time_ms: now_ms()}, epoch)
		return {state, epoch, detail: `kill = 1, epoch ${epoch}`}
	} catch (error) {
		await state.close()
		throw error
	}
}

/** What a position without a stop gets is in the policy; a broken one must not keep it bare. */
export const policyFor = async (home: Home) => {
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
export const provenLater = async (
	at_once: KillStep,
	prove: (within_ms: number) => () => Promise<Done>,
	deadline: number,
): Promise<KillStep> => {
	const left_ms = Math.round(deadline - performance.now())
	if (at_once.ok || left_ms <= 0) return at_once
	const later = await timed(at_once.name, prove(left_ms))
	const detail = later.ok ? `${later.detail}; at first ${at_once.detail}` : later.detail
	return {...later, detail, ms: at_once.ms + later.ms}
}

/** What the audit log says of a kill. */
const recordOf = (
	{state, epoch, by, reason, durable_ms, steps, cancelled, stops, flat}: Omit<KillReport, 'unrecorded'>,
	before: ArmFile,
): Audited => ({
	what: flat ? 'kill --flatten' : 'kill',
	why: reason,
	outcome: flat ? `${state} ${flat.state}` : state,
	before: before.kind === 'record' ? before.record : {arm_file: before.kind},
	after: {
		epoch,
		killed_by: by,
		cancelled: cancelled.map(({client_order_id}) => client_order_id),
		...(stops && {stops_placed: stops.placed, bare: stops.bare}),
		...(flat && {found: flat.found, left: flat.left}),
		failed: steps.filter(({ok}) => !ok).map(({name, detail}) => `${name}: ${detail}`),
	},
	timings: {durable_ms, ...Object.fromEntries(steps.map(({name, ms}) => [`${name}_ms`, ms]))},
})

/**
 * Stops all sending: first the arm file (which needs nobody), then Redis, then proof from each gateway, then entry
 * orders, missing stops and, where asked for, positions at the venue. Goes through all steps whatever fails in one; safe
 * to repeat. Never throws for what it meets.
 */
export const kill = async (options: KillOptions): Promise<KillReport> => {
	const {home, mode, reason, now_ms, openVenue, flatten = false} = options
	const by = options.by ?? operatorName()
	const before = readArmFile(home.arm)
	let record: ArmRecord = {epoch: 0, armed: false, by, reason, mode, time_ms: now_ms()}
	const file = await timed('file', async () => {
		record = await writeKilled(home.arm, {by, reason, mode, time_ms: now_ms()})
		return {ok: true, detail: `epoch ${record.epoch} in ${home.arm}`}
	})
	const durable_ms = Math.round(performance.now())

	let state: (State & {close(): Promise<void>}) | undefined
	let epoch = record.epoch
	let redis = await timed('redis', async () => {
		const told = await killRedis(options, record)
		state = told.state
		epoch = told.epoch
		return {ok: true, detail: told.detail}
	})
	const {proveGateways} = await import('./gateways.js')
	let proven: GatewaysProven = {ok: false, detail: '', gateways: [], lives: true, certain: false}
	const prove = (within_ms: number | undefined) => () =>
		proveGateways({home, state, epoch, onWait: options.onWait}, within_ms)
	const asked_ms = performance.now()
	const at_once = await timed('gateways', async () => {
		proven = await prove(options.gateways_ms)()
		return proven
	})

	const {settleVenue} = await import('./kill-venue.js')
	const policy = () => policyFor(home)
	const {certain, lives: gateway_lives} = proven
	const {steps, ...found} = await settleVenue({openVenue, policy, state, certain, gateway_lives, flatten})
	const {outcomes_ms = CLIENT_LIMITS.outcomes_ms} = options
	const gateways = await provenLater(at_once, prove, asked_ms + outcomes_ms)
	// The arm file fences every gateway by itself; the next start or arming brings Redis to its epoch.
	if (!redis.ok && gateways.ok && file.ok)
		redis = {...redis, ok: true, detail: `${redis.detail}; the arm file alone holds the kill`}
	await state?.close()
	const all = [file, redis, gateways, ...steps]
	const halted = all.every(({name, ok}) => ok || name === 'flatten')
	const report = {
		state: halted ? ('HALTED' as const) : ('NOT CONFIRMED' as const),
		epoch,
		by,
		reason,
		durable_ms,
		...found,
	}
	const unrecorded = await recordAudit(home, now_ms, recordOf({...report, steps: all}, before))
	return {...report, steps: all, unrecorded: unrecorded ?? null}
}
