import {untilAborted} from '../../engine/adapters/clock/wait.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import type {DiagnosticRequest, DiagnosticWritten} from '../../engine/units/obs/diagnostic.js'
import {collectDiagnostic} from '../client/diagnostic.js'
import {homeAt} from '../system/home.js'
import {writeDated} from './dated-files.js'
import type {Environment} from './environment.js'

const BUNDLES = {pattern: /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z\.json$/, max: 7}
const SECOND_CHARS = '2026-11-21T22:15:08'.length

/** In UTC, with no character that a file system may not take. */
const bundleName = (machine_ms: number): string =>
	`${new Date(machine_ms).toISOString().slice(0, SECOND_CHARS).replaceAll(':', '-')}Z.json`

/** Rejects as soon as the signal aborts; the work itself is not ended by that. */
const unlessStopped = async <Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> => {
	const settled = new AbortController()
	const stopped = untilAborted(AbortSignal.any([signal, settled.signal])).then(() => {
		throw new Error('stopped before it was whole')
	})
	try {
		return await Promise.race([work, stopped])
	} finally {
		work.catch(() => undefined)
		settled.abort()
	}
}

/** Into `diagnostics` of the home, by what `qt diagnostic` collects. */
export const diagnosticAdapters = ({
	config,
}: Readonly<{config: Pick<Environment['config'], 'home'>}>): UnitAdapters => ({
	feeds: {},
	effects: {
		write: {
			perform: async (request, {signal}): Promise<DiagnosticWritten> => {
				const {machine_ms} = request as DiagnosticRequest
				const home = homeAt(config.home)
				// Reading takes seconds: a host that stops does not wait for it, the next one begins anew.
				const {text, unread} = await unlessStopped(collectDiagnostic(home, process.env), signal)
				const file = writeDated(home.diagnostics, bundleName(machine_ms), text, BUNDLES)
				return {file, bytes: Buffer.byteLength(text), unread: Object.keys(unread)}
			},
		},
	},
})
