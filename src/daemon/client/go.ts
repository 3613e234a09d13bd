import {setTimeout as pause} from 'node:timers/promises'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {type ArmReport, arm, reasonsAgainst, reconcileArming} from './arming.js'
import {type Arming, readArming, whyNotFresh} from './arming-record.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {DaemonStatus} from './control-api.js'
import {ControlClient, notRunning} from './control-client.js'
import type {Home} from './home.js'
import {operatorName} from './killing.js'
import {readLatch} from './latch.js'
import {openState, type State} from './state.js'

type Running = Readonly<{home: Home; state: State; status: DaemonStatus; now_ms: () => number}>

/** Reads what the daemon runs with, so that `against` asks about its own symbols. */
const against = async ({home, state, status, now_ms}: Running): Promise<readonly string[]> => {
	const [{readSettings}, {readPolicy}] = await Promise.all([
		import('../system/settings.js'),
		import('../system/policy-file.js'),
	])
	const symbols = readSettings(home)?.symbols ?? []
	const reconcile_stale_ms = readPolicy(home).reconcile_stale_machine_ms
	return reasonsAgainst({state, status, symbols, reconcile_stale_ms, now_ms: now_ms()})
}

const withRunning = async <Result>(
	home: Home,
	now_ms: () => number,
	act: (running: Running) => Promise<Result>,
): Promise<Result> => {
	const status = await new ControlClient(home).status()
	if (!status) throw notRunning(home)
	const {close, ...state} = await openState(home)
	try {
		return await act({home, state, status, now_ms})
	} finally {
		await close()
	}
}

/** Who stopped it last and why, for a message. */
export const stoppedBy = ({last, why}: Arming): string =>
	last && !last.armed
		? `stopped by ${last.by || 'nobody known'} (${last.reason || 'no reason given'})`
		: `not armed: ${why}`

/**
 * `qt go`: an operator arms.
 * @throws OperatorError (refused) naming everything that stands against it, (needs_input) without confirmation
 */
export const go = (home: Home, options: {now_ms: () => number; confirm?: string | undefined}): Promise<ArmReport> =>
	withRunning(home, options.now_ms, async running => {
		const {state, status} = running
		const reasons = await against(running)
		if (reasons.length > 0) {
			const arming = readArming(home, await readLatch(state))
			throw new OperatorError(`not armed (${stoppedBy(arming)}): ${reasons.join('; ')}`, {
				exit_code: EXIT_CODES.refused,
				hint: 'put that right first; qt status shows the system',
			})
		}
		const by = operatorName()
		return arm({home, state, mode: status.mode, by, reason: 'armed by the operator', ...options})
	})

export type StartArming = Readonly<{armed: boolean; detail: string; report: ArmReport | undefined}>

/**
 * `--go`: arms PAPER once all is ready, and only over a state that was never killed or was stopped in order.
 * What keeps it from that is an answer, no error.
 */
export const armOnStart = (home: Home, options: {now_ms: () => number; signal?: AbortSignal}): Promise<StartArming> =>
	withRunning(home, options.now_ms, async running => {
		const {state, status, now_ms} = running
		const refuse = (detail: string): StartArming => ({armed: false, detail, report: undefined})
		if (status.mode !== 'PAPER') return refuse(`--go arms PAPER only, this is ${status.mode}; arm it by: qt go`)
		const arming = await reconcileArming({home, state, mode: status.mode, now_ms})
		if (arming.armed) return {armed: true, detail: 'was armed already', report: undefined}
		const kill = whyNotFresh(arming)
		if (kill !== undefined) return refuse(`${kill}; when that is settled: qt go`)
		const deadline = performance.now() + CLIENT_LIMITS.arming_ready_ms
		for (;;) {
			const current = (await new ControlClient(home).status()) ?? status
			const reasons = await against({...running, status: current})
			if (reasons.length === 0) break
			if (performance.now() >= deadline || options.signal?.aborted) return refuse(`${reasons.join('; ')}; then: qt go`)
			await pause(CLIENT_LIMITS.poll_ms * 2)
		}
		// Looked at again: somebody may have killed while the first comparison was awaited.
		const late = whyNotFresh(readArming(home, await readLatch(state)))
		if (late !== undefined) return refuse(`${late}; when that is settled: qt go`)
		const report = await arm({home, state, mode: 'PAPER', by: operatorName(), reason: 'armed on start (--go)', now_ms})
		return {armed: report.state !== 'NOT CONFIRMED', detail: report.detail, report}
	})
