import type {Clock} from '../../engine/runtime/clock.js'
import type {HostHealth} from '../host/host-server.js'
import {socketPath} from '../supervision/socket-path.js'
import type {Home} from '../system/home.js'
import {getJson} from './probes.js'

const EVERY_MS = 1_000
const WITHIN_MS = 2_000

/** Asks each host how its units are: once a second, and when told that there is news. */
export class HostPoll {
	/** Newest answer per process; absent while the process does not answer. */
	readonly healths = new Map<string, HostHealth>()

	constructor(
		private readonly home: Home,
		private readonly processes: readonly string[],
		private readonly clock: Clock,
	) {}

	/** The lowest version of the policy that a host says it works under; undefined while none does. */
	get policy_version(): number | undefined {
		const versions = [...this.healths.values()].flatMap(({policy_version}) => policy_version ?? [])
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
		try {
			const where = {socketPath: socketPath(this.home.run, `${process}.sock`)}
			const {body} = await getJson(where, '/health', AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]))
			this.healths.set(process, body as HostHealth)
		} catch {
			this.healths.delete(process)
		}
	}
}
