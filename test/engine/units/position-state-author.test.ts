import {describe, expect, test} from 'vitest'
import {algo, fill, resultOf} from './account-events.js'
import {buy, correction, run, type Sent, sell} from './holding.js'

describe('who opened it, with which leverage, and where its stop rests', () => {
	const by = (trade_id: string, changes: Readonly<Record<string, unknown>>): Sent => [
		'result',
		resultOf(fill({trade_id}), changes),
	]
	const open = buy('1', '0.1', '50000')
	const opened = by('1', {source: 'intent-bridge', leverage: 3})
	const stop = (algo_id: string, trigger_price: string, changes: Parameters<typeof algo>[0] = {}): Sent => [
		'account',
		algo({algo_id, client_algo_id: `s-${algo_id}`, trigger_price, ...changes}),
	]
	const ends = (algo_id: string): Sent => stop(algo_id, '1', {status: 'CANCELED'})
	const at = (price: string, id: string, initial = price) => ({
		stop_price: price,
		stop_client_id: `s-${id}`,
		initial_stop_price: initial,
	})
	const unknown = {opened_by: undefined, leverage: undefined}
	test.each<[string, Sent[], Readonly<Record<string, unknown>>]>([
		['of the plan behind the fill', [open, opened], {opened_by: 'intent-bridge', leverage: 3}],
		['known before the fill', [opened, open], {opened_by: 'intent-bridge', leverage: 3}],
		['of a foreign fill nothing', [open, stop('7', '48500')], unknown],
		[
			'an increase by another at another leverage: the venue has the newest, the opener stays',
			[open, opened, buy('2', '0.1', '50000'), by('2', {plan_id: 'plan-2', source: 'operator', leverage: 5})],
			{opened_by: 'intent-bridge', leverage: 5},
		],
		[
			'an exit says nothing about leverage',
			[open, opened, sell('2', '0.05', '50000'), by('2', {plan_id: 'plan-2', source: 'exitbrain'})],
			{opened_by: 'intent-bridge', leverage: 3},
		],
		['a flip forgets both', [open, opened, sell('2', '0.2', '50000')], unknown],
		['the next position forgets both', [open, opened, sell('2', '0.1', '1'), buy('3', '0.1', '1')], unknown],
		[
			'a correction of the size keeps them',
			[open, opened, correction({amount: '0.3', entry_price: '1', expected: '0.1'})],
			{opened_by: 'intent-bridge', leverage: 3},
		],
		['the stop that rests', [open, stop('7', '48500')], at('48500', '7')],
		['the one that rested before the fill was known', [stop('7', '48500'), open], at('48500', '7')],
		[
			'the nearest of two, the first one stays the initial',
			[open, stop('7', '48500'), stop('8', '49900')],
			at('49900', '8', '48500'),
		],
		[
			'the one left after a replacement',
			[open, stop('7', '48500'), stop('8', '49900'), ends('7')],
			at('49900', '8', '48500'),
		],
		[
			'the farther one when the nearer ends',
			[open, stop('7', '48500'), stop('8', '49900'), ends('8')],
			at('48500', '7'),
		],
		[
			'the nearest of a short is the lowest',
			[sell('1', '0.1', '50000'), stop('7', '52000', {side: 'BUY'}), stop('8', '51000', {side: 'BUY'})],
			at('51000', '8', '52000'),
		],
		[
			'none while nothing rests; the initial one stays known',
			[open, stop('7', '48500'), ends('7')],
			{stop_price: undefined, stop_client_id: undefined, initial_stop_price: '48500'},
		],
		[
			'a partial close keeps them',
			[open, stop('7', '48500'), stop('8', '49900'), sell('2', '0.05', '1')],
			at('49900', '8', '48500'),
		],
		[
			'an unseen one has no price',
			[open, correction({stop_resting: true})],
			{stop_resting: true, stop_price: undefined, initial_stop_price: undefined},
		],
		[
			'flat has none',
			[open, opened, stop('7', '48500'), sell('2', '0.1', '1')],
			{...unknown, stop_price: undefined, initial_stop_price: undefined},
		],
	])('%s', async (_, sent, expected) => {
		const {last, unit} = await run(...sent)
		const shown = Object.fromEntries(Object.keys(expected).map(field => [field, last?.[field]]))
		expect(shown).toEqual(expected)
		const hash = unit.bus.store.hashAll('test:position:snapshot:BTCUSDT')
		const kept = Object.entries(expected).filter(([, value]) => value !== undefined)
		expect(hash).toMatchObject(Object.fromEntries(kept.map(([field, value]) => [field, String(value)])))
	})

	test('a stop left over from a closed position is nobody’s initial one', async () => {
		const {unit} = await run(stop('7', '49900'))
		unit.clock.advance(1)
		await unit.send(...open)
		const left = unit.bus.store.hashAll('test:position:snapshot:BTCUSDT')
		expect([left.stop_price, left.initial_stop_price]).toEqual(['49900', undefined])
		await unit.send(...ends('7'))
		await unit.send(...stop('8', '48500'))
		const own = unit.bus.store.hashAll('test:position:snapshot:BTCUSDT')
		expect([own.stop_price, own.initial_stop_price]).toEqual(['48500', '48500'])
	})

	test('is published when one of them changes, and only then', async () => {
		const {unit} = await run(open)
		expect(await unit.send(...opened)).toHaveLength(1)
		expect(await unit.send(...opened)).toHaveLength(0)
		expect(await unit.send(...stop('7', '48500'))).toHaveLength(1)
		expect(await unit.send(...stop('8', '48000'))).toHaveLength(0)
		expect(await unit.send(...stop('9', '49000'))).toHaveLength(1)
		expect(await unit.send(...ends('8'))).toHaveLength(0)
	})
})
