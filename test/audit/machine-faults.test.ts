import {mkdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {auditRegistry} from '../../src/audit/audit.js'
import {baselineOf} from '../../src/audit/baseline.js'
import {baselinePath, readBaseline, saveBaseline} from '../../src/audit/baseline-file.js'
import {observeBuild} from '../../src/audit/observe/build.js'
import {addressOf, listListeners, parseLsof} from '../../src/daemon/supervision/listeners.js'
import {startSystem, type TestSystem} from '../daemon/client/system-fixture.js'
import {eventually} from '../support/eventually.js'
import {temporaryHome} from '../support/temporary-home.js'
import {Machine, machineFaults} from './machine-faults.js'

let system: TestSystem
let machine: Machine
beforeAll(async () => {
	system = await startSystem()
})
beforeEach(async () => {
	await system.reset()
	machine = new Machine(system)
	machine.ports({})
})
afterEach(async () => {
	await machine.end()
	for (const path of [system.home.secrets, system.home.policy, system.home.policyVersions, baselinePath(system.home)])
		rmSync(path, {force: true})
})
afterAll(() => system.stop())

const audit = (...only: readonly string[]) =>
	auditRegistry(system.home, {env: process.env, now_ms: Date.now, ...(only.length > 0 && {only})})

/** These bound hangs, not speed. */
const LONG_MS = 180_000
const PATIENT = {within_ms: 60_000, every_ms: 200}

describe('planted into the machine', {timeout: LONG_MS}, () => {
	it.each(machineFaults)('$fault: $rule', async ({rule, plant}) => {
		expect((await audit(rule)).findings).toEqual([])
		const [subject, observed] = await plant(machine)
		// A busy machine may let an answer be too late for one look.
		await eventually(async () => {
			const {findings, not_looked_at} = await audit(rule)
			if (findings.length === 0) throw new Error(JSON.stringify(not_looked_at))
			expect(findings).toEqual([
				expect.objectContaining({rule, subject, observed: expect.stringMatching(observed), proof: expect.any(String)}),
			])
			return true
		}, PATIENT)
	})
})

it('suggests the name of a rule that does not exist', async () => {
	await expect(audit('foreign-prot')).rejects.toMatchObject({
		message: 'unknown rule: foreign-prot',
		hint: 'did you mean foreign-port?',
		exit_code: 2,
	})
})

it('tells a build that is older than the checkout', async () => {
	const home = await temporaryHome()
	const root = home.path
	for (const folder of ['.git', 'src', 'dist']) mkdirSync(join(root, folder))
	writeFileSync(join(root, 'src', 'a.ts'), 'export const a = 1\n')
	const first = await observeBuild(root)
	if (first.state !== 'seen') throw new Error('not seen')
	const source_hash = first.value.checkout?.source_hash
	const stamp = {version: '0.1.0', commit: null, source_hash, built_at: '2026-01-02T03:04:05.000Z'}
	writeFileSync(join(root, 'dist', 'build.json'), JSON.stringify(stamp))
	const built = await observeBuild(root)
	writeFileSync(join(root, 'src', 'a.ts'), 'export const a = 2\n')
	const changed = await observeBuild(root)
	await home.remove()
	expect(first).toMatchObject({value: {source_hash: null}})
	expect(built).toMatchObject({value: {source_hash, checkout: {source_hash}}})
	expect(changed).toMatchObject({value: {source_hash}})
	expect(changed).not.toMatchObject({value: {checkout: {source_hash}}})
})

describe('a baseline', () => {
	it('is whole, of its owner alone, and shows what changed since', async () => {
		const before = await audit('unknown-key')
		saveBaseline(system.home, baselineOf(before))
		expect(statSync(baselinePath(system.home)).mode & 0o777).toBe(0o600)
		expect(await audit('unknown-key')).toMatchObject({baseline: {saved_at: before.generated_at, differences: []}})
		const {bus, naming} = system.state
		await bus.redis.set(`${naming.prefix}nobody:knows`, '1')
		const {baseline} = await audit('unknown-key')
		expect(baseline?.differences).toEqual([
			{kind: 'added', fact: 'finding unknown-key nobody:knows', before: null, now: 'there'},
			{kind: 'added', fact: 'keys of no pattern of type string', before: null, now: 'there'},
		])
	})

	it('that is half-written is told of, and keeps nothing else from being seen', async () => {
		saveBaseline(system.home, baselineOf(await audit('unknown-key')))
		writeFileSync(baselinePath(system.home), '{"schema_version": 1, "saved_at')
		expect(() => readBaseline(system.home)).toThrow('does not hold a whole baseline')
		const report = await audit('unknown-key')
		expect(report).toMatchObject({verdict: 'INCOMPLETE', baseline: null, findings: []})
		expect(report.not_looked_at.map(({part}) => part)).toContain('baseline')
	})
})

describe('listeners', () => {
	it.each([
		['0100007F', '127.0.0.1'],
		['00000000', '0.0.0.0'],
		['00000000000000000000000000000000', '::'],
		['00000000000000000000000001000000', '::1'],
		['0000000000000000FFFF00000100007F', '127.0.0.1'],
		['B80D01200000000000000000010000FF', '2001:db8:0:0:0:0:ff00:1'],
	])('the kernel writes %s for %s', (hex, address) => {
		expect(addressOf(hex)).toBe(address)
	})

	it('are read from lsof where there is no /proc', () => {
		const text = 'p12\nf4\nn127.0.0.1:8001\nf5\nn*:8002\np13\nf3\nn[::1]:9000\n'
		expect(parseLsof(text)).toEqual([
			{port: 8001, address: '127.0.0.1', pids: [12], uid: null},
			{port: 8002, address: '0.0.0.0', pids: [12], uid: null},
			{port: 9000, address: '::1', pids: [13], uid: null},
		])
	})

	it('are found with the process that holds them', async () => {
		const {pid, port} = await machine.listener()
		const found = listListeners(of => of === port)
		expect(found).toEqual([{port, address: '127.0.0.1', pids: [pid], uid: process.getuid?.()}])
	})
})
