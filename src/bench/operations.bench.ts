import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {setTimeout as pause} from 'node:timers/promises'
import {z} from 'zod'
import {type Bench, median, type Spread, spreadOf} from './bench.js'
import {type KillSeen, seeKill} from './kill-sight.js'
import {OwnSystem} from './own-system.js'

const STATUS_RUNS = 20
const KILLS = 5
const SPEED = 300
/** How long the system trades before its memory is looked at, and between two looks. */
const MEMORY_MINUTES = 20
const LOOK_EVERY_MS = 30_000
const MIB = 2 ** 20

const upReport = z.looseObject({took_ms: z.number()})
/** Share of physical memory in bytes: pages that several processes share count once among them (proc(5), smaps_rollup). */
const memoryOf = async (pid: number): Promise<number> => {
	const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
	return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) * 1_024
}

const timed = async (task: () => Promise<unknown>): Promise<number> => {
	const begun = performance.now()
	await task()
	return performance.now() - begun
}

const killsSeen = async (system: OwnSystem, runs: number): Promise<KillSeen[]> => {
	const seen: KillSeen[] = []
	for (let n = 0; n < runs; n += 1) {
		await system.qt('go')
		const begun = performance.now()
		const killing = system.qt('kill')
		seen.push(await seeKill(system, begun))
		await killing
	}
	return seen
}

/** MiB of each process at each look. */
const memoryOver = async (system: OwnSystem, minutes: number): Promise<Map<string, number[]>> => {
	const all = await system.processes()
	const looks = new Map<string, number[]>()
	const until = performance.now() + minutes * 60_000
	do {
		await pause(Math.min(LOOK_EVERY_MS, Math.max(0, until - performance.now())))
		let sum = 0
		for (const {name, pid} of all) {
			const mib = (await memoryOf(pid)) / MIB
			sum += mib
			looks.set(name, [...(looks.get(name) ?? []), mib])
		}
		looks.set('all', [...(looks.get('all') ?? []), sum])
	} while (performance.now() < until)
	return looks
}

const CEILINGS_MIB: Readonly<Record<string, number>> = {daemon: 100, all: 1_024}
const THIRD = 3

/** The medians of the first and the last third: what grows shows there. */
const growthOf = (name: string, mib: readonly number[]): string => {
	const third = Math.max(1, Math.floor(mib.length / THIRD))
	return `${name} ${median(mib.slice(0, third)).toFixed(0)} -> ${median(mib.slice(-third)).toFixed(0)} MiB`
}

export const operations: Bench = {
	name: 'operations',
	summary: 'What an operator waits for, and what the machine gives: stages, status, kill, memory.',
	run: async ({scale, rounds}) => {
		const ups: number[] = []
		const spreads: Spread[] = []
		const notes: string[] = []
		for (let round = 0; round < rounds; round += 1) {
			const system = await OwnSystem.make()
			try {
				const up = await system.qt('up', '--ports', 'ephemeral', '--speed', String(SPEED), '--go')
				ups.push(upReport.parse(up).took_ms)
				if (round < rounds - 1) continue
				if (existsSync('/proc/self/smaps_rollup')) {
					const looks = await memoryOver(system, MEMORY_MINUTES * scale)
					for (const [name, mib] of looks) spreads.push(spreadOf(`memory ${name}`, 'MiB', mib, CEILINGS_MIB[name]))
					notes.push(
						`over ${(MEMORY_MINUTES * scale).toFixed(1)} min: ${[...looks].map(look => growthOf(...look)).join(', ')}`,
					)
				} else notes.push('memory is read from /proc, which this system does not have')
				const status: number[] = []
				for (let n = 0; n < Math.max(1, STATUS_RUNS * scale); n += 1)
					status.push(await timed(() => system.qt('status')))
				await system.qt('kill')
				const kills = await killsSeen(system, Math.max(1, Math.round(KILLS * scale)))
				spreads.unshift(
					spreadOf('all stages open', 'ms', ups, 8_000),
					spreadOf('qt status, cold', 'ms', status, 300),
					spreadOf(
						'qt kill until it is durable',
						'ms',
						kills.map(({file_ms}) => file_ms),
						400,
					),
					spreadOf(
						'qt kill until Redis has it',
						'ms',
						kills.map(({redis_ms}) => redis_ms),
					),
				)
			} finally {
				await system.close()
			}
		}
		return {measurements: [], ratios: [], floors: [], spreads, notes}
	},
}
