import {setTimeout as pause} from 'node:timers/promises'
import {execa} from 'execa'
import {signalProcess} from '../daemon/supervision/process-identity.js'
import type {Fault, FaultKinds} from './fault.js'
import type {Stage} from './stage.js'

/** An order comes by within this time, or the fault strikes without one. */
const AIM_MS = 8_000

/** Acts at the moment that the fault is aimed at: before anything else can happen at that moment. */
const atAim = async (stage: Stage, {aim}: Fault, act: () => string): Promise<string> => {
	if (aim === 'time') return act()
	if (aim === 'verdict') return (await stage.nextPermit(AIM_MS)) ? act() : `${act()}, no plan came by`
	return new Promise(resolve => {
		const takeBack = stage.proxy.aim(aim, () => {
			clearTimeout(late)
			resolve(act())
		})
		const late = setTimeout(() => {
			takeBack()
			resolve(`${act()}, no order came by`)
		}, AIM_MS)
	})
}

/** The host whose units keep the trade journal. */
const BOOKKEEPER = 'host-state'
/** Limits the size that a process may write files to (prlimit(1), RLIMIT_FSIZE): with 0 every write fails as on a full disk. */
const limitFiles = (pid: number, bytes: string) => execa('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])

export const processFaults: FaultKinds = {
	SIGKILL: {
		group: 'process',
		weight: 14,
		process: true,
		strike: async (stage, fault) => {
			const target = await stage.processOf(fault.process)
			return atAim(stage, fault, () => (signalProcess(target, 'SIGKILL') ? 'killed' : 'had ended'))
		},
	},
	SIGSTOP: {
		group: 'process',
		weight: 8,
		process: true,
		ms: [200, 6_000],
		strike: async (stage, fault) => {
			const target = await stage.processOf(fault.process)
			const done = await atAim(stage, fault, () => (signalProcess(target, 'SIGSTOP') ? 'stopped' : 'had ended'))
			await pause(fault.ms)
			return signalProcess(target, 'SIGCONT') ? `${done}, woken` : `${done}, ended meanwhile`
		},
	},
	'disk full for the journal': {
		group: 'disk',
		weight: 2,
		ms: [300, 5_000],
		strike: async (stage, {ms}) => {
			const {pid} = await stage.processOf(BOOKKEEPER)
			await limitFiles(pid, '0')
			await pause(ms)
			const freed = await limitFiles(pid, 'unlimited').then(
				() => 'then free again',
				() => 'ended meanwhile',
			)
			return `for ${ms} ms, ${freed}`
		},
	},
}
