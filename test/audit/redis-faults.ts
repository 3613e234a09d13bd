import type {Redis} from 'ioredis'
import type {AuditLimits} from '../../src/audit/declared.js'
import {keys} from '../../src/engine/contracts/keys.js'
import type {Naming} from '../../src/engine/contracts/naming.js'
import {marketTick} from '../../src/engine/contracts/streams/market.js'
import {applyPlan, tradeIntent} from '../../src/engine/contracts/streams/trade.js'
import {retiredStreams} from '../../src/engine/registry.js'

/** A fault that is planted into a real Redis, and the rule that has to find it. */
export type RedisFault = Readonly<{
	fault: string
	rule: string
	subject: string
	observed: RegExp
	limits?: Partial<AuditLimits>
	plant: (redis: Redis, naming: Naming) => Promise<unknown>
}>

const FORMER_GROUP = 'apply:apply.plan'
const DEAD = 63
const HOUR_MS = 3_600_000
const MEGABYTE = 2 ** 20
/** More than are counted one by one. */
const MANY = 1_500

const group = (redis: Redis, stream: string, name: string): Promise<unknown> =>
	redis.xgroup('CREATE', stream, name, '0', 'MKSTREAM')
const take = (redis: Redis, stream: string, name: string, count: number, consumer = 'gone.reader.0') =>
	redis.xreadgroup('GROUP', name, consumer, 'COUNT', count, 'STREAMS', stream, '>')
const fill = async (redis: Redis, stream: string, count: number): Promise<void> => {
	const pipeline = redis.pipeline()
	for (let n = 1; n <= count; n += 1) pipeline.xadd(stream, `${n}-0`, 'n', String(n))
	await pipeline.exec()
}
const onPlans = `${FORMER_GROUP} on ${applyPlan.name}`

/** Acts on a terminal, ends a quoted word, and starts a cell of a table. */
export const HOSTILE = "\u001b[31mred'; $(touch x) `y` | \n\u202e#"
export const HOSTILE_SHOWN = "\\u{1b}[31mred'; $(touch x) `y` | \\u{a}\\u{202e}#"

