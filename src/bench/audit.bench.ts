import type {Redis} from 'ioredis'
import {declaredFor} from '../audit/declared.js'
import {readRedis} from '../audit/observe/redis.js'
import {absent, type Observed, seen} from '../audit/observed.js'
import {reportOf} from '../audit/report.js'
import {rules} from '../audit/rules.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {type Bench, spreadOf} from './bench.js'

const STREAMS = 100
const GROUPS = 3
const CONSUMERS = 20
const ENTRIES = 200
/** Audits that are timed in each round. */
const AUDITS = 5
const WITHIN_MS = 1_000

const declared = declaredFor({home: '/bench', mode: 'PAPER', prefix: 'bench:', run_id: null, ports: {}})

const plant = async (redis: Redis, streams: number): Promise<void> => {
	for (let n = 0; n < streams; n += 1) {
		const stream = declared.naming.stream(`s${n}`)
		const pipeline = redis.pipeline()
		for (let entry = 1; entry <= ENTRIES; entry += 1)
			pipeline.xadd(stream, '*', 'symbol', 'BTCUSDT', 'n', String(entry))
		for (let group = 0; group < GROUPS; group += 1) {
			pipeline.xgroup('CREATE', stream, `g${group}`, '0')
			for (let consumer = 0; consumer < CONSUMERS; consumer += 1)
				pipeline.xreadgroup('GROUP', `g${group}`, `c${consumer}`, 'COUNT', 1, 'STREAMS', stream, '>')
		}
		await pipeline.exec()
	}
}

const auditOnce = async (redis: Redis): Promise<number> => {
	const begun = performance.now()
	const nothing = absent('not measured')
	const parts = {
		...{ports: nothing, processes: nothing, daemon: nothing, systemd: nothing, files: nothing, build: nothing},
		...{venue: nothing, policy: nothing},
		redis: seen(await readRedis(redis, declared.naming, '')),
	}
	const observed: Observed = {at_ms: Date.now(), host: 'bench', parts}
	const {findings} = reportOf(declared, observed, rules)
	if (findings.length === 0) throw new Error('The audit found nothing of what was planted')
	return performance.now() - begun
}

export const audit: Bench = {
	name: 'audit',
	summary: `The audit of ${STREAMS} streams with ${GROUPS} groups of ${CONSUMERS} consumers: read, judged, reported.`,
	run: async ({redis_url, scale, rounds}) => {
		const redis = connectRedis(redis_url)
		const streams = Math.max(1, Math.round(STREAMS * scale))
		await plant(redis, streams)
		const times: number[] = []
		for (let n = 0; n < rounds * AUDITS; n += 1) times.push(await auditOnce(redis))
		await redis.flushall()
		redis.disconnect()
		const {length} = rules
		return {
			measurements: [],
			ratios: [],
			floors: [],
			spreads: [spreadOf(`audit of ${streams} streams`, 'ms', times, WITHIN_MS, 'p99')],
			notes: [`${length} rules over ${streams * GROUPS * CONSUMERS} consumers and ${streams * ENTRIES} entries`],
		}
	},
}
