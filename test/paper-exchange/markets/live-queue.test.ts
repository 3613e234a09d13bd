import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {MarketEvent} from '../../../src/paper-exchange/market.js'
import {LiveQueue} from '../../../src/paper-exchange/markets/live-queue.js'

const events = fc.array(
	fc
		.tuple(fc.constantFrom('book', 'trade', 'mark', 'funding'), fc.constantFrom('A', 'B'))
		.map(([kind, symbol]) => ({kind, symbol})),
	{maxLength: 200},
)

function numbered(list: readonly {kind: string; symbol: string}[]): MarketEvent[] {
	return list.map((event, at) => ({...event, time_ms: at}) as MarketEvent)
}

function drain(queue: LiveQueue): MarketEvent[] {
	const told: MarketEvent[] = []
	for (let event = queue.shift(); event !== undefined; event = queue.shift()) told.push(event)
	return told
}

describe('the queue of a live market', () => {
	it('keeps every print and funding in order, and the newest book and mark of each symbol', () => {
		fc.assert(
			fc.property(events, fc.integer({min: 1, max: 50}), (list, above) => {
				const all = numbered(list)
				const queue = new LiveQueue(above, 1000)
				for (const event of all) queue.push([event])
				const told = drain(queue)
				const lasting = (event: MarketEvent): boolean => event.kind === 'trade' || event.kind === 'funding'
				expect(told.filter(lasting)).toEqual(all.filter(lasting))
				expect(told.length + queue.conflated).toBe(all.length)
				expect(told.map(event => event.time_ms)).toEqual(told.map(event => event.time_ms).sort((a, b) => a - b))
				for (const kind of ['book', 'mark'])
					for (const symbol of ['A', 'B']) {
						const of = (event: MarketEvent): boolean => event.kind === kind && event.symbol === symbol
						expect(told.findLast(of)).toEqual(all.findLast(of))
					}
			}),
		)
	})

	it('conflates nothing while there is room', () => {
		const all = numbered(Array.from({length: 50}, () => ({kind: 'book', symbol: 'A'})))
		const queue = new LiveQueue(50, 50)
		queue.push(all)
		expect(drain(queue)).toEqual(all)
		queue.push(all)
		queue.push(all.slice(0, 1))
		expect(queue.length).toBe(1)
	})

	it('asks to stop reading when prints alone fill it, until half is gone', () => {
		const queue = new LiveQueue(5, 10)
		queue.push(numbered(Array.from({length: 11}, () => ({kind: 'trade', symbol: 'A'}))))
		expect([queue.full, queue.relieved]).toEqual([true, false])
		for (let count = 0; count < 6; count++) queue.shift()
		expect([queue.full, queue.relieved]).toEqual([false, true])
	})
})
