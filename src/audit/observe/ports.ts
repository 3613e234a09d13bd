import {listListeners} from '../../daemon/supervision/listeners.js'
import {type Part, type PortsSeen, seen, unseen} from '../observed.js'

/** Listening TCP ports of this machine with the processes that hold them, by their sockets and never by a label. */
export const observePorts = (): Part<PortsSeen> => {
	try {
		return seen({listeners: listListeners()})
	} catch (error) {
		return unseen(`the sockets of this machine cannot be read: ${String(error)}`)
	}
}
