import {join} from 'node:path'
import {beforeAll, describe, expect, it, test} from 'vitest'
import {connectRedis} from '../../../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../../../src/engine/adapters/redis/redis-bus.js'
import {ReadInterrupted} from '../../../../src/engine/bus/bus.js'
import {startBus} from '../../../support/bus.js'
import {startRedis} from '../../../support/redis.js'
import {busConformance} from '../../bus/conformance.js'
import {lossyWay} from './lossy-way.js'

test('half of a surrogate pair becomes what any other client would make of it', async () => {
	const {bus, close} = await startBus()
	const text = 'a\ud83d \udc4d \\ud83d 👍'
	await bus.commit({acknowledge: [], writes: [{op: 'append', stream: 's', fields: {text}}]})
	await bus.append('s', {text})
	const entries = await bus.range('s', {count: 2})
	expect(entries.map(({fields}) => fields.text)).toEqual([0, 1].map(() => 'a\ufffd \ufffd \\ud83d 👍'))
	await close()
})

busConformance('over Redis', startBus)

describe('what the server says of a group’s lag', () => {
	let bus: RedisBus
	beforeAll(async () => {
		const own = await startBus()
		bus = own.bus
		return own.close
	})
	const fill = async (stream: string, count: number) => {
		const ids: string[] = []
		for (let n = 0; n < count; n += 1) ids.push(await bus.append(stream, {n: String(n)}))
		return ids
	}
	const read = (stream: string, count: number) => bus.read({stream, group: 'g', consumer: 'c', count})
	const reported = async (stream: string) => {
		const [row = []] = (await bus.redis.call('XINFO', 'GROUPS', stream)) as unknown[][]
		return row[row.indexOf('lag') + 1]
	}

	it('counts lost entries for ever once the group is drained', async () => {
		await bus.ensureGroup('drained', 'g')
		await fill('drained', 10)
		await read('drained', 2)
		await bus.redis.xtrim('drained', 'MAXLEN', 3)
		expect(await reported('drained')).toBe(8)
		expect(await bus.backlog('drained', 'g')).toMatchObject({undelivered: 3, lost: 5})
		await read('drained', 1)
		expect(await reported('drained')).toBe(7)
		expect(await bus.backlog('drained', 'g')).toMatchObject({undelivered: 2, lost: 5})
		await read('drained', 10)
		expect(await reported('drained')).toBe(5)
		expect(await bus.backlog('drained', 'g')).toMatchObject({undelivered: 0, lost: 5})
	})

	it('is nothing where entries ahead were deleted, or the group began in the middle', async () => {
		await bus.ensureGroup('deleted', 'g')
		const ids = await fill('deleted', 6)
		await read('deleted', 2)
		await bus.redis.xdel('deleted', ids[3] ?? '')
		expect(await reported('deleted')).toBeNull()
		expect(await bus.backlog('deleted', 'g')).toMatchObject({undelivered: 3, lost: undefined})
		await fill('middle', 3)
		await bus.redis.xgroup('CREATE', 'middle', 'g', '$')
		await fill('middle', 2)
		expect(await reported('middle')).toBeNull()
		expect(await bus.backlog('middle', 'g')).toMatchObject({undelivered: 2, lost: 0})
		await bus.redis.xtrim('middle', 'MAXLEN', 4)
		expect(await bus.backlog('middle', 'g')).toMatchObject({undelivered: 2, lost: undefined})
	})

	it('cannot be counted when there are too many', async () => {
		await fill('many', 2)
		await bus.redis.xgroup('CREATE', 'many', 'g', '$')
		const writes = Array.from({length: 1_500}, () => ({op: 'append', stream: 'many', fields: {n: 'x'}}) as const)
		await bus.commit({acknowledge: [], writes})
		expect(await bus.backlog('many', 'g')).toMatchObject({undelivered: undefined, lost: 0, pending: 0})
		await read('many', 1_000)
		expect(await bus.backlog('many', 'g')).toMatchObject({undelivered: 500, pending: 1_000})
	})

	it('says nothing of what a young group never saw, nor of a stream that was emptied', async () => {
		await fill('young', 10)
		await bus.redis.xtrim('young', 'MAXLEN', 4)
		await bus.ensureGroup('young', 'g')
		expect(await bus.backlog('young', 'g')).toMatchObject({undelivered: 4, lost: undefined})
		await bus.ensureGroup('emptied', 'g')
		await fill('emptied', 5)
		await read('emptied', 2)
		await bus.redis.xtrim('emptied', 'MAXLEN', 0)
		const emptied = await bus.backlog('emptied', 'g')
		expect(emptied).toMatchObject({undelivered: 0, lost: 3, pending: 2})
		expect(emptied.oldest_undelivered_id).toBeUndefined()
	})
})

describe('a read whose answer is lost', () => {
	it('says so instead of asking again: the entries are pending', async () => {
		const server = await startRedis()
		const path = join(server.directory, 'way')
		const way = await lossyWay(path, server.path)
		const bus = new RedisBus(() => connectRedis(`unix:${path}`))
		const options = {stream: 's', group: 'g', consumer: 'c', count: 2}
		await bus.ensureGroup('s', 'g')
		for (const block_ms of [0, 5_000]) {
			await bus.append('s', {n: String(block_ms)})
			way.next(text => text.includes('XREADGROUP'))
			await expect(bus.read({...options, block_ms})).rejects.toThrow(ReadInterrupted)
			expect(await bus.read(options)).toEqual([])
		}
		expect(await bus.pending('s', 'g', 10)).toHaveLength(2)
		await bus.close()
		way.close()
		await server.stop()
	})
})

describe('a reader that is behind', () => {
	it('reads in bulk what a plain read would give, whatever the text', async () => {
		const {bus, close} = await startBus()
		await bus.ensureGroup('s', 'g')
		const texts = ['', '\u0000\u0001\u001f\u007f', '"\\/\b', '币安人生👍', '\u2028', 'é'.repeat(500)]
		const written = Array.from({length: 40}, (_, n) => ({n: String(n), text: texts[n % texts.length] ?? ''}))
		for (const fields of written) await bus.append('s', fields)
		await bus.redis.xadd('s', '*', 'n', '40', 'text', Buffer.from([0xff, 0x41]))
		const found = []
		for (let entries = await bus.read({stream: 's', group: 'g', consumer: 'c', count: 7}); entries.length > 0; ) {
			found.push(...entries.map(({fields}) => fields))
			entries = await bus.read({stream: 's', group: 'g', consumer: 'c', count: 7})
		}
		expect(found).toEqual([...written, {n: '40', text: '\ufffdA'}])
		expect((await bus.redis.info('commandstats')).match(/cmdstat_evalsha:calls=(\d+)/)?.[1]).toBe('5')
		await close()
	})
})
