import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
	type Cursor,
	cursorText,
	parseCursor,
	readOn,
	START,
	type StreamPage,
} from '../../../src/engine/logic/stream-cursor.js'

const STREAMS = ['events', 'alerts'] as const
const BEGIN: Cursor = {events: START, alerts: START}

/** A stream as Redis keeps it, its ids by a clock that several entries may share. */
class Kept {
	ids: string[] = []
	added = 0
	last_id = '0-0'
	add(at: number): void {
		const [ms = '0', sequence = '0'] = this.last_id.split('-')
		this.last_id = Number(ms) === at ? `${at}-${Number(sequence) + 1}` : `${at}-0`
		this.ids.push(this.last_id)
		this.added += 1
	}
	page(after: string, count: number): StreamPage {
		const [ms = 0, sequence = 0] = after.split('-').map(Number)
		const behind = this.ids.filter(id => {
			const [at = 0, place = 0] = id.split('-').map(Number)
			return at > ms || (at === ms && place > sequence)
		})
		return {
			entries: behind.slice(0, count).map(id => ({id, fields: {}})),
			complete: behind.length < count,
			...{length: this.ids.length, added: this.added, first_id: this.ids[0], last_id: this.last_id},
		}
	}
}

const act = fc.oneof(
	fc.record({act: fc.constant('add' as const), stream: fc.constantFrom(...STREAMS), later: fc.nat(1)}),
	fc.record({act: fc.constant('trim' as const), stream: fc.constantFrom(...STREAMS), keep: fc.nat(3)}),
	fc.record({act: fc.constant('read' as const), count: fc.integer({min: 1, max: 4}), taken: fc.nat(6)}),
)

describe('a cursor over several streams', () => {
	it('gives each entry once and in order, or counts it in a gap, wherever a client leaves off', () => {
		fc.assert(
			fc.property(fc.array(act, {maxLength: 40}), acts => {
				const kept = {events: new Kept(), alerts: new Kept()}
				const told: Record<string, string[]> = {events: [], alerts: []}
				const missed: Record<string, number> = {events: 0, alerts: 0}
				let now = 1
				let text = cursorText(BEGIN)
				const read = (count: number, taken: number) => {
					const cursor = parseCursor(text, STREAMS) ?? BEGIN
					const pages = Object.fromEntries(STREAMS.map(name => [name, kept[name].page(cursor[name]?.id ?? '', count)]))
					const {steps, more} = readOn(cursor, pages)
					for (const {stream, cursor: behind, entry, gap} of steps.slice(0, taken)) {
						if (entry) told[stream]?.push(entry.id)
						missed[stream] = (missed[stream] ?? 0) + (gap?.missed ?? 0)
						text = behind
					}
					return more || steps.length > taken
				}
				for (const one of acts) {
					if (one.act === 'add') {
						now += one.later
						kept[one.stream].add(now)
					} else if (one.act === 'trim') kept[one.stream].ids = kept[one.stream].ids.slice(-one.keep || Infinity)
					else read(one.count, one.taken)
				}
				while (read(3, 10));
				for (const name of STREAMS) {
					const ids = told[name] ?? []
					expect(new Set(ids).size).toBe(ids.length)
					expect(ids.length + (missed[name] ?? 0)).toBe(kept[name].added)
				}
			}),
		)
	})

	it('tells a gap of unknown size behind an id that it did not count, and none where nothing was removed', () => {
		const kept = new Kept()
		for (const at of [5, 6, 7, 8]) kept.add(at)
		const from = parseCursor('4', ['events']) ?? BEGIN
		expect(readOn(from, {events: kept.page('4-0', 9)}).steps.map(({gap}) => gap)).toEqual(Array(4).fill(undefined))
		kept.ids = kept.ids.slice(-2)
		const {steps} = readOn(from, {events: kept.page('4-0', 9)})
		expect(steps[0]?.gap).toEqual({stream: 'events', from: '4-0', to: '7-0', missed: null})
		expect(steps.at(-1)?.cursor).toBe('events:8-0:4')
	})

	it('begins anew, and says so, where the server has lost what was read', () => {
		const kept = new Kept()
		kept.add(3)
		const {steps, cursor} = readOn({events: {id: '9-0', count: 7}}, {events: kept.page('9-0', 9)})
		expect(steps).toMatchObject([{gap: {from: '9-0', to: '3-0', missed: null}}])
		expect(readOn(cursor, {events: kept.page('0-0', 9)}).steps).toMatchObject([{entry: {id: '3-0'}}])
	})

	it.each([
		'',
		'x',
		'1-',
		'events:1-0',
		'events:1-0,alerts:1-0,more:1-0',
		'events:1-0,events:1-0',
		'1-18446744073709551616',
	])('%j is no place', text => expect(parseCursor(text, STREAMS)).toBeUndefined())
})
