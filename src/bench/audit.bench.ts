import type {Redis} from 'ioredis'
import {declaredFor} from '../audit/declared.js'
import {readRedis} from '../audit/observe/redis.js'
import {absent, type Observed, seen} from '../audit/observed.js'
import {reportOf} from '../audit/report.js'
import {rules} from '../audit/rules.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {type Bench, spreadOf} from './bench.js'
import {calm, fillStream} from './full-streams.js'

const STREAMS = 100
const GROUPS = 3
const CONSUMERS = 20
const ENTRIES = 200
/** Audits that are timed in each round. */
const AUDITS = 4
const WITHIN_MS = 1_000

const declared = declaredFor({home: '/bench', mode: 'PAPER', prefix: 'bench:', run_id: null, ports: {}})
const {naming} = declared

type Audited = Readonly<{reading_ms: number; judging_ms: number}>

const auditOnce = async (redis: Redis): Promise<Audited> => {
	const begun = performance.now()
	const nothing = absent('not measured')
	const parts = {
		...{ports: nothing, processes: nothing, daemon: nothing, systemd: nothing, files: nothing, build: nothing},
		...{venue: nothing, policy: nothing},
		redis: seen(await readRedis(redis, naming, '')),
	}
	const read = performance.now()
	const observed: Observed = {at_ms: Date.now(), host: 'bench', parts}
	const {findings} = reportOf(declared, observed, rules)
	if (findings.length === 0) throw new Error('The audit found nothing of what was planted')
	return {reading_ms: read - begun, judging_ms: performance.now() - read}
}

const measure = async (redis: Redis, streams: number, audits: number) => {
	for (let n = 0; n < streams; n += 1)
		await fillStream(redis, {name: naming.stream(`s${n}`), entries: ENTRIES, groups: GROUPS, consumers: CONSUMERS})
	await calm(redis)
	const times: Audited[] = []
	for (let n = 0; n < audits; n += 1) times.push(await auditOnce(redis))
	const reading = times.map(({reading_ms}) => reading_ms)
	const judging = times.map(({judging_ms}) => judging_ms)
	const whole = times.map(({reading_ms, judging_ms}) => reading_ms + judging_ms)
	return {
		measurements: [],
		ratios: [],
		floors: [],
		spreads: [
			spreadOf(`audit of ${streams} streams`, 'ms', whole, WITHIN_MS, 'p99'),
			spreadOf('of it reading Redis', 'ms', reading),
			spreadOf('of it judging', 'ms', judging),
		],
		notes: [`${rules.length} rules over ${streams * GROUPS * CONSUMERS} consumers and ${streams * ENTRIES} entries`],
	}
}

export const audit: Bench = {
	name: 'audit',
	summary: `The audit of ${STREAMS} streams with ${GROUPS} groups of ${CONSUMERS} consumers: read, judged, reported.`,
	run: async ({redis_url, scale, rounds}) => {
		const redis = connectRedis(redis_url)
		try {
			return await measure(redis, Math.max(1, Math.round(STREAMS * scale)), rounds * AUDITS)
		} finally {
			await redis.flushall()
			redis.disconnect()
		}
	},
}
