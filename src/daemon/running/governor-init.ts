import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {keys} from '../../engine/contracts/keys.js'
import type {Mode} from '../../engine/contracts/mode.js'
import type {Naming} from '../../engine/contracts/naming.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {executionReset} from '../../engine/scripts/execution-switch.js'
import {latch} from '../../engine/scripts/latch.js'

type Options = Readonly<{bus: RedisBus; naming: Naming; mode: Mode; policy: Policy; by: string; machine_ms: number}>

/** Safe state: killed, execution enabled, the mode named. Trading begins only when an operator arms. */
export const initGovernor = async ({bus, naming, mode, policy, by, machine_ms}: Options): Promise<void> => {
	const used = Object.keys(await bus.hashAll(naming.key(keys.reservations, {}))).length
	await bus.decide(
		{
			script: latch,
			keys: {kill: naming.key(keys.kill, {}), arm: naming.key(keys.arm, {})},
			args: {what: 'kill', by, reason: 'governor initialised', time_ms: String(machine_ms), mode, expected_epoch: ''},
			branches: {
				armed: [],
				unchanged: [],
				refused: [],
				killed: [
					{op: 'put-string', key: naming.key(keys.mode, {}), value: mode},
					...executionReset(naming, {by, time_ms: machine_ms}),
					{op: 'put-string', key: naming.key(keys.availableSlots, {}), value: String(policy.positions_max - used)},
				],
			},
		},
		{acknowledge: []},
	)
}

/** Kills what is armed. False: nothing was. */
export const disarm = async ({
	bus,
	naming,
	mode,
	by,
	machine_ms,
	reason,
}: Omit<Options, 'policy'> & {reason: string}): Promise<boolean> => {
	const arm = naming.key(keys.arm, {})
	if ((await bus.hashGet(arm, 'armed')) !== '1') return false
	await bus.decide(
		{
			script: latch,
			keys: {kill: naming.key(keys.kill, {}), arm},
			args: {what: 'kill', by, reason, time_ms: String(machine_ms), mode, expected_epoch: ''},
			branches: {killed: [], armed: [], unchanged: [], refused: []},
		},
		{acknowledge: []},
	)
	return true
}

/** Initialises a server that has no governor state yet, or another mode's; leaves a standing one alone. */
export const ensureGovernor = async (options: Options): Promise<void> => {
	const {bus, naming, mode} = options
	const [known, execution, epoch] = await Promise.all([
		bus.get(naming.key(keys.mode, {})),
		bus.get(naming.key(keys.execution, {})),
		bus.hashGet(naming.key(keys.arm, {}), 'epoch'),
	])
	if (known !== mode || execution === undefined || epoch === undefined) await initGovernor(options)
}
