import {expect, test} from 'vitest'
import {idOf, Occurrences} from '../../../src/engine/runtime/identity.js'

test('an id follows from its parts and keeps them apart', () => {
	expect(idOf('a', 1)).toBe(idOf('a', 1))
	expect(idOf('a', 1)).toMatch(/^[0-9a-f]{16}$/)
	expect(idOf('a', 'b')).not.toBe(idOf('ab'))
})

test('equal things of one moment differ by their order, the same in every run', () => {
	const run = () => {
		const occurrences = new Occurrences()
		return [1, 1, 1, 2, 2].map(now_ms => occurrences.idOf(now_ms, 'tick'))
	}
	expect(new Set(run()).size).toBe(5)
	expect(run()).toEqual(run())
})
