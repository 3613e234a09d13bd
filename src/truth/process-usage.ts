import {readFileSync} from 'node:fs'
import {uptime} from 'node:os'

/** What a process has used. `cpu_share` of one core, from its start on. */
export type Usage = Readonly<{cpu_share: number; resident_bytes: number}>

/** What Linux counts processor time in, per second: USER_HZ, the same on every architecture that Node runs on. */
const TICKS_PER_S = 100
/** Fields of /proc/<pid>/stat behind the name in brackets, which may hold anything: proc(5), from `state` = 0 on. */
const [USER_TIME, SYSTEM_TIME, STARTED] = [11, 12, 19]

const usageOf = (pid: number): Usage | undefined => {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
		const [user, system, started] = [USER_TIME, SYSTEM_TIME, STARTED].map(at => Number(fields[at]) / TICKS_PER_S)
		const [, resident_kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
		if (user === undefined || system === undefined || started === undefined || resident_kb === undefined)
			return undefined
		const cpu_share = (user + system) / Math.max(1 / TICKS_PER_S, uptime() - started)
		return {cpu_share, resident_bytes: Number(resident_kb) * 1_024}
	} catch {
		return undefined
	}
}

/** What processes have used, by pid; one that has ended is left out, and all are where there is no /proc. */
export const usageBy = (pids: readonly number[]): ReadonlyMap<number, Usage> =>
	new Map(
		pids.flatMap(pid => {
			const usage = usageOf(pid)
			return usage ? [[pid, usage] as const] : []
		}),
	)
