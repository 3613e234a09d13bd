import {expect, test} from 'vitest'
import {latencyOf, percentile} from '../../../src/engine/logic/latency-chain.js'
import {latencyProof} from '../../../src/engine/units/obs/latency-proof.js'
import {drive} from '../../support/drive.js'

const links = [
	{stream: 'features', stream_id: '1000-0'},
	{stream: 'trade.intent', stream_id: '1004-7'},
	{stream: 'apply.result', stream_id: '1019-0'},
]

test('a way is measured stage by stage, by the ids that the server gave', () => {
	expect(latencyOf(links)).toEqual({
		total_ms: 19,
		stages: [
			{from: 'features', to: 'trade.intent', ms: 4},
			{from: 'trade.intent', to: 'apply.result', ms: 15},
		],
	})
	expect(latencyOf(links.slice(0, 1))).toBeUndefined()
	const values = Array.from({length: 200}, (_, index) => 200 - index)
	expect([percentile(values, 0.5), percentile(values, 0.99), percentile([], 0.5)]).toEqual([100, 198, undefined])
})

test('each order is told once; one by hand is no way from a tick', async () => {
	const unit = await drive(latencyProof)
	const measure = async (result: unknown) => {
		await unit.timer('measure')
		return (await unit.result('newest', {ok: true, result})).map(({payload}) => ({
			...payload,
			detail: JSON.parse(String(payload.detail)) as unknown,
		}))
	}
	expect(await measure({plan_id: 'plan-1', links, from_market: true, venue_ms: 9})).toMatchObject([
		{
			...{event: 'LATENCY_PROOF', subject: 'plan-1'},
			detail: {total_ms: 19, venue_ms: 9, tick_to_order: {orders: 1, p50_ms: 19, p99_ms: 19}},
		},
	])
	await unit.timer('measure')
	expect(unit.effects.map(({request}) => request)).toEqual([{except: 'plan-1'}])
	expect(await unit.result('newest', {ok: true, result: null})).toEqual([])
	const [by_hand] = await measure({plan_id: 'plan-2', links: links.slice(1), from_market: false, venue_ms: null})
	expect(by_hand?.detail).toMatchObject({total_ms: 15, tick_to_order: {orders: 1, p50_ms: 19}})
})
