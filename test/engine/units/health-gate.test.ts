import {expect, test} from 'vitest'
import {healthGate} from '../../../src/engine/units/obs/health-gate.js'
import {drive} from '../../support/drive.js'

test('each change of a stage is recorded, with the time at which it opened or shut', async () => {
	const unit = await drive(healthGate)
	const said = async (open: boolean, since_ms: number, blocked_by = '') =>
		(await unit.feed('stages', {name: 'exec', open, since_ms, blocked_by})).map(({payload}) => [
			payload.event,
			payload.detail,
		])
	const shown = () => unit.bus.store.hashAll('test:stage:exec')
	const table: readonly [open: boolean, at: number, blocked_by: string, event: string | undefined, since: string][] = [
		[false, 10, 'state', 'STAGE_WAITING', '10'],
		[false, 20, 'ai, state', 'STAGE_BLOCKED', '10'],
		[true, 30, '', 'STAGE_OPEN', '30'],
		[true, 40, '', undefined, '30'],
		[false, 50, 'state', 'STAGE_SHUT', '50'],
	]
	for (const [open, at, blocked_by, event, since_ms] of table) {
		expect(await said(open, at, blocked_by)).toEqual(event ? [[event, blocked_by]] : [])
		expect(shown()).toEqual({open: String(open), since_ms, blocked_by})
	}
	await unit.feed('stages', {name: 'core', open: true, since_ms: 60, blocked_by: ''})
	expect(unit.bus.store.hashGet('test:stage:core', 'open')).toBe('true')
	expect(shown().open).toBe('false')
})
