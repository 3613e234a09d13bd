import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {defaultPolicy, type Policy, policyFields} from '../../../src/engine/contracts/policy.js'
import {checkPolicy} from '../../../src/engine/logic/policy-check.js'
import {
	brokenLink,
	diffPolicies,
	type NewVersion,
	nextVersion,
	notTightening,
	type PolicyVersion,
} from '../../../src/engine/logic/policy-versions.js'

const leavesOf = (value: unknown, path: readonly string[] = []): string[] =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && path.at(-1) !== 'sectors'
		? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]))
		: [path.join('.')]

test('every field of the policy says what it means, and which way is looser', () => {
	const noted = policyFields.map(({path}) => path.join('.'))
	expect([...noted].sort()).toEqual(
		leavesOf(defaultPolicy)
			.filter(path => path !== 'version')
			.sort(),
	)
	expect(policyFields.filter(({description}) => !/^[A-Z].+\.$/.test(description))).toEqual([])
	for (const {path, unit} of policyFields) {
		const name = path.at(-1) ?? ''
		const said = /_ms$/.test(name) ? 'ms' : /_usdt$/.test(name) ? 'USDT' : /_bps/.test(name) ? 'bps' : unit
		expect([name, unit]).toEqual([name, said])
	}
})

describe('a policy file', () => {
	it.each<[string, unknown, string, string, RegExp]>([
		['an unknown field', {nosuch: 1}, 'nosuch', '1', /^no such field$/],
		['another unit', {cooldown_s: 60}, 'cooldown_s', '60', /^the field is cooldown_ms: milliseconds/],
		['a lost unit', {notional_per_trade: 9}, 'notional_per_trade', '9', /^the field is notional_per_trade_usdt: USDT/],
		['percent for a share', {margin_pct: 2}, 'margin_pct', '2', /^the field is margin_share: a share above 0/],
		['an unknown inner field', {stop: {distance: 1}}, 'stop.distance', '1', /^no such field$/],
		['a unit in the value', {cooldown_ms: '60s'}, 'cooldown_ms', '"60s"', /^milliseconds.*expected number/],
		['a percentage', {margin_share: 2}, 'margin_share', '2', /^a share above 0 and at most 1 .*<=1/],
		[
			'a part of a millisecond',
			{cooldown_ms: 0.5},
			'cooldown_ms',
			'0.5',
			/^milliseconds, as a whole number; expected int/,
		],
		['an unknown word', {bar: '2m'}, 'bar', '"2m"', /1m.*5m.*15m.*1h/],
		['no symbol', {allowlist: ['BTC/USDT']}, 'allowlist.0', '"BTC/USDT"', /exchange symbol/],
		['a symbol twice', {allowlist: ['A1', 'A1']}, 'allowlist', 'A1', /each symbol once/],
		[
			'a trade above the total',
			{notional_per_trade_usdt: 3_000},
			'notional_per_trade_usdt',
			'3000',
			/notional_total_usdt/,
		],
		['more in 5 minutes than an hour', {entries_per_5m_max: 9}, 'entries_per_5m_max', '9', /entries_per_hour_max/],
		[
			'books stale before they are compared',
			{reconcile_every_machine_ms: 200_000},
			'reconcile_every_machine_ms',
			'200000',
			/reconcile_stale_machine_ms/,
		],
		['trailing after the target', {exit_monitor: {trailing_from: 0.5}}, 'exit_monitor.trailing_from', '0.5', /target/],
		['a list', [1], 'policy', '[1]', /expected object, received array/],
	])('with %s is refused by path, value and expectation', (_, input, path, found, expected) => {
		const checked = checkPolicy(input)
		expect(checked).toMatchObject({ok: false, problems: [{path, found, expected: expect.stringMatching(expected)}]})
	})

	it('with several problems names them all', () => {
		const checked = checkPolicy({positions_max: 0, cooldown_seconds: 1, exit_monitor: {stop: 2}})
		expect(checked.ok ? [] : checked.problems.map(({path}) => path).sort()).toEqual([
			'cooldown_seconds',
			'exit_monitor.stop',
			'positions_max',
		])
	})

	it('that says nothing is the defaults', () => {
		expect(checkPolicy(null)).toEqual({ok: true, policy: defaultPolicy})
	})
})

