import {describe, expect, test} from 'vitest'
import {inspection} from './inspections.js'
import {agreed, alerts, outcomes, start} from './reconciling.js'

describe('an empty list is not flat at once', () => {
	test('while the wallet has not moved it is asked for again, three runs long', async () => {
		const {run, last} = await start()
		for (let held = 0; held < 3; held += 1) {
			expect(outcomes(await run(inspection()))).toEqual(['DRIFT'])
			expect(last().detail).toContain('BTCUSDT would be flat without the wallet having moved')
		}
		expect(outcomes(await run(inspection()))).toEqual(['CORRECTION', 'DRIFT'])
	})
	test('while margin is in use for positions it proves nothing, however often it comes', async () => {
		const {run, last} = await start()
		for (let again = 0; again < 5; again += 1)
			expect(outcomes(await run(inspection({position_margin: '1000'})))).toEqual(['FAILED'])
		expect(last().detail).toContain('1000 USDT of margin are in use')
		expect(outcomes(await run(agreed))).toEqual(['CLEAN'])
	})
	test('a position that opens between two questions is no contradiction that lasts', async () => {
		const {tick, answer} = await start()
		await tick()
		expect(await answer(inspection({position_margin: '1000'}))).toEqual([])
		await tick()
		expect(outcomes(await answer(agreed))).toEqual(['CLEAN'])
	})
})

test('another hand has set hedge mode: an alarm, no correction, and clean again once it is put back', async () => {
	const {run, last} = await start()
	const emitted = await run(inspection({hedge_mode: true}))
	expect(outcomes(emitted)).toEqual(['DRIFT'])
	expect(alerts(emitted)).toEqual(['HEDGE_MODE'])
	expect(last()).toMatchObject({
		outcome: 'DRIFT',
		detail: 'R7 account: we have one-way mode, the venue hedge mode',
	})
	expect(outcomes(await run(agreed))).toEqual(['CLEAN'])
})
