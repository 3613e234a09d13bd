import type {ArmRecord} from '../../engine/exchange/arm-record.js'
import {type ArmFile, raiseKilled, readArmFile, writeKilled} from './arm-file.js'
import {type Audited, recordAudit} from './audit.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {GatewaysProven} from './gateways.js'
import {failedOf, type KillStep, operatorName, type StopOptions, timed, timingsOf} from './kill-steps.js'
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

export type KillOptions = StopOptions &
	Readonly<{
		mode: string
		reason: string
		by?: string
		now_ms: () => number
		/** Told what is waited for. */
		onWait?: (what: string) => void
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
		failed: failedOf(steps),
	},
	timings: timingsOf(durable_ms, steps),
})

/**
 * Stops all sending: first the arm file (which needs nobody), then Redis, then proof from each gateway, then entry
 * orders, missing stops and, where asked for, positions at the venue. Goes through all steps whatever fails in one; safe
 * to repeat. Never throws for what it meets.
 */
export const kill = async (options: KillOptions): Promise<KillReport> => {
	const {home, mode, reason, now_ms} = options
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
	const redis = await timed('redis', async () => {
		const told = await killRedis(options, record)
		state = told.state
		epoch = told.epoch
		return {ok: true, detail: told.detail}
	})
	const {proveGateways} = await import('./gateways.js')
	let proven: GatewaysProven = {ok: false, detail: '', gateways: [], lives: true, certain: false}
	const prove = async (within_ms: number | undefined) => {
		proven = await proveGateways({home, state, epoch, onWait: options.onWait}, within_ms)
		return proven
	}
	const {settleStop} = await import('./kill-tail.js')
	const {held, steps, ...found} = await settleStop(options, {
		...{file, redis, state, prove},
		standing: () => ({certain: proven.certain, gateway_lives: proven.lives}),
		alone: 'the arm file alone holds the kill',
	})
	const report = {
		state: held ? ('HALTED' as const) : ('NOT CONFIRMED' as const),
		epoch,
		by,
		reason,
		durable_ms,
		...found,
	}
	const unrecorded = await recordAudit(home, now_ms, recordOf({...report, steps}, before))
	return {...report, steps, unrecorded: unrecorded ?? null}
}
