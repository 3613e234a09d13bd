import {userInfo} from 'node:os'
import {type ArmRecord, raiseKilled, writeKilled} from './arm-file.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {Home} from './home.js'
import type {State} from './state.js'
import type {RestingOrder, VenueDesk} from './venue-desk.js'

export type KillStep = Readonly<{
	name: 'file' | 'redis' | 'gateways' | 'venue'
	ok: boolean
	detail: string
	ms: number
}>

export type KillReport = Readonly<{
	state: 'HALTED' | 'NOT CONFIRMED'
	epoch: number
	by: string
	reason: string
	/** From the start of this process until the kill was on disk. */
	durable_ms: number
	steps: readonly KillStep[]
	cancelled: readonly Pick<RestingOrder, 'symbol' | 'client_order_id'>[]
	/** Entry orders that still rest, as the venue was read last. */
	entries_left: readonly RestingOrder[]
}>

/** The venue of a system: what speaks for it, or why it cannot be asked. */
export type VenueAccess =
	| Readonly<{kind: 'desk'; desk: VenueDesk}>
	/** The paper venue does not run: nothing can be sent to it or filled there. */
	| Readonly<{kind: 'not-running'; detail: string}>

export type KillOptions = Readonly<{
	home: Home
	mode: string
	reason: string
	by?: string
	now_ms: () => number
	openVenue: () => Promise<VenueAccess>
	gateways_ms?: number
}>

export const operatorName = (): string => {
	try {
		return userInfo().username
	} catch {
		return `uid ${process.getuid?.() ?? '?'}`
	}
}

type Done = Readonly<{ok: boolean; detail: string}>

const timed = async (name: KillStep['name'], act: () => Promise<Done>): Promise<KillStep> => {
	const started = performance.now()
	const done = await act().catch((error: unknown) => ({
		ok: false,
		detail: error instanceof Error ? error.message : String(error),
	}))
	return {name, ...done, ms: Math.round(performance.now() - started)}
}

/** Redis is told, and file and Redis are brought to one epoch. */
const killRedis = async (
	{home, now_ms}: KillOptions,
	record: ArmRecord,
): Promise<{state: (State & {close(): Promise<void>}) | undefined; epoch: number; detail: string}> => {
	const {openState, withDeadline} = await import('./state.js')
	const state = await openState(home, {answer_ms: CLIENT_LIMITS.latch_ms})
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

const cancelAtVenue = async (openVenue: KillOptions['openVenue']) => {
	const access = await openVenue()
	if (access.kind === 'not-running') return {ok: true, detail: access.detail, cancelled: [], left: []}
	const {desk} = access
	const [{isEntryOrder}, {protectedBy}] = await Promise.all([import('./venue-desk.js'), import('./positions.js')])
	try {
		const cancelled = await desk.cancelEntryOrders()
		const [orders, positions] = await Promise.all([desk.openOrders(), desk.positions()])
		const left = orders.filter(isEntryOrder)
		const bare = positions.filter(position => protectedBy(position, orders).stop === null).map(({symbol}) => symbol)
		const detail = `${cancelled.length} entry orders cancelled, ${left.length} left, ${positions.length} positions, ${orders.length - left.length} protective orders stay${bare.length > 0 ? `; NO STOP RESTS FOR ${bare.join(', ')}` : ''}`
		return {ok: left.length === 0, detail, cancelled, left}
	} finally {
		await desk.close()
	}
}

/**
 * Stops all sending: first the arm file (which needs nobody), then Redis, then proof from each gateway, then entry
 * orders at the venue. Goes through all steps whatever fails in one; safe to repeat. Never throws for what it meets.
 */
export const kill = async (options: KillOptions): Promise<KillReport> => {
	const {home, mode, reason, now_ms} = options
	const by = options.by ?? operatorName()
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
	const gateways = await timed('gateways', () => proveGateways({home, state, epoch}, options.gateways_ms))
	// The arm file fences every gateway by itself; the next start or arming brings Redis to its epoch.
	if (!redis.ok && gateways.ok && file.ok)
		redis = {...redis, ok: true, detail: `${redis.detail}; the arm file alone holds the kill`}
	await state?.close()

	let cancelled: KillReport['cancelled'] = []
	let entries_left: KillReport['entries_left'] = []
	const venue = await timed('venue', async () => {
		const {withDeadline} = await import('./state.js')
		const read = await withDeadline(cancelAtVenue(options.openVenue), CLIENT_LIMITS.venue_ms, 'the venue')
		cancelled = read.cancelled
		entries_left = read.left
		return read
	})
	const steps = [file, redis, gateways, venue].map(({name, ok, detail, ms}) => ({name, ok, detail, ms}))
	const halted = steps.every(({ok}) => ok)
	return {state: halted ? 'HALTED' : 'NOT CONFIRMED', epoch, by, reason, durable_ms, steps, cancelled, entries_left}
}
