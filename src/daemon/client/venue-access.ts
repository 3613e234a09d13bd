import type {Mode} from '../../engine/contracts/mode.js'
import {OperatorError} from '../../engine/errors.js'
import {exchangeLimits} from '../../engine/exchange/exchange-limits.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {credentialsOf} from '../system/secrets.js'
import {ControlClient} from './control-client.js'
import {type Home, storedSystem} from './home.js'
import type {VenueAccess} from './kill-steps.js'
import {paperAddress} from './paper-address.js'
import type {VenueDesk} from './venue-desk.js'

/**
 * The venue of a home, for reading and cancelling; the paper venue may run on after its daemon has gone.
 * @throws OperatorError (needs_input) without credentials outside PAPER
 */
export const openVenue = async (home: Home, env: NodeJS.ProcessEnv): Promise<VenueAccess> => {
	const status = await new ControlClient(home).status().catch(() => undefined)
	const mode = (status?.mode ?? storedSystem(home).mode) as Mode
	const rest = mode === 'PAPER' ? await paperAddress(home) : undefined
	if (mode === 'PAPER' && rest === undefined)
		return {kind: 'not-running', detail: 'the paper venue does not run: nothing can be filled there'}
	const credentials = credentialsOf(mode, home, env)
	const [{openDesk}, {operatorSender}] = await Promise.all([import('./venue-rest.js'), import('./operator-sender.js')])
	const paper = rest === undefined ? {} : {rest_url: rest, ws_url: rest.replace(/^http/, 'ws')}
	const config = {
		mode,
		...credentials,
		...paper,
		symbols: [],
		recv_window_ms: exchangeLimits.recv_window_ms,
		intervals: [],
	}
	return {kind: 'desk', desk: await openDesk(config), sender: operatorSender(config)}
}

/** For commands that show what the venue says. @throws OperatorError (unreachable) when it does not run */
export const withVenue = async <Result>(
	home: Home,
	env: NodeJS.ProcessEnv,
	read: (desk: VenueDesk) => Promise<Result>,
): Promise<Result> => {
	const access = await openVenue(home, env)
	if (access.kind === 'not-running')
		throw new OperatorError(access.detail, {exit_code: EXIT_CODES.unreachable, hint: 'start it: qt up'})
	try {
		return await read(access.desk)
	} finally {
		await Promise.allSettled([access.desk.close(), access.sender.end()])
	}
}
