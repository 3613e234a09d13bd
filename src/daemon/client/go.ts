import {setTimeout as pause} from 'node:timers/promises'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {readVersions} from '../system/policy-store.js'
import {type ArmOptions, type ArmReport, arm, auditedArming, reasonsAgainst, reconcileArming} from './arming.js'
import {readArming, stoppedBy, whyNotFresh} from './arming-record.js'
import {auditAgainst, audited, recordAudit} from './audit.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {DaemonStatus} from './control-api.js'
import {ControlClient, notRunning} from './control-client.js'
import type {Home} from './home.js'
import {journalAgainst} from './journal.js'
import {operatorName} from './kill-steps.js'
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
	const reasons = await reasonsAgainst({state, status, symbols, reconcile_stale_ms, now_ms: now_ms()})
	const own = [auditAgainst(home), await journalAgainst(home)]
	return [...reasons, ...own.filter(reason => reason !== undefined)]
}

const withRunning = async <Result>(
	home: Home,
	now_ms: () => number,
	act: (running: Running) => Promise<Result>,
): Promise<Result> => {
	const status = await new ControlClient(home).status()
	if (!status) throw notRunning(home)
	const {close, ...state} = await openState(home, {as: 'operator'})
	try {
		return await act({home, state, status, now_ms})
	} finally {
		await close()
	}
}

const BY_HAND = 'armed by the operator'
const ON_START = 'armed on start (--go)'

/** Of the policy in force; 0 where it has no version yet, or none that can be read. */
const policyVersion = (home: Home): number => {
	try {
		return readVersions(home).at(-1)?.version ?? 0
	} catch {
		return 0
	}
}

/** An attempt to arm, with what became of it in the audit log. */
const recorded = (home: Home, now_ms: () => number, why: string, act: () => Promise<ArmReport>): Promise<ArmReport> =>
	audited(home, now_ms, {what: 'go', why}, act, ({state, epoch, before, detail}) => ({
		outcome: state,
		before: auditedArming(before),
		after: {epoch, detail},
	}))

type GoOptions = Readonly<{now_ms: () => number; reason: string}> & Pick<ArmOptions, 'confirm' | 'over_epoch'>

/** Arms when nothing stands against it. */
const armWhenClear = (home: Home, {now_ms, reason, ...said}: GoOptions): Promise<ArmReport> =>
	recorded(home, now_ms, reason, () =>
		withRunning(home, now_ms, async running => {
			const {state, status} = running
			const reasons = await against(running)
			if (reasons.length > 0) {
				const arming = readArming(home, await readLatch(state))
				throw new OperatorError(`not armed (${stoppedBy(arming)}): ${reasons.join('; ')}`, {
					exit_code: EXIT_CODES.refused,
					hint: 'put that right first; qt status shows the system',
				})
			}
			const {mode} = status
			return arm({home, state, mode, by: operatorName(), policy_version: policyVersion(home), now_ms, reason, ...said})
		}),
	)

/**
 * `qt go`: an operator arms.
 * @throws OperatorError (refused) naming everything that stands against it, (needs_input) without confirmation
 */
export const go = (home: Home, options: Pick<GoOptions, 'now_ms' | 'confirm'>): Promise<ArmReport> =>
	armWhenClear(home, {...options, reason: BY_HAND})

/** Ends one stop and no other. @throws OperatorError as `go`, and (refused) when somebody has stopped it since */
export const rearm = (home: Home, options: Required<Pick<GoOptions, 'now_ms' | 'over_epoch' | 'reason'>>) =>
	armWhenClear(home, options)

export type StartArming = Readonly<{armed: boolean; detail: string; report: ArmReport | undefined}>

/**
 * `--go`: arms PAPER once all is ready, and only over a state that was never killed or was stopped in order.
 * What keeps it from that is an answer, no error.
 */
export const armOnStart = (home: Home, options: {now_ms: () => number; signal?: AbortSignal}): Promise<StartArming> =>
	withRunning(home, options.now_ms, async running => {
		const {state, status, now_ms} = running
		const refuse = async (message: string): Promise<StartArming> => {
			await recordAudit(home, now_ms, {what: 'go', why: ON_START, outcome: 'REFUSED', after: {message}})
			return {armed: false, detail: message, report: undefined}
		}
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
		const arming_now = {mode: 'PAPER', by: operatorName(), reason: ON_START, policy_version: policyVersion(home)}
		const report = await recorded(home, now_ms, ON_START, () => arm({home, state, now_ms, ...arming_now}))
		return {armed: report.state !== 'NOT CONFIRMED', detail: report.detail, report}
	})
