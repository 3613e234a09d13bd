import type {Clock} from '../../engine/runtime/clock.js'
import type {HostHealth} from '../host/host-server.js'
import {socketPath} from '../supervision/socket-path.js'
import type {Home} from '../system/home.js'
import {getJson, HOST_SILENT_MS} from './probes.js'

const EVERY_MS = 1_000
const WITHIN_MS = 2_000

export type HostAnswer = Readonly<{
	health: HostHealth
	/** How old it is where the host has not answered since, ms; null where it answers. */
	stale_ms: number | null
}>
type Kept = Readonly<{health: HostHealth; answered_ms: number; silent: boolean}>

/**
 * Asks each host how its units are: once a second, and when told that there is news. A busy host that lets a question
 * pass is not gone: what it said last stands, as old as it is, until its process has ended or its liveness is over.
 */
export class HostPoll {
	readonly #kept = new Map<string, Kept>()

	constructor(
		private readonly home: Home,
		private readonly processes: readonly string[],
		private readonly clock: Pick<Clock, 'machine' | 'wait'>,
		private readonly within_ms = WITHIN_MS,
	) {}

	/** Newest answer per process; absent where nobody listens, and after a silence that no living host keeps. */
	get answers(): ReadonlyMap<string, HostAnswer> {
		const now_ms = this.clock.machine()
		const told = [...this.#kept].flatMap(([process, {health, answered_ms, silent}]) => {
			const age_ms = now_ms - answered_ms
			if (silent && age_ms >= HOST_SILENT_MS) return []
			return [[process, {health, stale_ms: silent ? age_ms : null}] as const]
		})
		return new Map(told)
	}

	/** The lowest version of the policy that a host says it works under; undefined while none does. */
	get policy_version(): number | undefined {
		const versions = [...this.answers.values()].flatMap(({health}) => health.policy_version ?? [])
		return versions.length === 0 ? undefined : Math.min(...versions)
	}

	async run(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			await Promise.all(this.processes.map(process => this.ask(process, signal)))
			await this.clock.wait(EVERY_MS, signal)
		}
	}

	/** Never rejects. */
	async ask(process: string, signal: AbortSignal): Promise<void> {
		if (!this.processes.includes(process)) return
		const timeout = AbortSignal.timeout(this.within_ms)
		try {
			const where = {socketPath: socketPath(this.home.run, `${process}.sock`)}
			const {body} = await getJson(where, '/health', AbortSignal.any([signal, timeout]))
			this.#kept.set(process, {health: body as HostHealth, answered_ms: this.clock.machine(), silent: false})
		} catch {
			const before = this.#kept.get(process)
			if (before && timeout.aborted) this.#kept.set(process, {...before, silent: true})
			else this.#kept.delete(process)
		}
	}
}
