import {describe, expect, test} from 'vitest'
import {policySync} from '../../../src/engine/units/brains/policy-sync.js'
import {drive} from '../../support/drive.js'

const change = (path: string, after: unknown, direction: 'tightened' | 'loosened' | 'changed') => ({
	path,
	before: 1,
	after,
	direction,
})
const drift = (...changes: ReturnType<typeof change>[]) => ({
	finding: 'DRIFT' as const,
	path: '/home/policy.yaml',
	version: 3,
	changes,
})
const broken = {
	finding: 'BROKEN' as const,
	path: '/home/policy.yaml',
	problems: [{path: 'positions_max', found: '"many"', expected: 'a whole number'}],
}
const none = {finding: 'NONE' as const}

describe('a file that says what no version says', () => {
	test('is proposed where all of it tightens', async () => {
		const unit = await drive(policySync)
		const emitted = await unit.feed(
			'file',
			drift(change('positions_max', 3, 'tightened'), change('ess.flatten', true, 'tightened')),
		)
		expect(emitted.map(({stream, payload}) => [stream, payload.code ?? payload.changes])).toEqual([
			['policy.update', {positions_max: 3, 'ess.flatten': true}],
			['alerts', 'POLICY_DRIFT'],
		])
	})

	test.each(['loosened', 'changed'] as const)('is only told where one field is %s', async direction => {
		const unit = await drive(policySync)
		const emitted = await unit.feed(
			'file',
			drift(change('positions_max', 3, 'tightened'), change('bar', '1h', direction)),
		)
		expect(emitted).toMatchObject([{stream: 'alerts', payload: {code: 'POLICY_DRIFT', severity: 'warning'}}])
		expect(emitted[0]?.payload.message).toContain(`bar ${direction}): see qt policy diff, then qt policy apply`)
	})

	test('is told once, and again after it was mended', async () => {
		const unit = await drive(policySync)
		const found = drift(change('bar', '1h', 'changed'))
		const first = await unit.feed('file', found)
		expect(first).toHaveLength(1)
		expect(await unit.feed('file', found)).toEqual([])
		const again = await drive(policySync, {bus: unit.bus})
		// It sees what was written before it started, and adds nothing.
		expect(await again.feed('file', found)).toEqual(first)
		expect(await again.feed('file', none)).toEqual([])
		expect(await again.feed('file', found)).toHaveLength(1)
	})
})

test('a file that is no policy is told with path, value and expectation', async () => {
	const unit = await drive(policySync)
	const [alert] = await unit.feed('file', broken)
	expect(alert?.payload).toMatchObject({code: 'POLICY_FILE_BROKEN'})
	expect(alert?.payload.message).toBe(
		'/home/policy.yaml is no policy, and changes nothing: positions_max: found "many"; a whole number',
	)
})

test.each([
	['policy-sync', 'REFUSED', ['POLICY_FILE_REFUSED']],
	['policy-sync', 'RECORDED', ['POLICY_FILE_REFUSED']],
	['policy-sync', 'APPLIED', []],
	['policy-sync', 'UNCHANGED', []],
	['risk-brain', 'REFUSED', []],
])('a proposal of %s that was %s is told as %j', async (source, outcome, codes) => {
	const unit = await drive(policySync)
	const audit = {proposal_id: 'p-1', source, outcome, detail: 'within the hour', changes: {positions_max: 3}}
	expect((await unit.send('audit', audit)).map(({payload}) => payload.code)).toEqual(codes)
})

test('nothing to tell is not told', async () => {
	const unit = await drive(policySync)
	expect(await unit.feed('file', none)).toEqual([])
})
