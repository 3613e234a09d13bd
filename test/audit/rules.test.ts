import {readdirSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {classify} from '../../src/audit/classify.js'
import {type Declared, declaredFor} from '../../src/audit/declared.js'
import {absent, type Observed, PART_NAMES, type Parts, seen} from '../../src/audit/observed.js'
import {command, shown, word} from '../../src/audit/quoting.js'
import {reportOf} from '../../src/audit/report.js'
import {rules} from '../../src/audit/rules.js'
import {joinUnits, parseUnitFiles, parseUnits} from '../../src/audit/systemd-units.js'
import {tradeIntent} from '../../src/engine/contracts/streams/trade.js'
import {statusOf} from '../daemon/client/system-fixture.js'
import {machineFaults, unitSaid} from './machine-faults.js'
import {redisFaults} from './redis-faults.js'

const folder = fileURLToPath(new URL('../../src/audit/rules', import.meta.url))
const declared: Declared = declaredFor({home: '/home/qt', mode: 'PAPER', prefix: 'quantum:', run_id: null, ports: {}})

/** Nothing was looked at but what is given. */
const observed = (parts: Partial<Parts>): Observed => {
	const none = Object.fromEntries(PART_NAMES.map(name => [name, absent('not in this test')]))
	const given = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, seen(value)]))
	return {at_ms: 1_800_000_000_000, host: 'test', parts: {...none, ...given} as Observed['parts']}
}
const found = (name: string, parts: Partial<Parts>, of: Declared = declared) =>
	rules.find(rule => rule.name === name)?.apply(of, observed(parts))

describe('the rules', () => {
	it('are one file each, under their names', () => {
		const files = readdirSync(folder).map(file => file.replace(/\.ts$/, ''))
		expect(rules.map(({name}) => name).sort()).toEqual(files.sort())
	})

	it('say what they find and what to do, in a sentence', () => {
		for (const {name, summary, remedy} of rules) {
			expect(summary, name).toMatch(/^[A-Z].*\.$/)
			expect(remedy, name).not.toBe('')
		}
	})

	/** Tried here, or on a whole system in test/system/registry-audit.test.ts. */
	const ELSEWHERE = [
		'bare-position',
		'loose-file',
		'missing-program',
		'old-build',
		'other-build-runs',
		'reader-behind',
		'restarting-process',
		'systemd-failed',
		'systemd-masked',
		'systemd-not-found',
	]
	it('each have a fault that is planted', () => {
		const planted = new Set([...machineFaults, ...redisFaults].map(({rule}) => rule))
		expect(
			rules
				.map(({name}) => name)
				.filter(name => !planted.has(name))
				.sort(),
		).toEqual(ELSEWHERE)
	})

	it('do not judge what was not seen', () => {
		for (const {name, apply} of rules) expect(apply(declared, observed({})), name).toBeUndefined()
	})
})

const build: Parts['build'] = {
	root: '/opt/qt',
	version: '0.1.0+0123456789ab',
	source_hash: '0123456789abcdef',
	commit: 'c0ffee0000000000',
	built_at: '2026-01-02T03:04:05.000Z',
	checkout: {commit: 'c0ffee0000000000', source_hash: '0123456789abcdef'},
	missing: [],
}

describe('a build', () => {
	it('that is the checkout’s and runs is in order', () => {
		const daemon = statusOf({version: build.version})
		expect(found('old-build', {build})).toEqual([])
		expect(found('other-build-runs', {build, daemon})).toEqual([])
		expect(found('missing-program', {build})).toEqual([])
	})

	it('that is older than the checkout is told of, and one that still runs, and a program that is missing', () => {
		const older = {...build, checkout: {commit: 'beef', source_hash: 'other'}, missing: ['daemon/main.js']}
		expect(found('old-build', {build: older})).toMatchObject([
			{subject: 'build', declared: expect.stringContaining('beef')},
		])
		expect(found('other-build-runs', {build, daemon: statusOf({version: '0.0.9+aa'})})).toMatchObject([
			{subject: 'daemon', observed: expect.stringContaining('0.0.9+aa')},
		])
		expect(found('missing-program', {build: older})).toMatchObject([{subject: 'daemon/main.js'}])
	})
})

it('a process that restarts again and again is told of, one restart is not', () => {
	const process = {
		...{name: 'host-ai', state: 'RUNNING', phase: 'RUNNING', pid: 5, generation: 3, adopted: false},
		...{started_at: null, ready: true, ready_reason: null, restarts_in_window: 1, last_error: 'exit 1'},
	}
	const of = (restarts_in_window: number) => statusOf({processes: [{...process, restarts_in_window}]})
	expect(found('restarting-process', {daemon: of(1)})).toEqual([])
	expect(found('restarting-process', {daemon: of(4)})).toMatchObject([
		{subject: 'host-ai', observed: '4, the last after: exit 1'},
	])
})

it('a directory that others enter and a file that they change are told of', () => {
	const file = {path: '/home/qt/system.json', kind: 'file', mode: 0o664, uid: 0, secret: false} as const
	const files = [file, {...file, mode: 0o644}, {...file, path: '/home/qt', kind: 'directory', mode: 0o755} as const]
	expect(found('loose-file', {files})?.map(({subject, observed: of}) => `${subject} ${of}`)).toEqual([
		'/home/qt/system.json mode 0664',
		'/home/qt mode 0755',
	])
})

