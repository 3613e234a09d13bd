import {listListeners} from './listeners.js'
import {commandOf} from './process-table.js'

/** Who listens on a TCP port of this machine. */
export type PortHolder =
	| {kind: 'nobody'}
	| {kind: 'process'; pid: number; command: string | null}
	/** Somebody listens whose process we may not see. */
	| {kind: 'unseen'; uid: number | null; reason: string}

/** Who listens on a port, as far as this user may see. */
export function holderOfPort(port: number): PortHolder {
	const listeners = listListeners(of => of === port)
	const [first] = listeners
	const pid = listeners.flatMap(({pids}) => pids)[0]
	if (pid !== undefined) return {kind: 'process', pid, command: commandOf(pid)}
	if (first) return {kind: 'unseen', uid: first.uid, reason: `it belongs to user ${first.uid} or to another container`}
	return process.platform === 'linux'
		? {kind: 'nobody'}
		: {kind: 'unseen', uid: null, reason: 'lsof shows no process for it'}
}

/** For a message: `process 123 (node server.js)`. */
export function describeHolder(holder: PortHolder): string {
	if (holder.kind === 'nobody') return 'nobody any more'
	if (holder.kind === 'unseen') return `a process that cannot be seen from here: ${holder.reason}`
	return `process ${holder.pid}${holder.command ? ` (${holder.command})` : ''}`
}