export const redisFaults: readonly RedisFault[] = [
	{
		fault: 'a stream that nobody declares',
		rule: 'unknown-stream',
		subject: 'ghost.stream',
		observed: /^1 entries, 0 groups$/,
		plant: (redis, naming) => redis.xadd(naming.stream('ghost.stream'), '*', 'a', 'b'),
	},
	{
		fault: 'a stream with a hostile name',
		rule: 'unknown-stream',
		subject: HOSTILE_SHOWN,
		observed: /^1 entries/,
		plant: (redis, naming) => redis.xadd(naming.stream(HOSTILE), '*', 'a', 'b'),
	},
	{
		fault: 'a stream that is written and never read',
		rule: 'unread-stream',
		subject: 'ghost.written',
		observed: /it has no group$/,
		plant: (redis, naming) => redis.xadd(naming.stream('ghost.written'), '*', 'a', 'b'),
	},
	{
		fault: 'a stream that is read and never written',
		rule: 'unwritten-stream',
		subject: 'ghost.read',
		observed: /^never written, and read with somebody$/,
		plant: (redis, naming) => group(redis, naming.stream('ghost.read'), 'somebody'),
	},
	{
		fault: 'a retired stream',
		rule: 'retired-stream',
		subject: retiredStreams[0].name,
		observed: /^1 entries/,
		plant: (redis, naming) => redis.xadd(naming.stream(retiredStreams[0].name), '*', 'a', 'b'),
	},
	{
		fault: 'a group under a former name',
		rule: 'unknown-group',
		subject: onPlans,
		observed: /^0 consumers, 0 pending$/,
		plant: (redis, naming) => group(redis, naming.stream(applyPlan.name), FORMER_GROUP),
	},
	{
		fault: 'a group without a live consumer',
		rule: 'group-without-consumer',
		subject: onPlans,
		observed: /^no consumer$/,
		plant: (redis, naming) => group(redis, naming.stream(applyPlan.name), FORMER_GROUP),
	},
	{
		fault: `${DEAD} dead consumers`,
		rule: 'dead-consumers',
		subject: onPlans,
		observed: new RegExp(`^${DEAD} of ${DEAD} silent`),
		limits: {consumer_idle_ms: 0},
		plant: async (redis, naming) => {
			const stream = naming.stream(applyPlan.name)
			await group(redis, stream, FORMER_GROUP)
			for (let n = 0; n < DEAD; n += 1)
				await redis.xgroup('CREATECONSUMER', stream, FORMER_GROUP, `gone${String.fromCharCode(97 + (n % 26))}.${n}`)
		},
	},
	{
		fault: 'consumers that are named after process ids',
		rule: 'pid-consumer',
		subject: onPlans,
		observed: /^1 of 2, such as worker-31337$/,
		plant: async (redis, naming) => {
			const stream = naming.stream(applyPlan.name)
			await group(redis, stream, FORMER_GROUP)
			await redis.xgroup('CREATECONSUMER', stream, FORMER_GROUP, 'worker-31337')
			await redis.xgroup('CREATECONSUMER', stream, FORMER_GROUP, 'exec.governor.0')
		},
	},
	{
		fault: 'a lag that lies after trimming, of a group that has read all that was left',
		rule: 'lost-entries',
		subject: onPlans,
		observed: /^5 entries lost; the server says a lag of 5, and 0 wait$/,
		plant: async (redis, naming) => {
			const stream = naming.stream(applyPlan.name)
			await group(redis, stream, FORMER_GROUP)
			await fill(redis, stream, 10)
			await take(redis, stream, FORMER_GROUP, 2)
			await redis.xtrim(stream, 'MAXLEN', 3)
			await take(redis, stream, FORMER_GROUP, 10)
		},
	},
	{
		fault: 'a lag that nobody knows',
		rule: 'unknown-lag',
		subject: `${FORMER_GROUP} on ${marketTick.name}`,
		observed: /^at least 1000 entries wait/,
		plant: async (redis, naming) => {
			const stream = naming.stream(marketTick.name)
			await group(redis, stream, FORMER_GROUP)
			await fill(redis, stream, MANY)
			await take(redis, stream, FORMER_GROUP, 1)
			await redis.xdel(stream, `${MANY - 1}-0`)
		},
	},
	{
		fault: 'entries that were given out an hour ago and never acknowledged',
		rule: 'stuck-pending',
		subject: onPlans,
		observed: /^2 pending; 1-0 with gone.reader.0 for 36\d+ ms after/,
		plant: async (redis, naming) => {
			const stream = naming.stream(applyPlan.name)
			await group(redis, stream, FORMER_GROUP)
			await fill(redis, stream, 2)
			await take(redis, stream, FORMER_GROUP, 2)
			await redis.call('XCLAIM', stream, FORMER_GROUP, 'gone.reader.0', '0', '1-0', 'IDLE', String(HOUR_MS))
		},
	},
	{
		fault: 'an entry that breaks its contract',
		rule: 'broken-entry',
		subject: tradeIntent.name,
		observed: /^1 of the newest 1 break it; 7-0: /,
		plant: (redis, naming) => redis.xadd(naming.stream(tradeIntent.name), '7-0', 'symbol', 'no symbol!'),
	},
	{
		fault: 'an entry of a megabyte',
		rule: 'broken-entry',
		subject: applyPlan.name,
		observed: /^1 of the newest 1 break it; 7-0: 1048577 bytes; at most/,
		plant: (redis, naming) => redis.xadd(naming.stream(applyPlan.name), '7-0', 'x', 'y'.repeat(MEGABYTE)),
	},
	{
		fault: 'a key of an unknown pattern',
		rule: 'unknown-key',
		subject: 'nobody:knows',
		observed: /^string$/,
		plant: (redis, naming) => redis.set(`${naming.prefix}nobody:knows`, '1'),
	},
	{
		fault: 'a name that is no text',
		rule: 'unknown-key',
		subject: 'stream:\ufffd\ufffd',
		observed: /^stream$/,
		plant: (redis, naming) =>
			redis.xadd(Buffer.concat([Buffer.from(naming.stream('')), Buffer.from([0xff, 0xfe])]), '*', 'a', 'b'),
	},
	{
		fault: 'a retired key',
		rule: 'retired-key',
		subject: 'apply:done:p1',
		observed: /^hash$/,
		plant: (redis, naming) => redis.hset(`${naming.prefix}apply:done:p1`, 'a', 'b'),
	},
	{
		fault: 'a key of the wrong type',
		rule: 'key-type',
		subject: 'kill',
		observed: /^set$/,
		plant: (redis, naming) => redis.sadd(naming.key(keys.kill, {}), '1'),
	},
	{
		fault: 'a stream under whose name something else lies',
		rule: 'key-type',
		subject: `stream:${tradeIntent.name}`,
		observed: /^list$/,
		plant: (redis, naming) => redis.rpush(naming.stream(tradeIntent.name), 'x'),
	},
	{
		fault: 'a key without its TTL',
		rule: 'key-ttl',
		subject: 'permit:p33:p1',
		observed: /^no TTL$/,
		plant: (redis, naming) => redis.hset(naming.key(keys.permit, {plan_id: 'p1'}), 'verdict', 'ALLOW'),
	},
	{
		fault: 'a key that ends and should stay',
		rule: 'key-ttl',
		subject: 'arm',
		observed: /^removed in \d+ ms$/,
		plant: async (redis, naming) => {
			await redis.hset(naming.key(keys.arm, {}), 'epoch', '1')
			await redis.pexpire(naming.key(keys.arm, {}), HOUR_MS)
		},
	},
]
