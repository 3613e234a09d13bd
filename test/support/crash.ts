import {expect} from 'vitest'
import {eventually} from './eventually.js'
import type {RunningSystem} from './system.js'
import {allProblems} from './system-audit.js'
import {creations} from './system-venue.js'

export const CRASH_MS = 180_000
export const patient = {within_ms: 90_000, every_ms: 100}

/** Orders leave at this moment: the next instant is in the middle of something. */
export const trading = async (system: RunningSystem): Promise<void> => {
	const before = system.venue.log().length
	const orders = () => creations(system.venue.log().slice(before)).length
	await eventually(() => orders() > 1, {...patient, every_ms: 5, what: 'orders leave'})
}

const comesBack = (system: RunningSystem, name: string, dead: number): Promise<unknown> =>
	eventually(
		async () => {
			const {processes, stages} = await system.status()
			const found = processes.find(process => process.name === name)
			expect(found?.pid).not.toBe(dead)
			expect(found?.ready).toBe(true)
			expect(stages.filter(({open}) => !open)).toEqual([])
			return true
		},
		{...patient, what: `${name} is back and every stage open`},
	)

/** Nothing waits, and everything is as the venue says. */
export const agrees = (system: RunningSystem): Promise<unknown> =>
	eventually(
		async () => {
			expect(await allProblems(system)).toEqual([])
			return true
		},
		{within_ms: 45_000, every_ms: 250, what: 'everything agrees'},
	)

/** Kills a process of a trading system by SIGKILL; it comes back, trading goes on, and then everything must agree. */
export const survives = async (system: RunningSystem, name: string): Promise<void> => {
	await system.arm()
	await trading(system)
	const pid = await system.pidOf(name)
	process.kill(pid, 'SIGKILL')
	await comesBack(system, name, pid)
	await trading(system)
	await system.kill()
	await agrees(system)
}
