import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'

/** One living process as the kernel tells it. Zombies are left out: nothing of them runs any more. */
export interface ProcessRow {
	pid: number
	group: number
	/** Equal to `group` where the platform does not tell. */
	session: number
	/** Clock ticks since boot on Linux, a date elsewhere; only ever compared for equality. */
	start_time: string
}

const onLinux = process.platform === 'linux'

function parseStat(pid: number, stat: string): ProcessRow | null {
	// The command may itself hold blanks and brackets: everything is counted from the last bracket.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
	const [state, , group, session] = fields
	const start_time = fields[19]
	if (state === undefined || start_time === undefined || 'ZXx'.includes(state)) return null
	return {pid, group: Number(group), session: Number(session), start_time}
}

function readLinux(pid: number): ProcessRow | null {
	try {
		return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'))
	} catch {
		return null
	}
}

function readByPs(selection: string[]): ProcessRow[] {
	let text: string
	try {
		text = execFileSync('ps', [...selection, '-o', 'pid=,pgid=,stat=,lstart='], {encoding: 'utf8', timeout: 5_000})
	} catch {
		return []
	}
	return text.split('\n').flatMap(line => {
		const [pid, group, state, ...started] = line.trim().split(/\s+/)
		if (!pid || !state || state.startsWith('Z')) return []
		return [{pid: Number(pid), group: Number(group), session: Number(group), start_time: started.join(' ')}]
	})
}

/** The process that now has this id, or null when none has or only its zombie is left. */
export function readProcess(pid: number): ProcessRow | null {
	return onLinux ? readLinux(pid) : (readByPs(['-p', String(pid)])[0] ?? null)
}

/** Every living process that we can see. */
export function listProcesses(): ProcessRow[] {
	if (!onLinux) return readByPs(['-ax'])
	const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
	return pids.flatMap(pid => readLinux(Number(pid)) ?? [])
}

/** The value of one environment variable at the process's start; undefined when unset, not ours, or not on Linux. */
export function environmentOf(pid: number, variable: string): string | undefined {
	if (!onLinux) return undefined
	try {
		const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
		return entries.find(entry => entry.startsWith(`${variable}=`))?.slice(variable.length + 1)
	} catch {
		return undefined
	}
}

/** The command line of a process, at most 200 characters; null when it cannot be read. */
export function commandOf(pid: number): string | null {
	try {
		const text = onLinux
			? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
			: execFileSync('ps', ['-p', String(pid), '-o', 'command='], {encoding: 'utf8', timeout: 5_000})
		return text.trim().slice(0, 200) || null
	} catch {
		return null
	}
}

let bootIdRead: string | undefined

/** Changes with each boot, so that a process id of before is never taken for one of now. */
export function bootId(): string {
	bootIdRead ??= onLinux
		? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
		: execFileSync('sysctl', ['-n', 'kern.boottime'], {encoding: 'utf8', timeout: 5_000}).trim()
	return bootIdRead
}
