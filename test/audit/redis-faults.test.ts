import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import type {Redis} from 'ioredis'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {auditRegistry} from '../../src/audit/audit.js'
import {AUDIT_LIMITS, type AuditLimits} from '../../src/audit/declared.js'
import {markdownOf} from '../../src/audit/markdown.js'
import {reportSchema} from '../../src/audit/report-schema.js'
import {plainPaint} from '../../src/tui/plain/colour.js'
import {registryAuditView} from '../../src/tui/plain/registry-audit-view.js'
import {startSystem, type TestSystem} from '../daemon/client/system-fixture.js'
import {HOSTILE, HOSTILE_SHOWN, redisFaults} from './redis-faults.js'

/** What turns colours on, and what turns text around. */
const HIDDEN = ['\u001b', '\u202e']

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
beforeEach(() => system.reset())
afterAll(() => system.stop())

const audit = (rule: string, limits: Partial<AuditLimits> = {}) =>
	auditRegistry(system.home, {
		env: process.env,
		now_ms: Date.now,
		only: [rule],
		limits: {...AUDIT_LIMITS, ...limits},
	})

/** Every key with its whole content, the idle times of consumers included, and when it ends. */
const contentOf = async (redis: Redis): Promise<string> => {
	const hash = createHash('sha256')
	for (const name of (await redis.keys('*')).sort())
		hash.update(`${name}\0${await redis.pexpiretime(name)}\0`).update((await redis.dumpBuffer(name)) ?? '')
	return hash.digest('hex')
}

/** Bounds hangs, not speed. */
const LONG_MS = 180_000

describe('planted into Redis', {timeout: LONG_MS}, () => {
	it.each(redisFaults)('$fault: $rule', async ({rule, subject, observed, limits, plant}) => {
		const {bus, naming} = system.state
		expect((await audit(rule, limits)).findings).toEqual([])
		await plant(bus.redis, naming)
		const before = await contentOf(bus.redis)
		const report = await audit(rule, limits)
		expect(report.findings.map(({subject: of}) => of)).toEqual([subject])
		const [finding] = report.findings
		expect(finding).toMatchObject({rule, observed: expect.stringMatching(observed)})
		expect(reportSchema.parse(report)).toEqual(report)
		// It only reads: nothing of Redis is otherwise than before.
		expect(await contentOf(bus.redis)).toBe(before)
	})
})

it('shows a hostile name so that it acts nowhere, and a proof that names the very stream', async () => {
	const {bus, naming} = system.state
	await bus.redis.xadd(naming.stream(HOSTILE), '*', 'a', 'b')
	const report = await audit('unknown-stream')
	const text = registryAuditView(report, plainPaint)
	const document = markdownOf(report)
	for (const shown of [text, document, JSON.stringify(report)])
		expect([...shown].filter(char => HIDDEN.includes(char))).toEqual([])
	expect(text).toContain(HOSTILE_SHOWN)
	const rows = document.split('\n').filter(line => line.startsWith('| warning | unknown-stream'))
	expect(rows.map(line => line.match(/(?<!\\)\|/g)?.length)).toEqual([8])
	const words = (report.findings[0]?.proof ?? '').replace('qt redis XREVRANGE', 'printf %s')
	const named = execFileSync('bash', ['-c', words.replace(/ \+ - COUNT 1$/, '')], {encoding: 'utf8'})
	expect(named).toBe(naming.stream(HOSTILE))
})

it('looks at nothing of other tenants of the server', async () => {
	await system.state.bus.redis.set('someone:else', '1')
	await system.state.bus.redis.xadd('another:stream:x', '*', 'a', 'b')
	const {inventory, findings} = await audit('unknown-key')
	expect({keys: inventory.keys, streams: inventory.streams, findings}).toEqual({keys: [], streams: [], findings: []})
})

it('says that Redis could not be looked at, and which rules did not judge', async () => {
	const stopped = await startSystem()
	const {home} = stopped
	await stopped.redis.stop()
	const report = await auditRegistry(home, {env: process.env, now_ms: Date.now, only: ['key-type', 'silent-port']})
	expect(report).toMatchObject({verdict: 'INCOMPLETE', findings: []})
	expect(report.not_looked_at).toEqual([
		{part: 'daemon', why: `no daemon runs on ${home.root}`, rules: ['silent-port']},
		{part: 'redis', why: expect.stringContaining('Redis is unreachable'), rules: ['key-type']},
	])
	expect(report.registry.modules.map(({proof_line}) => proof_line)).not.toContain('')
	await stopped.stop()
})
