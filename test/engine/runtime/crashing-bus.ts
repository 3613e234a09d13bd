import type {Bus} from '../../../src/engine/bus/bus.js'

export class Crash extends Error {}

export type CrashPlan = Readonly<{
	/** Calls that go well before the one that ends the process. */
	calls: number
	/** Whether the last call is carried out. */
	carriedOut: boolean
}>

const COUNTED = new Set(['read', 'readPending', 'commit', 'decide', 'claim', 'pending', 'takeLease', 'hashAll'])

/**
 * A bus whose process dies at a call: from then on every call fails, as it would for a process that is no more.
 * Reads take few entries, so that there are many steps to die between.
 */
export const crashingBus = (bus: Bus, plan: CrashPlan | undefined, batch_max: number): Bus => {
	let left = plan?.calls ?? Number.POSITIVE_INFINITY
	let dead = false
	return new Proxy(bus, {
		get: (target, name) => {
			const member: unknown = Reflect.get(target, name, target)
			if (typeof member !== 'function') return member
			if (!COUNTED.has(String(name))) return member.bind(target)
			return async (first: unknown, ...rest: unknown[]) => {
				if (dead) throw new Crash()
				left -= 1
				const last = left < 0
				if (last) dead = true
				if (last && !plan?.carriedOut) throw new Crash()
				const few = name === 'read' || name === 'readPending' ? {...(first as object), count: batch_max} : first
				const answer: unknown = await member.call(target, few, ...rest)
				if (dead) throw new Crash()
				return answer
			}
		},
	})
}
