import type {Mode} from '../../engine/contracts/mode.js'
import type {Target} from '../../engine/contracts/targets.js'
import type {UnitState, UnitStatus} from '../client/control-api.js'
import type {ProcessStatus} from '../supervision/supervisor-types.js'
import type {Placement} from './composition.js'
import type {HostAnswer} from './host-poll.js'

export type UnitView = UnitStatus & Readonly<{target: Target}>

type Input = Readonly<{
	processes: readonly ProcessStatus[]
	placements: readonly Placement[]
	answers: ReadonlyMap<string, HostAnswer>
	ports: Readonly<Record<string, number>>
	mode: Mode
	external_redis: boolean
}>

const absent = {pid: null, port: null, handled: null, dead_lettered: null, last_turn_age_ms: null, reason: null}

/** Servers of the catalogue that are processes by themselves. */
const serverViews = ({processes, ports, mode, external_redis}: Input): UnitView[] =>
	(['redis', 'paper-exchange'] as const).map(name => {
		const common = {...absent, name, target: 'core' as const, process: name}
		if (name === 'redis' && external_redis) return {...common, state: 'RUNNING', reason: 'external, not supervised'}
		if (name === 'paper-exchange' && mode !== 'PAPER')
			return {...common, state: 'NOT APPLICABLE', reason: `mode ${mode} trades at the venue itself`}
		const process = processes.find(candidate => candidate.name === name)
		return {
			...common,
			port: ports[name] ?? null,
			pid: process?.pid ?? null,
			state: stateOf(process, process?.ready === true),
			reason: reasonOf(process),
		}
	})

/** A unit runs when its process does and its own loop says that it is ready. */
const stateOf = (process: ProcessStatus | undefined, ready: boolean): UnitState => {
	if (!process || process.state === 'STOPPED') return 'STOPPED'
	if (process.state === 'FAILED') return 'FAILED'
	return process.state === 'RUNNING' && ready ? 'RUNNING' : 'STARTING'
}

const reasonOf = (process: ProcessStatus | undefined): string | null =>
	process?.last_error ??
	process?.ready_reason ??
	(process && process.waiting_for.length > 0 ? `waits for ${process.waiting_for.join(', ')}` : null)

export const unitViews = (input: Input): readonly UnitView[] => [
	...serverViews(input),
	...input.placements.flatMap(({process: name, target, units}) => {
		const process = input.processes.find(candidate => candidate.name === name)
		const answer = input.answers.get(name)
		const current = answer !== undefined && answer.health.pid === process?.pid ? answer : undefined
		const stale_ms = current?.stale_ms ?? null
		return units.map(unit => {
			const own = current?.health.units.find(candidate => candidate.name === unit)
			return {
				name: unit,
				target,
				process: name,
				state: stateOf(process, own?.ready === true),
				pid: process?.pid ?? null,
				port: input.ports[unit] ?? null,
				handled: own?.handled ?? null,
				dead_lettered: own?.dead_lettered ?? null,
				last_turn_age_ms: own ? own.last_turn_age_ms + (stale_ms ?? 0) : null,
				stale_ms,
				reason:
					stale_ms === null ? reasonOf(process) : `STALE: ${name} last answered ${Math.round(stale_ms / 1_000)} s ago`,
			}
		})
	}),
]
