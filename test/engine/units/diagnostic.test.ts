import {expect, test} from 'vitest'
import {diagnostic} from '../../../src/engine/units/obs/diagnostic.js'
import {drive} from '../../support/drive.js'

const HOUR_MS = 3_600_000
const written = {ok: true as const, result: {file: '/home/qt/diagnostics/x.json', bytes: 42, unread: ['policy']}}

const start = async () => {
	const unit = await drive(diagnostic)
	return {
		...unit,
		alert: (code: string, severity = 'critical') =>
			unit.send('alert', {severity, code, subject: 'governor', message: 'm'}),
		reasons: () => unit.effects.map(({request}) => (request as {reason: string}).reason),
		later: (ms: number) => {
			unit.clock.advance(ms)
			return unit.timer('due')
		},
		said: async (outcome: Parameters<typeof unit.result>[1]) =>
			(await unit.result('write', outcome)).map(({payload: {event, detail}}) => `${event} ${detail}`),
	}
}

test('once a day, one at a time, said in the events', async () => {
	const {later, reasons, said} = await start()
	await later(0)
	await later(HOUR_MS)
	expect(reasons()).toEqual(['once a day'])
	expect(await said(written)).toEqual([
		'DIAGNOSTIC_WRITTEN /home/qt/diagnostics/x.json, 42 bytes, once a day; not readable: policy',
	])
	await later(22 * HOUR_MS)
	expect(reasons()).toEqual([])
	await later(HOUR_MS)
	expect(reasons()).toEqual(['once a day'])
})

test('at a critical alert, at most one an hour; what came meanwhile is not forgotten', async () => {
	const {later, alert, reasons, said} = await start()
	await later(0)
	await alert('UNIT_LATE', 'warning')
	await alert('UNIT_FAILED')
	expect(reasons()).toEqual(['once a day'])
	await said(written)
	expect(reasons()).toEqual(['critical alert UNIT_FAILED of governor'])
	await said(written)
	await alert('NO_DECISION')
	await later(HOUR_MS - 1)
	expect(reasons()).toEqual([])
	await later(1)
	expect(reasons()).toEqual(['critical alert NO_DECISION of governor'])
})

test('one that failed is said, and tried again for the same reason after an hour', async () => {
	const {later, alert, reasons, said} = await start()
	await alert('UNIT_FAILED')
	expect(await said({ok: false, error: 'ENOSPC'})).toEqual([
		'DIAGNOSTIC_FAILED critical alert UNIT_FAILED of governor: ENOSPC; tried again in an hour',
	])
	await later(HOUR_MS - 1)
	expect(reasons()).toEqual([])
	await later(1)
	expect(reasons()).toEqual(['critical alert UNIT_FAILED of governor'])
	await said(written)
	await later(HOUR_MS)
	expect(reasons()).toEqual([])
})
