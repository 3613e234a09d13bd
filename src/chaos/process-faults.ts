import {setTimeout as pause} from 'node:timers/promises'
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
}
