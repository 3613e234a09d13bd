import {setTimeout as pause} from 'node:timers/promises'
import {ControlClient} from '../daemon/client/control-client.js'
import {signalProcess} from '../daemon/supervision/process-identity.js'
import type {Hands} from './hands.js'
import {type Finding, judgeRest, judgeRun} from './invariants.js'
import type {Stage} from './stage.js'

/** Bounds hangs, not speed. */
const OPEN_MS = 600_000
const SETTLED_MS = 600_000
const LOOK_EVERY_MS = 1_000

/** Ends every fault. */
const endFaults = async ({proxy, processes, system, venue}: Stage): Promise<void> => {
	proxy.calm()
	for (const identity of processes) signalProcess(identity, 'SIGCONT')
	await system.find('the venue to take its faults back', OPEN_MS, async () => {
		try {
			await venue.control('DELETE', 'faults')
			await venue.control('POST', 'skew', {ms: 0})
			return true
		} catch {
			return undefined
		}
	})
}

/** Every process up, every stage open. @throws Error when they do not come within the time */
const allUp = async ({system}: Stage): Promise<void> => {
	const control = new ControlClient(system.home)
	let shut = 'the daemon does not answer'
	await system
		.find('every stage open after the faults', OPEN_MS, async () => {
			const status = await control.status().catch(() => undefined)
			if (!status) return undefined
			const blocked = status.stages.filter(({open}) => !open)
			shut = blocked.map(({name, blocked_by}) => `${name} by ${blocked_by.join(', ')}`).join('; ')
			return blocked.length === 0 ? true : undefined
		})
		.catch((error: Error) => {
			throw new Error(`${error.message}: ${shut}`)
		})
}

/**
 * Ends the faults while the operator keeps the system, and brings it up.
 * @throws Error when it does not come up
 */
export const calm = async (stage: Stage): Promise<void> => {
	await endFaults(stage)
	await allUp(stage)
}

/** Stops trading, lets everything come to rest and judges it; what does not come to hold in time is a finding. */
export const judge = async (stage: Stage, hands: Hands): Promise<readonly Finding[]> => {
	await stage.operator.end()
	const evidence = () => ({stage, hands, log: stage.venue.log()})
	const until = performance.now() + SETTLED_MS
	for (;;) {
		const rest = await judgeRest(evidence())
		const settled = rest.every(({problems}) => problems.length === 0)
		if (settled || performance.now() > until) return [...(await judgeRun(evidence())), ...rest]
		await pause(LOOK_EVERY_MS)
	}
}
