import type {DaemonStatus} from '../../daemon/client/control-api.js'
import {ControlClient} from '../../daemon/client/control-client.js'
import type {Home} from '../../daemon/system/home.js'
import {messageOf} from '../../engine/errors.js'
import {type Part, seen, unseen} from '../observed.js'

/** What the daemon says of its units and processes. */
export const observeDaemon = async (home: Home): Promise<Part<DaemonStatus>> => {
	try {
		const status = await new ControlClient(home).status()
		return status ? seen(status) : unseen(`no daemon runs on ${home.root}`)
	} catch (error) {
		return unseen(messageOf(error))
	}
}
