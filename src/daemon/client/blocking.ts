import {setTimeout as pause} from 'node:timers/promises'
import {keys} from '../../engine/contracts/keys.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {audited, recordAudit} from './audit.js'
import {addBlock, blocksInFile, removeBlock} from './block-file.js'
import {CLIENT_LIMITS as limits} from './client-limits.js'
import {readGateways, sendersAlive} from './gateways.js'
import type {Home} from './home.js'
import {type Done, failedOf, operatorName, timed, timingsOf} from './kill-steps.js'
import {settleStop} from './kill-tail.js'
import type {KillOptions, KillReport} from './killing.js'
import {openState, type State} from './state.js'

export type BlockOptions = KillOptions & Readonly<{symbol: string}>
export type BlockReport = Omit<KillReport, 'state' | 'epoch'> &
	Readonly<{
		/** BLOCKED: nothing of the symbol can leave, and nothing of it is on its way. */
		state: 'BLOCKED' | 'NOT CONFIRMED'
		symbol: string
	}>

/** Each gateway has said since then that nothing of the symbol is on its way; whatever comes later meets the block. */
const provenBy = async (home: Home, state: State | undefined, symbol: string, since_ms: number): Promise<Done> => {
	const senders = await sendersAlive(home)
	if (senders.length === 0) return {ok: true, detail: 'no process runs a gateway'}
	if (!state) {
		const busy = senders.filter(({in_flight}) => in_flight !== 0).map(({host}) => host)
		return {
			ok: busy.length === 0,
			detail: busy.length === 0 ? 'nothing in flight' : `${busy.join(', ')}: busy or silent`,
		}
	}
	const gateways = await readGateways(state)
	const open = gateways.filter(
		({reported_ms, symbols_in_flight}) => reported_ms <= since_ms || symbols_in_flight.includes(symbol),
	)
	if (gateways.length === 0) return {ok: false, detail: 'no gateway has reported'}
	if (open.length === 0)
		return {ok: true, detail: `nothing of ${symbol} in flight at ${gateways.map(({name}) => name)}`}
	return {ok: false, detail: `not said yet by ${open.map(({name}) => name).join(', ')}`}
}

const awaitProof = async (
	{home, symbol, onWait}: BlockOptions,
	state: State | undefined,
	since_ms: number,
	within_ms: number,
): Promise<Done> => {
	const deadline = performance.now() + within_ms
	let told = ''
	for (;;) {
		const {ok, detail} = await provenBy(home, state, symbol, since_ms)
		if (ok) return {ok, detail}
		if (performance.now() >= deadline) return {ok, detail: `not within ${within_ms} ms: ${detail}`}
		if (detail !== told) onWait?.(detail)
		told = detail
		await pause(limits.poll_ms / 2)
	}
}

/**
 * Stops one symbol while the others trade on: in the gateway's own file and in Redis, either of which holds it; then its
 * entry orders go, and its position gets its stop or is closed. Stays until `liftBlock`. Never throws for what it meets.
 */
export const blockSymbol = async (options: BlockOptions): Promise<BlockReport> => {
	const {home, symbol, reason, now_ms, flatten = false} = options
	const by = options.by ?? operatorName()
	const block = {by, reason, time_ms: now_ms()}
	const file = await timed('file', async () => {
		await addBlock(home, symbol, block)
		return {ok: true, detail: `${symbol} in ${home.blocked}`}
	})
	const durable_ms = Math.round(performance.now())
	const since_ms = now_ms()
	let state: (State & {close(): Promise<void>}) | undefined
	const redis = await timed('redis', async () => {
		state = await openState(home, {answer_ms: limits.latch_ms, as: 'operator'})
		const {bus, naming} = state
		await bus.redis.hset(naming.key(keys.blockedSymbols, {}), symbol, JSON.stringify(block))
		return {ok: true, detail: `${symbol} blocked`}
	})
	const {held, steps, ...found} = await settleStop(options, {
		...{file, redis, state, symbol},
		prove: (within_ms = limits.gateways_ms) => awaitProof(options, state, since_ms, within_ms),
		standing: at_once => ({certain: at_once.ok, gateway_lives: true}),
		alone: 'the file alone holds the block',
	})
	const outcome = held ? ('BLOCKED' as const) : ('NOT CONFIRMED' as const)
	const unrecorded = await recordAudit(home, now_ms, {
		what: `kill --symbol ${symbol}${flatten ? ' --flatten' : ''}`,
		why: reason,
		outcome: found.flat ? `${outcome} ${found.flat.state}` : outcome,
		after: {blocked_by: by, failed: failedOf(steps)},
		timings: timingsOf(durable_ms, steps),
	})
	return {state: outcome, symbol, by, reason, durable_ms, steps, unrecorded: unrecorded ?? null, ...found}
}

export type Lifted = Readonly<{symbol: string; state: 'LIFTED'; before: unknown}>

/**
 * Lets a symbol trade again.
 * @throws OperatorError (refused) when it is not blocked in either place
 */
export const liftBlock = (home: Home, state: State, symbol: string, now_ms: () => number): Promise<Lifted> =>
	audited(
		home,
		now_ms,
		{what: `go --symbol ${symbol}`, why: 'lifted by the operator'},
		async () => {
			const {bus, naming} = state
			const key = naming.key(keys.blockedSymbols, {})
			const file = blocksInFile(home)
			const shared = await bus.hashGet(key, symbol)
			const before = file === 'unreadable' ? file : (file[symbol] ?? shared)
			if (before === undefined)
				throw new OperatorError(`${symbol} is not blocked`, {
					exit_code: EXIT_CODES.refused,
					hint: 'qt status lists the symbols that are',
				})
			await bus.redis.hdel(key, symbol)
			await removeBlock(home, symbol)
			return {symbol, state: 'LIFTED' as const, before}
		},
		({before}) => ({outcome: 'LIFTED', before: {blocked: before}}),
	)
