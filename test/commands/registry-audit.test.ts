import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {atMostEvery} from '../../src/audit/observe/venue.js'
import {type Part, seen, unseen} from '../../src/audit/observed.js'
import {startSystem, type TestSystem} from '../daemon/client/system-fixture.js'
import {eventually} from '../support/eventually.js'
import {callQt, program} from '../support/qt.js'

const LONG_MS = 240_000
const patient = {within_ms: 120_000}

describe('qt registry audit --watch', () => {
	let system: TestSystem
	beforeAll(async () => {
		system = await startSystem()
	})
	afterAll(() => system.stop())

	it('tells of what comes and goes, until Ctrl-C', {timeout: LONG_MS}, async () => {
		const {bus, naming} = system.state
		const stray = `${naming.prefix}nobody:knows`
		const watching = execa(process.execPath, [program, 'registry', 'audit', '--watch', '--only', 'unknown-key'], {
			...{env: {QT_HOME: system.home.root}, reject: false, stdin: 'ignore', buffer: true},
		})
		let lines = ''
		watching.stdout.on('data', (chunk: Buffer) => {
			lines += chunk.toString()
		})
		const newest = () => lines.trimEnd().split('\n').at(-1)
		await eventually(() => lines.includes('\n'), patient)
		expect(lines).not.toContain('unknown-key')
		await bus.redis.set(stray, '1')
		await eventually(() => newest()?.includes(' FINDINGS: warning unknown-key nobody:knows') === true, patient)
		await bus.redis.del(stray)
		await eventually(() => newest()?.includes('unknown-key') === false, patient)
		watching.kill('SIGINT')
		expect((await watching).exitCode).toBe(130)
	})

	it.each([
		[['--json'], 'has no end'],
		[['--rules'], 'rules'],
		[['--only', 'unknown-kye'], 'did you mean unknown-key?'],
	])('refuses %j', {timeout: LONG_MS}, async (words, says) => {
		const {stdout, stderr, exitCode} = await callQt(system.home.root, ['registry', 'audit', '--watch', ...words])
		expect({exitCode, text: stdout + stderr}).toEqual({exitCode: 2, text: expect.stringContaining(says)})
	})
})

it('the venue is asked no more often than it should be, but for what was not seen', async () => {
	let now_ms = 0
	let answer: Part<number> = unseen('not yet')
	let asked = 0
	const look = atMostEvery(
		1_000,
		() => now_ms,
		async () => {
			asked += 1
			return answer
		},
	)
	const at = async (ms: number) => {
		now_ms = ms
		const {state} = await look()
		return [state, asked]
	}
	expect(await at(0)).toEqual(['unseen', 1])
	answer = seen(1)
	expect([await at(1), await at(1_000), await at(1_001)]).toEqual([
		['seen', 2],
		['seen', 2],
		['seen', 3],
	])
})
