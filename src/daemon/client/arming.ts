import {setTimeout as pause} from 'node:timers/promises'
import {keys} from '../../engine/contracts/keys.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {advanceArmFile, epochOf, raiseKilled, readArmFile} from './arm-file.js'
import {type Arming, readArming} from './arming-record.js'
import {requireAudit} from './audit.js'
import {guardsAgainst} from './bsc-record.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {requireConfirmation} from './confirmation.js'
import type {DaemonStatus} from './control-api.js'
import {essAgainst, essBriefOf} from './ess-record.js'
import {type GatewayReport, readGateways} from './gateways.js'
import type {Home} from './home.js'
import {changeLatch, killLatch, readLatch} from './latch.js'
import type {State} from './state.js'

export {kill} from './killing.js'

/** Quotes older than this are stale even if nobody lives who would say so, machine time. */
const QUOTE_SILENT_MS = 60_000

export type ArmOptions = Readonly<{
	home: Home
	state: State
	mode: string
	by: string
	reason: string
	now_ms: () => number
	/** Of the policy in force; 0 before its first version. */
	policy_version: number
	/** Typed by the operator; needed outside PAPER. */
	confirm?: string | undefined
	gateways_ms?: number
	/** The only stop that may be ended: any later one stays. */
	over_epoch?: number | undefined
}>

export type ArmReport = Readonly<{
	state: 'ARMED' | 'ALREADY ARMED' | 'NOT CONFIRMED'
	epoch: number
	/** The stop that this arming ended. */
	before: Arming
	gateways: readonly GatewayReport[]
	detail: string
}>

const reconcileProblem = async (
	{bus, naming}: State,
	now_ms: number,
	stale_ms: number,
): Promise<string | undefined> => {
	const {outcome, machine_ms} = await bus.hashAll(naming.key(keys.reconcileLast, {}))
	if (outcome === undefined) return 'nothing has been compared with the venue yet'
	if (outcome !== 'CLEAN') return `the last comparison with the venue was ${outcome}`
	const age_ms = now_ms - Number(machine_ms)
	return age_ms > stale_ms ? `the last comparison with the venue is ${Math.round(age_ms / 1_000)} s old` : undefined
}

const staleSymbols = async ({bus, naming}: State, symbols: readonly string[], now_ms: number): Promise<string[]> => {
	const found = await Promise.all(
		symbols.map(async symbol => {
			const [quote, stale] = await Promise.all([
				bus.hashAll(naming.key(keys.marketQuote, {symbol})),
				bus.hashAll(naming.key(keys.marketStale, {symbol})),
			])
			const silent = !(now_ms - Number(quote.machine_ms) <= QUOTE_SILENT_MS)
			return silent || stale.since_ms !== undefined ? symbol : undefined
		}),
	)
	return found.filter(symbol => symbol !== undefined)
}

/** Everything that stands against arming now; empty when nothing does. */
export const reasonsAgainst = async (options: {
	state: State
	status: DaemonStatus
	symbols: readonly string[]
	reconcile_stale_ms: number
	now_ms: number
}): Promise<readonly string[]> => {
	const {state, status, symbols, reconcile_stale_ms, now_ms} = options
	const {bus, naming} = state
	const exec = status.stages.find(({name}) => name === 'exec')
	const [mode, execution, reconcile, stale, ess, guards] = await Promise.all([
		bus.get(naming.key(keys.mode, {})),
		bus.get(naming.key(keys.execution, {})),
		reconcileProblem(state, now_ms, reconcile_stale_ms),
		staleSymbols(state, symbols, now_ms),
		bus.hashAll(naming.key(keys.essState, {})).then(fields => essAgainst(essBriefOf(fields), now_ms)),
		Promise.all([keys.bscState, keys.essWatch].map(key => bus.hashAll(naming.key(key, {})))).then(
			([bsc = {}, watch = {}]) => guardsAgainst(bsc, watch, now_ms),
		),
	])
	return [
		...(exec?.open
			? []
			: [`stage exec is not open${exec?.blocked_by.length ? `: ${exec.blocked_by.join(', ')}` : ''}`]),
		...(ess === undefined ? [] : [ess]),
		...guards,
		...(reconcile === undefined ? [] : [reconcile]),
		...(stale.length > 0 ? [`market data is stale: ${stale.join(', ')}`] : []),
		...(mode === status.mode ? [] : [`the governor is set to mode ${mode ?? 'none'}, the system runs ${status.mode}`]),
		...(execution === 'ENABLED' || execution === 'REDUCE_ONLY' ? [] : [`execution is ${execution ?? 'not set'}`]),
	]
}