const changed = (of: Partial<Policy>): Policy => ({...defaultPolicy, ...of})
describe('a difference', () => {
	it.each<[Partial<Policy>, string, string]>([
		[{positions_max: 11}, 'positions_max', 'loosened'],
		[{positions_max: 9}, 'positions_max', 'tightened'],
		[{cooldown_ms: 1}, 'cooldown_ms', 'loosened'],
		[{cooldown_ms: 90_000}, 'cooldown_ms', 'tightened'],
		[{short_allowed: false}, 'short_allowed', 'tightened'],
		[{bar: '1m'}, 'bar', 'changed'],
		[{intent_source: 'trading-bot'}, 'intent_source', 'changed'],
		[{allowlist: [...defaultPolicy.allowlist, 'DOGEUSDT']}, 'allowlist', 'loosened'],
		[{allowlist: ['DOGEUSDT']}, 'allowlist', 'loosened'],
		[{allowlist: defaultPolicy.allowlist.slice(1)}, 'allowlist', 'tightened'],
		[{stop: {...defaultPolicy.stop, distance_min: 0.05}}, 'stop.distance_min', 'loosened'],
		[{exit_monitor: {...defaultPolicy.exit_monitor, target: 0.05}}, 'exit_monitor.target', 'changed'],
	])('%j is %s %s', (of, path, direction) => {
		expect(diffPolicies(defaultPolicy, changed(of))).toMatchObject([{path, direction}])
	})

	it('knows neither versions nor the order of a list', () => {
		const turned = changed({version: 9, allowlist: [...defaultPolicy.allowlist].reverse()})
		expect(diffPolicies(defaultPolicy, turned)).toEqual([])
	})

	const policies = fc.record({
		positions_max: fc.integer({min: 1, max: 12}),
		cooldown_ms: fc.constantFrom(0, 59_999, 60_000, 60_001),
		short_allowed: fc.boolean(),
		allowlist: fc.subarray([...defaultPolicy.allowlist]),
	})
	it('the other way round tightens what it loosened', () => {
		fc.assert(
			fc.property(policies, policies, (left, right) => {
				const there = diffPolicies(changed(left), changed(right))
				const back = diffPolicies(changed(right), changed(left))
				expect(there.map(({path}) => path)).toEqual(back.map(({path}) => path))
				for (const [index, {path, direction}] of there.entries()) {
					const reverse = back[index]?.direction
					if (path !== 'allowlist') expect(new Set([direction, reverse])).toEqual(new Set(['tightened', 'loosened']))
					// A list can gain and lose symbols at once; one that only lost them must not read as looser.
					else if (direction === 'tightened') expect(reverse).toBe('loosened')
				}
				expect(notTightening(there).length).toBe(there.filter(({direction}) => direction !== 'tightened').length)
			}),
		)
	})
})

describe('the chain of versions', () => {
	const said = (reason: string): NewVersion => ({
		time_ms: 1,
		author: 'ada',
		reason,
		origin: 'file',
		source: 'x',
		policy: defaultPolicy,
	})
	const chain = (length: number): PolicyVersion[] => {
		const versions: PolicyVersion[] = []
		for (let index = 0; index < length; index += 1) versions.push(nextVersion(versions.at(-1), said(`r${index}`)))
		return versions
	}
	const only = (versions: readonly PolicyVersion[], index: number, of: Partial<PolicyVersion>) =>
		versions.map((version, at) => (at === index ? {...version, ...of} : version))

	it('counts up, and each policy carries its number', () => {
		const versions = chain(3)
		expect(brokenLink(versions)).toBeUndefined()
		expect(versions.map(({policy}) => policy.version)).toEqual([1, 2, 3])
	})

	it.each<[string, (versions: PolicyVersion[]) => readonly PolicyVersion[], string]>([
		['a changed reason', v => only(v, 1, {reason: 'other'}), 'version 2 was changed'],
		['a changed limit', v => only(v, 1, {policy: {...v[1]?.policy, positions_max: 99}}), 'version 2 was changed'],
		['a missing version', v => v.filter((_, index) => index !== 1), 'version 3 stands where version 2 belongs'],
		[
			'a version of another chain',
			v => [...v.slice(0, 2), nextVersion({...chain(2)[1], hash: 'x'} as PolicyVersion, said(''))],
			'version 3 does not follow',
		],
	])('shows %s', (_, spoil, problem) => {
		expect(brokenLink(spoil(chain(3)))).toContain(problem)
	})
})
