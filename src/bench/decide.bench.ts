import {readFileSync} from 'node:fs'
import type {Redis} from 'ioredis'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import {defineKey} from '../engine/contracts/key.js'
import {defineScript} from '../engine/contracts/script.js'
import {anyUnit, defineUnit, fromReply} from '../engine/contracts/unit.js'
import {type Bench, inTurn, ratiosOf, type Sample, sampleOf} from './bench.js'
import {answers, requests, sampleLoop} from './relay.js'

const DECISIONS = 20_000

const reserve = defineScript({
	name: 'bench-reserve',
	summary: 'Takes one from a purse while it lasts.',
	keys: {
		purse: defineKey({pattern: 'bench:purse', type: 'string', owner: 'bench', summary: 'What is left.'}),
		holders: defineKey({pattern: 'bench:holders', type: 'hash', owner: 'bench', summary: 'Who took.'}),
	},
	args: ['who', 'amount'],
	outcomes: {granted: ['left'], refused: ['left']},
	source: new URL('./reserve.lua', import.meta.url),
	model: () => {
		throw new Error('The bench decides on a server only')
	},
})

/** One decision for each entry, with one entry out: as the governor goes. */
const gate = anyUnit(
	defineUnit({
		name: 'bench-gate',
		target: 'core',
		kind: 'stream',
		summary: 'Asks a script about each entry.',
		reads: {request: requests},
		writes: {answers},
		keys: {},
		initial: () => ({}),
		on: {
			request: (_, request, {emit}) => ({
				decide: {
					script: reserve,
					keys: {},
					args: {who: request.symbol, amount: 1},
					branches: {
						granted: {wishes: [emit.answers({...request, quantity: fromReply('left')})]},
						refused: {wishes: [emit.answers(request)]},
					},
				},
			}),
		},
	}),
)

/** The same script with nothing around it, one by one. */
const bareSample = async (redis: Redis, count: number): Promise<Sample> => {
	const lua = `local key = {purse = KEYS[1], holders = KEYS[2]}
${readFileSync(reserve.source, 'utf8')}
local outcome, reply = decide(key, {who = ARGV[1], amount = ARGV[2]})
return {outcome, tostring(reply.left)}`
	const sha = (await redis.script('LOAD', lua)) as string
	const sample = await sampleOf(redis, count, async () => {
		for (let n = 0; n < count; n += 1) await redis.evalsha(sha, 2, 'purse', 'holders', 'BTCUSDT', '1')
	})
	await redis.flushall()
	return sample
}

/** The bus alone: fence, decision and one append, one by one. */
const busSample = async (redis_url: string, count: number): Promise<Sample> => {
	const bus = new RedisBus(() => connectRedis(redis_url))
	const lease = await bus.takeLease('lease', {})
	const call = {
		script: reserve,
		keys: {purse: 'purse', holders: 'holders'},
		args: {who: 'BTCUSDT', amount: '1'},
		branches: {
			granted: [{op: 'append' as const, stream: 'out', fields: {left: fromReply('left')}}],
			refused: [],
		},
	}
	const sample = await sampleOf(bus.redis, count, async () => {
		for (let n = 0; n < count; n += 1) {
			const fence = {lease_key: 'lease', generation: lease.generation, commits: n}
			const {status} = await bus.decide(call, {fence, acknowledge: []})
			if (status !== 'decided') throw new Error(`Decision ${n} came out ${status}`)
		}
	})
	await bus.redis.flushall()
	await bus.close()
	return sample
}

export const decide: Bench = {
	name: 'decide',
	summary: 'Decisions, one after the other: bare, through the bus, and through a unit with its entries.',
	run: async ({redis_url, scale, rounds}) => {
		const redis = connectRedis(redis_url)
		const count = Math.round(DECISIONS * scale)
		const measurements = await inTurn(
			[
				{name: 'bare-evalsha', unit: 'decisions/s', measure: () => bareSample(redis, count)},
				{name: 'bus-decide', unit: 'decisions/s', measure: () => busSample(redis_url, count)},
				{
					name: 'unit-decide',
					unit: 'decisions/s',
					measure: round => sampleLoop(redis_url, gate, `gate${round}:`, count),
				},
			],
			rounds,
		)
		redis.disconnect()
		const ratios = ratiosOf(measurements, [
			['bus-decide', 'bare-evalsha'],
			['unit-decide', 'bare-evalsha'],
		])
		return {measurements, ratios, floors: [], notes: []}
	},
}
