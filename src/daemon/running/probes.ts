import {get} from 'node:http'
import type {HostHealth} from '../host/host-server.js'
import type {Probe, ProbeResult} from '../supervision/process-spec.js'

type Where = Readonly<{socketPath: string} | {host: string; port: number}>
export type HttpAnswer = Readonly<{status: number; body: unknown}>

/** GET of a JSON document from a local server. */
export const getJson = (where: Where, path: string, signal: AbortSignal): Promise<HttpAnswer> =>
	new Promise((resolve, reject) => {
		const request = get({...where, path, signal, agent: false}, response => {
			const chunks: Buffer[] = []
			response.on('data', (chunk: Buffer) => chunks.push(chunk))
			response.on('error', reject)
			response.on('end', () => {
				try {
					resolve({status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8'))})
				} catch (cause) {
					reject(new Error(`${path} was not answered with JSON`, {cause}))
				}
			})
		})
		request.on('error', reject)
	})

const TIMING = {interval_ms: 1_000, timeout_ms: 3_000, failures_max: 3}

const LIVE = {...TIMING, failures_max: 5}
/** A host that does not answer for this long is given up by its liveness probe, and replaced. */
export const HOST_SILENT_MS = LIVE.failures_max * (LIVE.interval_ms + LIVE.timeout_ms)

const hostProbe =
	(socketPath: string, judge: (health: HostHealth) => ProbeResult): Probe['check'] =>
	async ({signal, pid}) => {
		const {body} = await getJson({socketPath}, '/health', signal)
		const health = body as HostHealth
		// A socket left by an earlier process must not speak for this one.
		return health.pid === pid ? judge(health) : {ok: false, reason: `pid ${health.pid} answers on the socket`}
	}

const named = (units: HostHealth['units'], what: string): ProbeResult =>
	units.length === 0 ? {ok: true} : {ok: false, reason: `${what}: ${units.map(({name}) => name).join(', ')}`}

/** All units of the host handle their inputs. */
export const hostReady = (socketPath: string): Probe => ({
	...TIMING,
	check: hostProbe(socketPath, ({units}) =>
		named(
			units.filter(({ready}) => !ready),
			'not ready',
		),
	),
})

/** The consume loops of all its units come round. */
export const hostLive = (socketPath: string): Probe => ({
	...LIVE,
	check: hostProbe(socketPath, ({units}) =>
		named(
			units.filter(({ready, alive}) => ready && !alive),
			'no turn for too long',
		),
	),
})

/** The paper exchange answers and its market runs. */
export const venueReady = (port: number): Probe => ({
	...TIMING,
	check: async ({signal}) => {
		const {status} = await getJson({host: '127.0.0.1', port}, '/paper/health', signal)
		return status === 200 ? {ok: true} : {ok: false, reason: `the venue answers ${status}`}
	},
})
