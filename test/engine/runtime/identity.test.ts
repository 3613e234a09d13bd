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

test('the same moment seen again, after a restart or a clock set back, gives other ids', () => {
	let life = 1
	const first = new Occurrences(() => life)
	const before = [5, 5].map(now_ms => first.idOf(now_ms, 'timer', 'BTCUSDT'))
	life = 2
	const next = new Occurrences(() => life)
	const after = [5, 5].map(now_ms => next.idOf(now_ms, 'timer', 'BTCUSDT'))
	next.idOf(4, 'timer', 'BTCUSDT')
	const back = next.idOf(5, 'timer', 'BTCUSDT')
	expect(new Set([...before, ...after, back]).size).toBe(5)
})