const awaitGateways = async (state: State, epoch: number, within_ms: number): Promise<readonly GatewayReport[]> => {
	const deadline = performance.now() + within_ms
	for (;;) {
		const gateways = await readGateways(state)
		const there = gateways.length > 0 && gateways.every(report => report.epoch >= epoch)
		if (there || performance.now() >= deadline) return gateways
		await pause(CLIENT_LIMITS.poll_ms / 2)
	}
}

/** What an arming ends, for the audit log. */
export const auditedArming = ({armed, why, last}: Arming): Readonly<Record<string, unknown>> => ({armed, why, ...last})

/**
 * Arms: Redis by the latch under the epoch that was looked at, then the arm file. Whoever kills in between wins.
 * @throws OperatorError (needs_input) without the phrase outside PAPER, (refused) when somebody was quicker, or when it
 * cannot be recorded.
 */
export const arm = async (options: ArmOptions): Promise<ArmReport> => {
	const {home, state, mode, by, reason, now_ms} = options
	const before = readArming(home, await readLatch(state))
	if (before.armed) {
		const epoch = epochOf(before.file)
		return {state: 'ALREADY ARMED', epoch, before, gateways: await readGateways(state), detail: `epoch ${epoch}`}
	}
	const file_epoch = epochOf(before.file)
	let expected_epoch = before.latch?.record.epoch ?? 0
	const {confirm, policy_version, over_epoch} = options
	const newest = Math.max(file_epoch, expected_epoch)
	if (over_epoch !== undefined && newest !== over_epoch) throw overtaken(newest)
	const asked = {mode, epoch: newest, policy_version, now_ms: now_ms()}
	requireConfirmation(confirm, asked, before)
	await requireAudit(home, now_ms, {what: 'go', why: reason, who: by, outcome: 'ASKED', before: auditedArming(before)})
	// A file that got ahead while Redis was away: the same number must never mean killed here and armed there.
	if (file_epoch > expected_epoch) {
		const {by: killer = by, reason: why = reason} = before.last ?? {}
		expected_epoch = await killLatch(state, {by: killer, reason: why, mode, time_ms: now_ms()}, file_epoch)
	}
	const time_ms = now_ms()
	const {outcome, epoch} = await changeLatch(state, {what: 'arm', by, reason, mode, time_ms, expected_epoch})
	if (outcome !== 'armed') throw overtaken(epoch)
	await advanceArmFile(home.arm, {epoch, armed: true, mode, by, reason, time_ms})
	const file = readArmFile(home.arm)
	if (file.kind !== 'record' || file.record.epoch !== epoch || !file.record.armed) {
		await killLatch(state, {by, reason: 'killed while arming', mode, time_ms: now_ms()}, epochOf(file))
		throw overtaken(epochOf(file))
	}
	const gateways = await awaitGateways(state, epoch, options.gateways_ms ?? CLIENT_LIMITS.gateways_ms)
	const behind = gateways.filter(report => !(report.epoch >= epoch)).map(({name}) => name)
	if (gateways.length > 0 && behind.length === 0)
		return {state: 'ARMED', epoch, before, gateways, detail: `epoch ${epoch}, seen by every gateway`}
	const detail = gateways.length === 0 ? 'no gateway has reported' : `not seen yet by ${behind.join(', ')}`
	return {state: 'NOT CONFIRMED', epoch, before, gateways, detail: `armed under epoch ${epoch}; ${detail}`}
}

const overtaken = (epoch: number): OperatorError =>
	new OperatorError(`somebody changed the arming meanwhile (epoch ${epoch}); nothing was armed`, {
		exit_code: EXIT_CODES.refused,
		hint: 'see qt status, then decide again',
	})

/** Brings Redis and the arm file together after one of them was away: to the newer one, and to killed unless both say armed. */
export const reconcileArming = async ({
	home,
	state,
	mode,
	now_ms,
}: Pick<ArmOptions, 'home' | 'state' | 'mode' | 'now_ms'>): Promise<Arming> => {
	const found = readArming(home, await readLatch(state))
	const {file, latch, last} = found
	if (found.armed || !latch || !last) return found
	const records = [...(file.kind === 'record' ? [file.record] : []), ...(latch.known ? [latch.record] : [])]
	const standing = records.filter(record => !record.armed).sort((left, right) => right.epoch - left.epoch)[0]
	const {by, reason} = standing ?? {by: 'qt', reason: found.why}
	const change = {by, reason, mode, time_ms: now_ms()}
	if (!latch.killed || epochOf(file) > latch.record.epoch) await killLatch(state, change, epochOf(file))
	const {record} = await readLatch(state)
	if (epochOf(file) < record.epoch || (file.kind === 'record' && file.record.armed))
		await raiseKilled(home.arm, {...change, by: record.by, reason: record.reason}, record.epoch)
	return readArming(home, await readLatch(state))
}
