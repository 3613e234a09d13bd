import {describe, expect, test} from 'vitest'
import type {SweepReport} from '../../../src/engine/logic/stream-recovery.js'
import {streamRecover} from '../../../src/engine/units/obs/stream-recover.js'
import {drive, HandClock} from '../../support/drive.js'

const report = (...groups: readonly Partial<SweepReport['groups'][number]>[]): SweepReport => ({
	looked_at: groups.length,
	groups: groups.map(of => ({
		...{stream: 'apply.plan', group: 'q:group', unit: 'governor', alive: true, reaped: [], abandoned: []},
		...of,
	})),
})
const left = [{consumer: 'host-b.governor.0', pending: 2, idle_ms: 400_000}]

const start = async () => {
	const clock = new HandClock()
	const unit = await drive(streamRecover, {clock})
	return {
		clock,
		unit,
		sweep: async (result: SweepReport) => {
			clock.advance(30_000)
			await unit.timer('sweep')
			return (await unit.result('sweep', {ok: true, result})).map(({payload}) => payload)
		},
	}
}

describe('stream-recover', () => {
	test('sweeps one time after the other, also after one that failed', async () => {
		const {clock, unit} = await start()
		await unit.timer('sweep')
		clock.advance(60_000)
		await unit.timer('sweep')
		expect(unit.effects.map(({request}) => request)).toEqual([{idle_ms: 300_000}])
		await unit.result('sweep', {ok: false, error: 'LOADING'})
		await unit.timer('sweep')
		expect(unit.effects).toHaveLength(1)
	})

	test('records who was removed, and tells of what nobody takes over as long as it stands, once', async () => {
		const {sweep} = await start()
		expect(await sweep(report({reaped: ['host-b.governor.0']}))).toEqual([
			{event: 'CONSUMERS_REAPED', subject: 'apply.plan', detail: 'host-b.governor.0 of q:group'},
		])
		const waiting = report({alive: false, abandoned: left}, {unit: null, group: 'old'})
		expect((await sweep(waiting)).map(({code, message}) => [code, message])).toEqual([
			['ENTRIES_ABANDONED', 'governor does not run: what host-b.governor.0 left behind waits for it'],
			['ENTRIES_ABANDONED', 'group old belongs to no unit, and keeps apply.plan from being trimmed'],
		])
		expect(await sweep(waiting)).toEqual([])
		expect(await sweep(report())).toEqual([])
		expect(await sweep(waiting)).toHaveLength(2)
	})

	test('tells of each kind of dead letter once in a while, and not of what the bridge refuses', async () => {
		const {clock, unit} = await start()
		const letter = (reason: string) => ({
			...{stream: 'trade.intent', entry_id: '1-0', reason, detail: 'symbol: expected text', deliveries: 1, fields: {}},
		})
		expect(await unit.send('intent', letter('SKIP_FLAT_SELL'))).toEqual([])
		expect(await unit.send('intent', letter('CONTRACT_BROKEN'))).toMatchObject([
			{payload: {code: 'DEAD_LETTER', severity: 'warning', subject: 'trade.intent'}},
		])
		expect(await unit.send('intent', letter('CONTRACT_BROKEN'))).toEqual([])
		const other = {...letter('HANDLER_FAILED'), stream: 'apply.plan', group: 'q:group'}
		expect(await unit.send('letter', other)).toHaveLength(1)
		clock.advance(900_000)
		expect(await unit.send('letter', other)).toHaveLength(1)
	})
})
