import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {findAmong, type Span, streamEntries, streamPages} from '../../../src/daemon/client/stream-pages.js'
import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {alerts, events} from '../../../src/engine/contracts/streams/ops.js'

const LENGTH = 12
const filled = async () => {
	let now = 1_000
	const bus = new MemoryBus({now: () => now})
	const naming = new Naming('t')
	const ids: string[] = []
	for (let n = 0; n < LENGTH; n += 1) {
		ids.push(await bus.append(naming.stream(events.name), {n: String(n)}))
		// Some share a millisecond, and are told apart by the number behind it alone.
		if (n % 3 === 2) now += 10
	}
	return {state: {bus, naming}, ids}
}

describe('pages of a stream', () => {
	it('are together what one reading gives, whatever their size, direction and bounds', async () => {
		const {state, ids} = await filled()
		const bound = fc.option(fc.nat({max: LENGTH - 1}), {nil: undefined})
		const asked = fc.record({
			page: fc.integer({min: 1, max: LENGTH + 1}),
			first_page: fc.option(fc.integer({min: 1, max: LENGTH + 1}), {nil: undefined}),
			max: fc.option(fc.nat({max: LENGTH + 1}), {nil: undefined}),
			newest_first: fc.boolean(),
			first: bound,
			last: bound,
		})
		await fc.assert(
			fc.asyncProperty(asked, async ({page, first_page, max, newest_first, first, last}) => {
				const [from, to] = [first, last].map(at => (at === undefined ? undefined : ids[at]))
				const growth = first_page === undefined ? {} : {first_page}
				const bounds = {...(max !== undefined && {max}), ...(from && {from}), ...(to && {to})}
				const span: Span = {page, newest_first, ...growth, ...bounds}
				const held = ids.slice(first ?? 0, (last ?? LENGTH) + 1)
				const expected = (newest_first ? held.toReversed() : held).slice(0, max)
				expect((await streamEntries(state, events, span)).map(({id}) => id)).toEqual(expected)
				for await (const read of streamPages(state, events, span)) {
					expect(read.length).toBeGreaterThan(0)
					expect(read.length).toBeLessThanOrEqual(page)
				}
			}),
		)
	})

	it('are not asked for by who has what was sought', async () => {
		const {state} = await filled()
		let asked = 0
		const range: typeof state.bus.range = (...of) => {
			asked += 1
			return state.bus.range(...of)
		}
		for await (const page of streamPages({...state, bus: {range}}, events, {page: 2, newest_first: true}))
			if (page.some(({fields}) => fields.n === '9')) break
		expect(asked).toBe(2)
	})

	it('of several streams are read in turn, so that what is near in one is found before another is read far', async () => {
		const {state} = await filled()
		await state.bus.append(state.naming.stream(alerts.name), {n: 'near'})
		const read: number[] = []
		const range: typeof state.bus.range = async (stream, options) => {
			const entries = await state.bus.range(stream, options)
			read.push(entries.length)
			return entries
		}
		const search = (n: string) =>
			findAmong(
				{...state, bus: {range}},
				[events, alerts],
				{newest_first: true, page: 4, first_page: 1},
				({fields}) => fields.n === n,
			)
		expect(await search('near')).toMatchObject({stream: alerts, entry: {fields: {n: 'near'}}})
		expect(read.splice(0)).toEqual([1, 1])
		expect(await search('0')).toMatchObject({stream: events, entry: {fields: {n: '0'}}})
		expect(read.splice(0)).toEqual([1, 1, 2, 0, 4, 4, 1])
		expect(await search('nowhere')).toBeUndefined()
	})
})
