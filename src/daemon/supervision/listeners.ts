import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import {endianness} from 'node:os'

/** Somebody who takes TCP connections on this machine. */
export type Listener = Readonly<{
	port: number
	/** As people write it: `127.0.0.1`, `0.0.0.0`, `::1`. */
	address: string
	/** Processes that hold the socket; empty when none of them may be seen from here. */
	pids: readonly number[]
	/** The user that the socket belongs to; null where the platform does not tell. */
	uid: number | null
}>

const LISTENING = '0A'
const LSOF_WITHIN_MS = 5_000

/** The kernel writes each 32-bit word of an address in the order of the machine's bytes. */
const bytesOf = (hex: string): number[] =>
	(hex.match(/.{8}/g) ?? []).flatMap(word => {
		const bytes = (word.match(/../g) ?? []).map(byte => Number.parseInt(byte, 16))
		return endianness() === 'LE' ? bytes.reverse() : bytes
	})

const IPV4_INSIDE = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** `0100007F` as `127.0.0.1`; an IPv6 address without its zeros where all but the last are none. */
export const addressOf = (hex: string): string => {
	const bytes = bytesOf(hex)
	if (bytes.length === 4) return bytes.join('.')
	if (IPV4_INSIDE.every((byte, index) => bytes[index] === byte)) return bytes.slice(12).join('.')
	const last = bytes.at(-1) ?? 0
	if (last <= 1 && bytes.slice(0, -1).every(byte => byte === 0)) return last === 1 ? '::1' : '::'
	return (hex.match(/.{8}/g) ?? [])
		.flatMap((_, word) => [0, 2].map(half => word * 4 + half))
		.map(at => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16))
		.join(':')
}

/** Reachable from this machine only. */
export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

type Socket = Readonly<{port: number; address: string; inode: string; uid: number}>

const socketsIn = (file: string): Socket[] => {
	let text: string
	try {
		text = readFileSync(file, 'latin1')
	} catch {
		return []
	}
	return text
		.split('\n')
		.slice(1)
		.flatMap(line => {
			const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/)
			const [address, port] = local.split(':')
			if (state !== LISTENING || !address || !port || !inode) return []
			return [{port: Number.parseInt(port, 16), address: addressOf(address), inode, uid: Number(uid)}]
		})
}

const linksOf = (pid: string): string[] => {
	try {
		return readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
			try {
				return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
			} catch {
				return []
			}
		})
	} catch {
		// Another user's, or gone meanwhile.
		return []
	}
}

const onLinux = (wanted: (port: number) => boolean): Listener[] => {
	const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(socketsIn).filter(({port}) => wanted(port))
	if (sockets.length === 0) return []
	const holders = new Map<string, number[]>(sockets.map(({inode}) => [`socket:[${inode}]`, []]))
	for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name)))
		for (const link of new Set(linksOf(pid))) holders.get(link)?.push(Number(pid))
	return sockets.map(({inode, ...socket}) => ({...socket, pids: holders.get(`socket:[${inode}]`) ?? []}))
}

/** What `lsof -Fpn` prints: a process, then the addresses that it listens on. */
export const parseLsof = (text: string): Listener[] => {
	let pid = 0
	return text.split('\n').flatMap(line => {
		if (line.startsWith('p')) pid = Number(line.slice(1))
		const match = /^n(.*):(\d+)$/.exec(line)
		if (!match) return []
		const [, host = '', port] = match
		const address = host === '*' ? '0.0.0.0' : host.replace(/^\[|\]$/g, '')
		return [{port: Number(port), address, pids: [pid], uid: null}]
	})
}

const byLsof = (wanted: (port: number) => boolean): Listener[] => {
	try {
		const words = ['-nP', '-iTCP', '-sTCP:LISTEN', '-Fpn']
		const text = execFileSync('lsof', words, {encoding: 'utf8', timeout: LSOF_WITHIN_MS})
		return parseLsof(text).filter(({port}) => wanted(port))
	} catch {
		// lsof exits with 1 when it sees no listener, be it for want of one or of rights.
		return []
	}
}

/** Who listens on TCP ports of this machine, each with the processes that this user may see. */
export const listListeners = (wanted: (port: number) => boolean = () => true): readonly Listener[] =>
	process.platform === 'linux' ? onLinux(wanted) : byLsof(wanted)
