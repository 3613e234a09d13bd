import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {commandOf} from './process-table.js'

/** Who listens on a TCP port of this machine. */
export type PortHolder =
	| {kind: 'nobody'}
	| {kind: 'process'; pid: number; command: string | null}
	/** Somebody listens whose process we may not see. */
	| {kind: 'unseen'; uid: number | null; reason: string}

interface Listener {
	inode: string
	uid: number
}

const listening = '0A'

function listenersIn(file: string, port: number): Listener[] {
	let text: string
	try {
		text = readFileSync(file, 'latin1')
	} catch {
		return []
	}
	const wanted = port.toString(16).toUpperCase().padStart(4, '0')
	return text
		.split('\n')
		.slice(1)
		.flatMap(line => {
			const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/)
			if (state !== listening || !local?.endsWith(`:${wanted}`) || !inode) return []
			return [{inode, uid: Number(uid)}]
		})
}

function socketsOf(pid: string): string[] {
	try {
		return readdirSync(`/proc/${pid}/fd`).map(fd => {
			try {
				return readlinkSync(`/proc/${pid}/fd/${fd}`)
			} catch {
				return ''
			}
		})
	} catch {
		return []
	}
}

function holderOnLinux(port: number): PortHolder {
	const listeners = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(file => listenersIn(file, port))
	const [first] = listeners
	if (!first) return {kind: 'nobody'}
	const links = new Set(listeners.map(({inode}) => `socket:[${inode}]`))
	for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
		if (socketsOf(pid).some(link => links.has(link)))
			return {kind: 'process', pid: Number(pid), command: commandOf(Number(pid))}
	}
	return {kind: 'unseen', uid: first.uid, reason: `it belongs to user ${first.uid} or to another container`}
}

function holderByLsof(port: number): PortHolder {
	try {
		const text = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], {
			encoding: 'utf8',
			timeout: 5_000,
		})
		const pid = Number(/^p(\d+)/m.exec(text)?.[1])
		if (pid > 0) return {kind: 'process', pid, command: commandOf(pid)}
	} catch {
		// lsof exits with 1 when it sees no listener, be it for want of one or of rights.
	}
	return {kind: 'unseen', uid: null, reason: 'lsof shows no process for it'}
}

/** Who listens on a port, as far as this user may see. */
export function holderOfPort(port: number): PortHolder {
	return process.platform === 'linux' ? holderOnLinux(port) : holderByLsof(port)
}

/** For a message: `process 123 (node server.js)`. */
export function describeHolder(holder: PortHolder): string {
	if (holder.kind === 'nobody') return 'nobody any more'
	if (holder.kind === 'unseen') return `a process that cannot be seen from here: ${holder.reason}`
	return `process ${holder.pid}${holder.command ? ` (${holder.command})` : ''}`
}