it('a reader beyond its limit is behind once its oldest entry waits for long', () => {
	const stream = declared.streams.find(
		({contract}) => contract.criticality === 'money' && contract.name === tradeIntent.name,
	)
	const unit = stream?.readers[0] ?? ''
	const group = {
		...{group: declared.naming.group(unit, tradeIntent.name), last_delivered_id: '0-0', acknowledged_id: '0-0'},
		...{entries_read: 0, reported_lag: 500, undelivered: 500, undelivered_min: 500, undelivered_exact: true, lost: 0},
		...{oldest_undelivered: {id: '1-0', age_ms: 45_000}, pending: 0, oldest_pending: null, consumers: []},
	}
	const facts = {
		...{at_ms: 0, length: 500, added: 500, first_id: '1-0', newest_id: '500-0', last_generated_id: '500-0'},
		...{max_deleted_id: null, first_age_ms: 45_000, newest_age_ms: 1, groups: [group]},
	}
	const of = (age_ms: number) => ({
		daemon: statusOf({units: [unitSaid({name: unit})]}),
		redis: {
			...{url: '', keys: [], leases: [], keys_left_out: false},
			streams: [
				{
					name: tradeIntent.name,
					newest: [],
					facts: {...facts, groups: [{...group, oldest_undelivered: {id: '1-0', age_ms}}]},
				},
			],
		},
	})
	expect(found('reader-behind', of(45_000))).toMatchObject([{observed: '500 entries, the oldest for 45000 ms'}])
	expect(found('reader-behind', of(500))).toEqual([])
})

describe('systemd', () => {
	/** As systemctl 252 prints them with --plain --no-legend --full. */
	const UNITS = `quantum-ai-engine.service loaded active running Quantum Trader AI Engine
quantum-old-check.service loaded failed failed Verification of before
quantum-ensemble.service not-found inactive dead quantum-ensemble.service
quantum-exposure_balancer.service loaded activating auto-restart Exposure balancer
quantum-old-health.timer loaded active waiting System health check
quantum-trader.target loaded active active All trader services
`
	const FILES = `quantum-ai-engine.service enabled enabled
quantum-training-worker.service masked enabled
quantum-old-health.timer enabled enabled
`
	const systemd = joinUnits(parseUnits(UNITS), parseUnitFiles(FILES))

	it('is read without guessing', () => {
		expect(systemd).toHaveLength(7)
		expect(systemd[0]).toEqual({
			...{name: 'quantum-ai-engine.service', load: 'loaded', active: 'active', sub: 'running'},
			...{enabled: 'enabled', description: 'Quantum Trader AI Engine'},
		})
		expect(parseUnits('● quantum-x.service not-found failed failed x\n')).toMatchObject([{name: 'quantum-x.service'}])
	})

	it.each([
		['systemd-not-found', ['quantum-ensemble.service']],
		['systemd-failed', ['quantum-exposure_balancer.service', 'quantum-old-check.service']],
		['systemd-masked', ['quantum-training-worker.service']],
	])('%s', (rule, subjects) => {
		expect(found(rule, {systemd})?.map(({subject}) => subject)).toEqual(subjects)
	})

	it('gives modules their units, and what nobody declares its state', () => {
		const modules = classify(declared, observed({systemd}))
		const categories = Object.fromEntries(modules.map(({name, category}) => [name, category]))
		expect(categories).toMatchObject({
			'quantum-ensemble.service': 'ORPHANED',
			'quantum-old-check.service': 'FAILED',
			'quantum-old-health.timer': 'RUNNING',
			'quantum-trader.target': 'RUNNING',
			governor: 'UNKNOWN',
		})
		expect(modules.find(({name}) => name === 'exposure-balancer')).toMatchObject({
			unit: 'quantum-exposure_balancer.service',
			systemd: {sub: 'auto-restart'},
		})
	})
})

describe('modules', () => {
	const living = new Set([7])
	const processes = {own: [], daemon_pid: 4_242, living, hidden: 0}
	it.each([
		[{state: 'RUNNING', pid: 7}, 'RUNNING'],
		[{state: 'RUNNING', pid: 8}, 'FAILED'],
		[{state: 'STOPPED'}, 'STOPPED'],
		[{state: 'FAILED'}, 'FAILED'],
		[{state: 'NOT APPLICABLE'}, 'NOT APPLICABLE'],
	] as const)('%o is %s', (said, category) => {
		const daemon = statusOf({units: [unitSaid(said)]})
		const modules = classify(declared, observed({daemon, processes}))
		expect(modules.find(({name}) => name === 'governor')).toMatchObject({category})
		expect(modules.filter(({proof_line}) => proof_line === '')).toEqual([])
	})

	it('the gates say what was not looked at, and what failed', () => {
		const {gates, registry} = reportOf(declared, observed({daemon: statusOf({units: []}), processes}), rules)
		expect(gates.map(({passed}) => passed)).toContain(true)
		expect(registry.summary.total_modules).toBe(registry.modules.length)
		const {running, stopped, failed, restarting, orphaned, unknown, retired, not_applicable} = registry.summary
		expect(running + stopped + failed + restarting + orphaned + unknown + retired + not_applicable).toBe(
			registry.summary.total_modules,
		)
	})
})

describe('names of others', () => {
	it.each([
		['plain.name', 'plain.name', 'plain.name'],
		['two words', 'two words', "'two words'"],
		["it's", "it's", "'it'\\''s'"],
		['\u001b[2J', '\\u{1b}[2J', "$'\\x1b[2J'"],
		['币安人生USDT', '币安人生USDT', '币安人生USDT'],
		['', '', "''"],
	])('%j is shown as %s and typed as %s', (name, visible, typed) => {
		expect(shown(name)).toBe(visible)
		expect(word(name)).toBe(typed)
	})

	it('a long one is cut, and says how long it is', () => {
		expect(shown('x'.repeat(1_000))).toMatch(/^x{160}… \(1000 characters\)$/)
		expect(command('qt', 'redis', 'GET', 'a b')).toBe("qt redis GET 'a b'")
	})
})
