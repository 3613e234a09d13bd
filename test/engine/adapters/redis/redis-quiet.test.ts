import fc from 'fast-check'
import {afterAll, beforeAll, beforeEach, expect, it} from 'vitest'
import {connectRedis} from '../../../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../../../src/engine/adapters/redis/redis-bus.js'
import {QuietLook} from '../../../../src/engine/adapters/redis/redis-quiet.js'
import {keys} from '../../../../src/engine/contracts/keys.js'
import {Naming} from '../../../../src/engine/contracts/naming.js'
import {units} from '../../../../src/engine/registry.js'
import {type PrivateRedis, startRedis} from '../../../support/redis.js'

let server: PrivateRedis
let bus: RedisBus
beforeAll(async () => {
	server = await startRedis()
	bus = new RedisBus(() => connectRedis(`unix:${server.path}`))
})
beforeEach(() => bus.redis.flushall())
afterAll(async () => {
	await bus.close()
	await server.stop()
})

const naming = new Naming('q')
const looked = units.filter(({name}) => ['apply-layer', 'intent-bridge', 'governor'].includes(name))
const readers = looked.flatMap(({name, reads}) =>
	Object.values(reads).map(({name: stream}) => ({
		stream: naming.stream(stream),
		group: naming.group(name, stream),
		consumer: 'c',
	})),
)
const effects = naming.key(keys.unitEffects, {unit: 'apply-layer'})
const look = () => new QuietLook(bus.redis, looked, ['BTCUSDT'], naming)

/** What can happen between two looks; the number says to which reader. */
const happening = fc.record({
	reader: fc.nat({max: readers.length - 1}),
	what: fc.constantFrom('append', 'handle', 'read', 'trim', 'lose', 'begin effect', 'end effect'),
})

const happen = async ({reader, what}: Readonly<{reader: number; what: string}>): Promise<void> => {
	const {stream, group, consumer} = readers[reader] ?? {stream: '', group: '', consumer: ''}
	if (what === 'append') await bus.append(stream, {n: 'x'})
	else if (what === 'trim') await bus.trim(stream, 0)
	else if (what === 'begin effect') await bus.redis.hset(effects, 'e', '{}')
	else if (what === 'end effect') await bus.redis.del(effects)
	else if (what === 'lose') {
		await bus.redis.del(stream)
		for (const one of readers.filter(other => other.stream === stream)) await bus.ensureGroup(stream, one.group)
	} else {
		const entries = await bus.read({stream, group, consumer, count: 9})
		const held = what === 'read' ? [] : await bus.readPending({stream, group, consumer, count: 99, after_id: '0-0'})
		const ids = [...new Set([...entries, ...held].map(({id}) => id))]
		if (what === 'handle') await bus.acknowledge(stream, group, ids)
	}
}

it('says the same whether it has looked before or not, and of the first thing alone as of all', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(happening, {minLength: 1, maxLength: 40}), async events => {
			await bus.redis.flushall()
			for (const {stream, group} of readers) await bus.ensureGroup(stream, group)
			const [full, brief] = [look(), look()]
			for (const event of events) {
				await happen(event)
				const truth = await look().look()
				expect(await full.look()).toEqual(truth)
				const first = await brief.look(true)
				expect(first.waiting.slice(0, 1)).toEqual(truth.waiting.slice(0, 1))
				if (truth.waiting.length === 0) expect(first).toEqual(truth)
			}
		}),
		{numRuns: 40},
	)
})

it('a server that lost everything has groups that do not exist', async () => {
	for (const {stream, group} of readers) await bus.ensureGroup(stream, group)
	const quiet = look()
	expect((await quiet.look(true)).waiting).toEqual([])
	await bus.redis.flushall()
	expect((await quiet.look(true)).waiting).toEqual([`${readers[0]?.group} does not exist yet`])
})
