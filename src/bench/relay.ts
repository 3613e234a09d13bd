import {setTimeout as pause} from 'node:timers/promises'
import type {Redis} from 'ioredis'
import {z} from 'zod'
import {SystemClock} from '../engine/adapters/clock/system-clock.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import {encodeEnvelope} from '../engine/contracts/envelope.js'
import {encodeFields, type Fields, field} from '../engine/contracts/field.js'
import {Naming} from '../engine/contracts/naming.js'
import {defaultPolicy} from '../engine/contracts/policy.js'
import {defineStream} from '../engine/contracts/stream.js'
import {type AnyUnit, anyUnit, defineUnit} from '../engine/contracts/unit.js'
import {noAdapters} from '../engine/runtime/adapters.js'
import {UnitLoop} from '../engine/runtime/unit-loop.js'
import {type Sample, sampleOf} from './bench.js'

export const requests = defineStream({
	name: 'bench.requests',
	summary: 'What the relay reads: six fields of the kinds that plans have.',
	criticality: 'money',
	payload: z.object({
		symbol: field.symbol(),
		side: z.enum(['BUY', 'SELL']),
		quantity: field.positive(),
		price: field.positive(),
		confidence: field.real(),
		sent_ms: field.integer(),
	}),
})

export const answers = defineStream({
	name: 'bench.answers',
	summary: 'What the relay writes.',
	criticality: 'money',
	payload: z.object({
		symbol: field.symbol(),
		side: z.enum(['BUY', 'SELL']),
		quantity: field.positive(),
		price: field.positive(),
		confidence: field.real(),
		sent_ms: field.integer(),
	}),
})

/** One in, one out. */
export const relay = anyUnit(
	defineUnit({
		name: 'bench-relay',
		target: 'core',
		kind: 'stream',
		summary: 'Emits what it reads: the smallest unit that goes the whole commit path.',
		reads: {request: requests},
		writes: {answers},
		keys: {},
		initial: () => ({}),
		on: {request: (_, request, {emit}) => ({wishes: [emit.answers(request)]})},
	}),
)

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', '币安人生USDT']

export const requestFields = (n: number): Fields => ({
	...encodeEnvelope({id: `r${n}`, cause: '', unit: 'bench', ts: 1_750_000_000_000 + n, v: 1, authority: 'live'}),
	...encodeFields({
		symbol: SYMBOLS[n % SYMBOLS.length],
		side: n % 2 === 0 ? 'BUY' : 'SELL',
		quantity: '0.015',
		price: `${50_000 + (n % 1_000)}.5`,
		confidence: 0.5 + (n % 50) / 100,
		sent_ms: 1_750_000_000_000 + n,
	}),
})

const CHUNK = 1_000
/** Puts requests on a stream, for a reader that comes later. */
export const placeRequests = async (redis: Redis, stream: string, count: number): Promise<void> => {
	for (let from = 0; from < count; from += CHUNK) {
		const pipeline = redis.pipeline()
		for (let n = from; n < Math.min(from + CHUNK, count); n += 1)
			pipeline.xadd(stream, '*', ...Object.entries(requestFields(n)).flat())
		await pipeline.exec()
	}
}

const LOOK_EVERY_MS = 2
const HANDLED_WITHIN_MS = 120_000

const handled = async (loop: UnitLoop, running: Promise<void>, count: number): Promise<void> => {
	const begun = performance.now()
	while (loop.runner.handled < count) {
		if (performance.now() - begun > HANDLED_WITHIN_MS)
			throw new Error(`The loop handled ${loop.runner.handled} of ${count} within ${HANDLED_WITHIN_MS} ms`)
		await Promise.race([running, pause(LOOK_EVERY_MS)])
	}
}

/** Runs a unit over pre-placed requests through its loop, until the last one is committed. */
export const sampleLoop = async (redis_url: string, unit: AnyUnit, prefix: string, count: number): Promise<Sample> => {
	const bus = new RedisBus(() => connectRedis(redis_url))
	const naming = new Naming(prefix)
	const stream = naming.stream(requests.name)
	await placeRequests(bus.redis, stream, count)
	const clock = new SystemClock()
	const settings = {policy: defaultPolicy, mode: 'PAPER', host: 'bench', adapters: noAdapters} as const
	const loop = new UnitLoop({...settings, unit, bus, naming, clock})
	const stop = new AbortController()
	try {
		return await sampleOf(bus.redis, count, async () => {
			const running = loop.run(stop.signal)
			await handled(loop, running, count)
			while ((await bus.pending(stream, naming.group(unit.name, requests.name), 1)).length > 0)
				await pause(LOOK_EVERY_MS)
			stop.abort()
			await running
		})
	} finally {
		stop.abort()
		await bus.redis.flushall()
		await bus.close()
	}
}
