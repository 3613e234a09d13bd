import {execa} from 'execa'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {applyPlan, tradeIntent} from '../../src/engine/contracts/streams/trade.js'
import {startSystem, type TestSystem} from '../daemon/client/system-fixture.js'
import {eventually} from '../support/eventually.js'
import {callQt, program} from '../support/qt.js'

const LONG_MS = 120_000

let system: TestSystem
let intents: string
beforeAll(async () => {
	system = await startSystem()
	intents = system.state.naming.stream(tradeIntent.name)
})
beforeEach(() => system.reset())
afterAll(() => system.stop())

const qt = (...words: readonly string[]) => callQt(system.home.root, words)
const json = async (...words: readonly string[]) => {
	const {stdout, exitCode} = await qt(...words, '--json')
	return {exitCode, ...(JSON.parse(stdout) as Record<string, unknown>)}
}
const redis = () => system.state.bus.redis
const unseen = /[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u

describe('qt streams', () => {
	it('says what each group is like over a window, and ends with 3 when one is not well', {
		timeout: LONG_MS,
	}, async () => {
		await redis().xadd(intents, '*', 'symbol', 'BTCUSDT')
		await redis().xgroup('CREATE', intents, 'orphan', '0')
		const {stdout, stderr, exitCode} = await qt('streams', '--window', '2s')
		expect(exitCode).toBe(3)
		expect(stdout).toMatch(/orphan \(undeclared\) +STOP +1 .*\n/)
		expect(stdout).toMatch(
			/STOP {2}orphan \(undeclared\) on trade\.intent: 1 undelivered and 0 pending, and it has no consumer/,
		)
		expect(stdout).toMatch(/samples over \d\.\d s, machine time/)
		expect(stderr).toContain('orphan on trade.intent is STOP')
	})

	it.each([
		[['streams', '--window', '1s'], '--window 1s: expected a time from 2s to 1h'],
		[['streams', '--window', 'soon'], '--window soon: expected a time'],
		[['streams', 'show', 'trade.intnet'], 'unknown stream: trade.intnet\ndid you mean trade.intent?'],
		[['streams', 'tail', 'nosuchthing'], 'unknown stream: nosuchthing\nqt streams lists them'],
		[['streams', 'tail', 'trade.intent', '--where', 'symbol'], '--where symbol: expected a field and its value'],
		[['streams', 'inspect', 'trade.intnet', '1-0'], 'did you mean trade.intent?'],
	])('qt %j is a usage error', async (words, message) => {
		const {stderr, exitCode} = await qt(...words)
		expect(exitCode, stderr).toBe(2)
		expect(stderr).toContain(message)
	})

	it('refuses --json of what has no end', async () => {
		for (const words of [
			['streams', '--watch'],
			['streams', 'tail', 'trade.intent', '--follow'],
		])
			expect(await json(...words)).toMatchObject({exitCode: 2, message: expect.stringContaining('has no end')})
	})

	it('--watch writes lines where there is no terminal, until Ctrl-C', {timeout: LONG_MS}, async () => {
		await redis().xgroup('CREATE', intents, 'orphan', '0', 'MKSTREAM')
		const watching = execa(process.execPath, [program, 'streams', '--watch'], {
			...{env: {QT_HOME: system.home.root}, reject: false, stdin: 'ignore', buffer: true},
		})
		let seen = ''
		watching.stdout.on('data', (chunk: Buffer) => {
			seen += chunk.toString()
		})
		await eventually(() => seen.includes('orphan (undeclared) on trade.intent UNKNOWN 0'), {within_ms: 60_000})
		watching.kill('SIGINT')
		expect((await watching).exitCode).toBe(130)
	})
})

describe('qt streams show', () => {
	it('tells the contract, the groups and what a lag means', {timeout: LONG_MS}, async () => {
		const {naming, bus} = system.state
		const plans = naming.stream(applyPlan.name)
		await bus.ensureGroup(plans, naming.group('governor', applyPlan.name))
		const {stdout, exitCode} = await qt('streams', 'show', applyPlan.name, '--window', '2s')
		expect(exitCode, stdout).toBe(0)
		expect(stdout).toContain(applyPlan.summary)
		expect(stdout).toMatch(/governor +IDLE +0 /)
		expect(stdout).toMatch(/governor \(exec\): what it writes grows old: .*governor\.events/)
		expect(stdout).toMatch(/apply-layer.* then work on old data; \d+ units in all, stages /)
		expect(stdout).toMatch(/entries are refused, PLAN_STALE: .*plan_age_max_ms/)
		expect(stdout).toMatch(/fields +.*plan_id/)
		expect(await json('streams', 'show', plans, '--window', '2s')).toMatchObject({
			...{exitCode: 0, ok: true},
			data: {retention: {over: 0, held_by: []}, contract: {name: applyPlan.name}, status: {state: 'PRESENT'}},
		})
	})

	it('spells out a hostile name, and what is in it', {timeout: LONG_MS}, async () => {
		const hostile = 'a\u001b[2J\r\n\u202eb'
		await redis().xadd(hostile, '1-0', 'x\u001b]0;owned\u0007', '\u001b[31mred')
		await redis().xgroup('CREATE', hostile, hostile, '0')
		for (const words of [
			['show', hostile, '--window', '2s'],
			['tail', hostile],
			['inspect', hostile, '1-0'],
		]) {
			const {stdout, stderr} = await qt('streams', ...words)
			expect(`${stdout}${stderr}`).toContain('\\u{1b}[')
			expect(`${stdout}${stderr}`).not.toMatch(unseen)
		}
	})
})

describe('qt streams tail', () => {
	it('shows one line per entry, cut where it is long, whole in --json', async () => {
		const long = 'x'.repeat(2 ** 20)
		await redis().xadd(intents, '1000-0', 'unit', 'hand', 'symbol', 'BTCUSDT', 'note', long)
		await redis().xadd(intents, '2000-0', 'symbol', 'ETHUSDT', 'authority', 'shadow')
		const {stdout, exitCode} = await qt('streams', 'tail', 'trade.intent')
		expect(exitCode).toBe(0)
		const [first = '', second] = stdout.split('\n')
		expect(first).toMatch(/^1000-0 {2}1970-01-01 00:00:01 {2}hand {2}symbol=BTCUSDT note=x+…\[1048576 characters\]$/)
		expect(first.length).toBeLessThan(300)
		expect(second).toBe('2000-0  1970-01-01 00:00:02  hand (shadow)  symbol=ETHUSDT')
		const found = await json('streams', 'tail', 'trade.intent', '--where', 'symbol=BTCUSDT', '-n', '5')
		expect(found).toMatchObject({ok: true, data: {entries: [{id: '1000-0', fields: {note: long}}], looked_at: 2}})
		const none = await qt('streams', 'tail', 'trade.intent', '--where', 'symbol=XRPUSDT')
		expect(none.stdout).toBe('no such entry among the newest 2 of trade.intent\n')
	})

	it('follows until Ctrl-C, beginning after what it showed', {timeout: LONG_MS}, async () => {
		await redis().xadd(intents, '1000-0', 'symbol', 'BTCUSDT')
		const words = [program, 'streams', 'tail', 'trade.intent', '--follow', '-n', '1', '--where', 'symbol=BTCUSDT']
		const tailing = execa(process.execPath, words, {
			...{env: {QT_HOME: system.home.root}, reject: false, stdin: 'ignore', buffer: true},
		})
		let seen = ''
		tailing.stdout.on('data', (chunk: Buffer) => {
			seen += chunk.toString()
		})
		await eventually(() => seen.includes('1000-0'), {within_ms: 60_000})
		await redis().xadd(intents, '2000-0', 'symbol', 'ETHUSDT')
		await redis().xadd(intents, '3000-0', 'symbol', 'BTCUSDT')
		await eventually(() => seen.includes('3000-0'), {within_ms: 30_000})
		tailing.kill('SIGINT')
		const {exitCode, stdout} = await tailing
		expect(exitCode).toBe(130)
		expect(stdout.split('\n').map(line => line.split(' ')[0])).toEqual(['1000-0', '3000-0'])
	})
})

describe('qt streams inspect', () => {
	it('names what breaks the contract, who has the entry, its cause and what it caused', async () => {
		const {naming, bus} = system.state
		const plans = naming.stream(applyPlan.name)
		await redis().xadd(intents, '1000-0', 'id', 'intent-1', 'unit', 'trading-bot', 'symbol', 'BTCUSDT')
		await redis().xadd(plans, '1005-0', 'id', 'plan-1', 'cause', 'intent-1', 'unit', 'intent-bridge', 'symbol', 'B')
		const group = naming.group('portfolio-gate', tradeIntent.name)
		await bus.ensureGroup(intents, group)
		await bus.ensureGroup(intents, 'late')
		await bus.read({stream: intents, group, consumer: 'a.portfolio-gate.0', count: 1})
		const {stdout, stderr, exitCode} = await qt('streams', 'inspect', 'intent-1')
		expect(exitCode, stderr).toBe(3)
		expect(stdout).toMatch(/^trade\.intent 1000-0, written 1970-01-01 00:00:01 UTC/)
		expect(stdout).toMatch(/CONTRACT_BROKEN: .*side/)
		expect(stdout).toMatch(/portfolio-gate has it: pending for a\.portfolio-gate\.0, given once, last .* ago/)
		expect(stdout).toContain('late (undeclared) has not been given it')
		expect(stdout).toContain('caused by nothing that is recorded')
		expect(stdout).toContain('led to     apply.plan 1005-0 by intent-bridge, 5 ms after (plan-1)')
		await bus.acknowledge(intents, group, ['1000-0'])
		expect(await json('streams', 'inspect', 'trade.intent', '1000-0')).toMatchObject({
			exitCode: 3,
			data: {deliveries: expect.arrayContaining([{group, unit: 'portfolio-gate', state: 'PASSED', pending: null}])},
		})
		expect(await json('streams', 'inspect', 'plan-1')).toMatchObject({
			data: {stream: applyPlan.name, cause: {stream: tradeIntent.name, id: 'intent-1'}, caused: []},
		})
	})

	it('says which of two streams, what is not there, and from when on there is something', async () => {
		for (const stream of [intents, system.state.naming.stream(applyPlan.name)])
			await redis().xadd(stream, '7-0', 'a', 'b')
		expect(await json('streams', 'inspect', '7-0')).toMatchObject({
			...{exitCode: 2, message: '7-0 is the id of 2 entries: apply.plan 7-0, trade.intent 7-0'},
		})
		expect(await json('streams', 'inspect', 'trade.intent', '8-0')).toMatchObject({
			...{exitCode: 1, message: 'trade.intent has no entry 8-0', hint: expect.stringContaining('its oldest is 7-0')},
		})
		expect(await json('streams', 'inspect', '123456-0')).toMatchObject({
			...{exitCode: 1, message: 'no entry of any stream names 123456-0'},
		})
	})
})

it('ends with 5 while Redis is down', {timeout: LONG_MS}, async () => {
	await system.redis.kill9()
	for (const words of [['streams'], ['streams', 'show', 'trade.intent'], ['streams', 'tail', 'trade.intent']])
		expect(await json(...words)).toMatchObject({exitCode: 5, message: expect.stringContaining('Redis is unreachable')})
	expect(await json('streams', 'inspect', '1-0')).toMatchObject({exitCode: 5})
	await system.redis.restart()
})
