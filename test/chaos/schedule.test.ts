import {describe, expect, it} from 'vitest'
import {GROUPS} from '../../src/chaos/fault.js'
import {faultKinds} from '../../src/chaos/fault-kinds.js'
import {scheduleOf} from '../../src/chaos/schedule.js'

describe('a schedule of faults', () => {
	it('is the same for the same seed, and another for another', () => {
		expect(scheduleOf(7, 3, GROUPS)).toEqual(scheduleOf(7, 3, GROUPS))
		expect(scheduleOf(7, 3, GROUPS)).not.toEqual(scheduleOf(8, 3, GROUPS))
	})

	it('has every kind of fault within half an hour, inside the bounds of its kind', () => {
		const faults = scheduleOf(1, 30, GROUPS)
		expect(faults.length).toBeGreaterThanOrEqual(500)
		expect(Object.keys(faultKinds).filter(name => !faults.some(({kind}) => kind === name))).toEqual([])
		for (const [at, fault] of faults.entries()) {
			const {ms = [0, 0], times = [1, 1], process} = faultKinds[fault.kind] ?? {}
			expect(fault.at_ms).toBeGreaterThanOrEqual(faults[at - 1]?.at_ms ?? 0)
			expect(fault.at_ms).toBeLessThanOrEqual(30 * 60_000)
			expect(fault.ms).toBeGreaterThanOrEqual(ms[0])
			expect(fault.ms).toBeLessThanOrEqual(ms[1])
			expect(fault.times).toBeGreaterThanOrEqual(times[0])
			expect(fault.times).toBeLessThanOrEqual(times[1])
			expect(fault.process !== '').toBe(process === true)
		}
	})

	it.each(GROUPS)('can be narrowed to %s', group => {
		const faults = scheduleOf(1, 5, [group])
		expect(faults.length).toBeGreaterThan(0)
		expect(faults.every(({kind}) => faultKinds[kind]?.group === group)).toBe(true)
	})
})
