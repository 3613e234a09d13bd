import type {DaemonStatus} from '../client/control-api.js'
import {getJson} from '../running/probes.js'
import type {HostConfig} from './host-config.js'

const WITHIN_MS = 2_000

/** Who asks knows where the daemon listens. */
export type Asking = Readonly<{config: Pick<HostConfig, 'control_socket'>}>

/** What the daemon says of processes, units and stages. @throws Error when it does not answer within 2 s */
export const askDaemon = async ({config}: Asking, signal: AbortSignal): Promise<DaemonStatus> => {
	const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
	const {body} = await getJson({socketPath: config.control_socket}, '/status', within)
	return body as DaemonStatus
}
