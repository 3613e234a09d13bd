import {expect, test} from 'vitest'
import {positionSnapshot} from '../../../src/engine/contracts/streams/account.js'
import {alerts} from '../../../src/engine/contracts/streams/ops.js'
import {defineUnit} from '../../../src/engine/contracts/unit.js'
import {idOf, Occurrences} from '../../../src/engine/runtime/identity.js'
import {drive, HandClock} from '../../support/drive.js'

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

test('while venue time stands still a timer that fires after a restart leads to entries with other ids', async () => {
	const bell = defineUnit({
		name: 'exit-monitor',
		target: 'exec',
		kind: 'stream',
		summary: 'Rings.',
		reads: {position: positionSnapshot},
		writes: {alert: alerts},
		keys: {},
		timers: {ring: {every_ms: 1_000, clock: 'machine'}},
		initial: () => ({}),
		on: {position: () => ({})},
		onTimer: {
			ring: (_, {emit, entry}) => ({
				wishes: [emit.alert({severity: 'info', code: 'RING', subject: entry.id, message: 'rings'})],
			}),
		},
	})
	const first = await drive(bell, {clock: new HandClock(1_750_000_000_000, 1_750_000_000_000, 0)})
	const rings = [await first.timer('ring'), await first.timer('ring')].flat()
	const {bus, clock} = first
	const second = await drive(bell, {bus, clock})
	rings.push(...(await second.timer('ring')).slice(2))
	expect(rings).toHaveLength(3)
	expect(new Set(rings.map(({envelope}) => envelope.ts)).size).toBe(1)
	expect(new Set(rings.map(({envelope}) => envelope.id)).size).toBe(3)
	expect(new Set(rings.map(({payload}) => payload.subject)).size).toBe(3)
})
