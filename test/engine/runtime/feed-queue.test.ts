import {expect, test} from 'vitest'
import {limits} from '../../../src/engine/contracts/limits.js'
import {FeedQueue} from '../../../src/engine/runtime/feed-queue.js'

const symbolOf = (event: unknown) => (event as {symbol: string}).symbol

test('telemetry: a newer event replaces one of its partition that waits', async () => {
	const queue = new FeedQueue(symbolOf)
	for (let n = 1; n <= 100_000; n += 1) await queue.push({symbol: n % 2 === 0 ? 'AAA' : 'BBB', n})
	const [batch] = [await queue[Symbol.asyncIterator]().next()]
	expect(batch?.value).toEqual([
		{symbol: 'BBB', n: 99_999},
		{symbol: 'AAA', n: 100_000},
	])
	expect(queue.conflated).toBe(99_998)
})

test('money: the source waits when the queue is full, and nothing is lost or out of order', async () => {
	const queue = new FeedQueue(undefined)
	let pushed = 0
	const total = limits.feed_queue_max + 1_000
	const pushing = (async () => {
		for (let n = 0; n < total; n += 1) {
			await queue.push(n)
			pushed += 1
		}
		queue.close()
	})()
	await new Promise(resolve => setImmediate(resolve))
	expect(pushed).toBe(limits.feed_queue_max)
	const taken: unknown[] = []
	for await (const batch of queue) {
		expect(batch.length).toBeLessThanOrEqual(limits.batch_max)
		taken.push(...batch)
	}
	await pushing
	expect(taken).toEqual(Array.from({length: total}, (_, n) => n))
})

test('closing lets a waiting source go, and drops what comes later', async () => {
	const queue = new FeedQueue(undefined)
	for (let n = 0; n < limits.feed_queue_max; n += 1) await queue.push(n)
	const waiting = queue.push('late')
	queue.close()
	await waiting
	await queue.push('later')
	const taken: unknown[] = []
	for await (const batch of queue) taken.push(...batch)
	expect(taken).toHaveLength(limits.feed_queue_max)
})

test('where batches are gathered, what waits is let go together, or once there is a batch of it', async () => {
	const queue = new FeedQueue(undefined)
	const batches: unknown[] = []
	const taking = (async () => {
		for await (const batch of queue) batches.push(batch)
	})()
	const turn = () => new Promise(resolve => setImmediate(resolve))
	await queue.push('before')
	await turn()
	queue.gather()
	queue.release()
	for (const event of ['a', 'b', 'c']) {
		await queue.push(event)
		await turn()
	}
	expect(queue.waiting).toBe(3)
	queue.release()
	await turn()
	expect(batches).toEqual([['before'], ['a', 'b', 'c']])
	const full = Array.from({length: limits.batch_max + 1}, (_, n) => n)
	for (const event of full) await queue.push(event)
	await turn()
	expect(batches[2]).toEqual(full.slice(0, limits.batch_max))
	expect(queue.waiting).toBe(1)
	queue.close()
	await taking
	expect(batches[3]).toEqual([limits.batch_max])
})
