import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {replayChosen} from '../../../src/daemon/client/dead-letter-replay.js'
import {listDeadLetters} from '../../../src/daemon/client/dead-letters.js'
import type {Fields} from '../../../src/engine/contracts/field.js'
import type {StreamContract} from '../../../src/engine/contracts/stream.js'
import {positionSnapshot} from '../../../src/engine/contracts/streams/account.js'
import {deadLetters, events} from '../../../src/engine/contracts/streams/ops.js'
import {applyPlan, intentDeadLetter, tradeIntent} from '../../../src/engine/contracts/streams/trade.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {deadLettersView, replayView} from '../../../src/tui/plain/recovery-view.js'
import {startSystem, type TestSystem} from './system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
beforeEach(() => system.reset())
afterAll(() => system.stop())

const plan = {plan_id: 'plan-one', symbol: 'BTCUSDT', action: 'FULL_CLOSE_PROPOSED', id: 'p1', unit: 'exitbrain'}
const bury = (
	holder: StreamContract,
	stream: string,
	fields: Fields,
	id: string,
	entry_id = '900-0',
): Promise<string | null> =>
	system.state.bus.redis.xadd(
		system.state.naming.stream(holder.name),
		id,
		...Object.entries({
			...{stream, entry_id, reason: 'HANDLER_FAILED', detail: 'boom', deliveries: '5', unit: 'governor'},
			...{id: `dead-${id}`, fields: JSON.stringify(fields)},
		}).flat(),
	)
const entriesOf = async ({name}: StreamContract) =>
	system.state.bus.range(system.state.naming.stream(name), {count: 100})
const replay = (ids: readonly string[], options: {stream?: string; all_readers?: boolean} = {}) => {
	const {stream, all_readers = false} = options
	const how = {by: 'ada', reason: 'mended', all_readers, now_ms: () => 5_000}
	return replayChosen(system.state, {ids, stream}, how)
}

describe('dead letters', () => {
	it('are listed newest first, of one stream where it is named', async () => {
		await bury(deadLetters, applyPlan.name, plan, '1000-0')
		await bury(intentDeadLetter, tradeIntent.name, {symbol: 'BTCUSDT'}, '2000-0')
		const all = await listDeadLetters(system.state, {limit: 10})
		expect(all.map(({id, held_in, stream}) => [id, held_in, stream])).toEqual([
			['2000-0', intentDeadLetter.name, tradeIntent.name],
			['1000-0', deadLetters.name, applyPlan.name],
		])
		expect(await listDeadLetters(system.state, {stream: applyPlan.name, limit: 10})).toEqual([all[1]])
		expect((await listDeadLetters(system.state, {limit: 1})).map(({id}) => id)).toEqual(['2000-0'])
		await expect(listDeadLetters(system.state, {stream: 'apply.plam', limit: 1})).rejects.toThrow(
			'unknown stream: apply.plam',
		)
		expect(deadLettersView(all, 3_000, 90)).toMatchInlineSnapshot(`
			"ID        AGE  FROM          BY        REASON          TRIES  PUT BACK  DETAIL
			2000-0  1.0 s  trade.intent  governor  HANDLER_FAILED      5  no        boom
			1000-0  2.0 s  apply.plan    governor  HANDLER_FAILED      5  no        boom"
		`)
	})

	it('go back whole, under their own id, with a record of who put them back', async () => {
		await bury(deadLetters, applyPlan.name, plan, '1000-0')
		const results = await replay(['1000-0'])
		const back = await entriesOf(applyPlan)
		expect(back.map(({fields}) => fields)).toEqual([plan])
		expect(results).toMatchObject([{outcome: 'REPLAYED', entry_id: back[0]?.id}])
		const [event] = await entriesOf(events)
		expect(event?.fields).toMatchObject({
			event: 'DEAD_LETTER_REPLAYED',
			subject: applyPlan.name,
			by: 'ada',
			detail: 'dead.letter/1000-0: mended',
		})
		expect(await listDeadLetters(system.state, {limit: 1})).toMatchObject([
			{replayed: {by: 'ada', time_ms: 5_000, reason: 'mended', entry_id: back[0]?.id}},
		])
	})

	it('go back once, however many ask at the same time', async () => {
		await bury(deadLetters, applyPlan.name, plan, '1000-0')
		const results = (await Promise.all(Array.from({length: 5}, () => replay(['1000-0'])))).flat()
		expect(results.filter(({outcome}) => outcome === 'REPLAYED')).toHaveLength(1)
		const [again] = await replay(['1000-0'])
		expect(again).toMatchObject({outcome: 'REFUSED', detail: 'it was put back before, by ada'})
		expect(await entriesOf(applyPlan)).toHaveLength(1)
		expect(await entriesOf(events)).toHaveLength(1)
	})

	it('of one entry that several readers buried go back for all of them, and may die and go back again', async () => {
		await bury(deadLetters, applyPlan.name, plan, '1000-0')
		await bury(deadLetters, applyPlan.name, plan, '1001-0')
		await replay(['1000-0'])
		expect(await replay(['1001-0'])).toMatchObject([{outcome: 'REFUSED', detail: 'it was put back before, by ada'}])
		expect(await replay([], {stream: applyPlan.name})).toEqual([])
		const [again] = await listDeadLetters(system.state, {limit: 1})
		const later = `${Number.parseInt(again?.replayed?.entry_id ?? '', 10) + 1}-0`
		await bury(deadLetters, applyPlan.name, plan, later)
		expect(await replay([later])).toMatchObject([{outcome: 'REPLAYED'}])
		expect(await entriesOf(applyPlan)).toHaveLength(2)
	})

	it('keep the id of an entry written by hand, which was its place on the stream', async () => {
		const {id: _id, unit: _unit, ...byHand} = plan
		await bury(deadLetters, applyPlan.name, byHand, '1000-0')
		await replay(['1000-0'])
		expect((await entriesOf(applyPlan)).map(({fields}) => fields)).toEqual([{...byHand, id: '900-0'}])
	})

	it('of a whole stream go back in the order in which they died, without those that went before', async () => {
		for (const n of [1, 2, 3]) await bury(deadLetters, applyPlan.name, {...plan, id: `p${n}`}, `${n}000-0`, `90${n}-0`)
		await replay(['2000-0'])
		await replay([], {stream: applyPlan.name})
		expect((await entriesOf(applyPlan)).map(({fields}) => fields.id)).toEqual(['p2', 'p1', 'p3'])
	})

	it.each([
		[
			'what still breaks its contract',
			applyPlan.name,
			{...plan, action: 'JUMP'},
			'it still breaks its contract: action',
		],
		['what was lost whole', applyPlan.name, {}, 'the entry itself was lost'],
		['what came from no stream of ours', 'apply.plam', plan, 'there is no stream apply.plam'],
		[
			'what other readers would get again',
			positionSnapshot.name,
			{symbol: 'BTCUSDT', amount: '1', entry_price: '1', opened_ms: '1', source: 'fill', stop_resting: 'true'},
			'readers of position.snapshot would get it again',
		],
	])('refuse %s, and leave nothing behind', async (_, stream, fields, why) => {
		await bury(deadLetters, stream, fields, '1000-0')
		const [result] = await replay(['1000-0'])
		expect(result?.outcome).toBe('REFUSED')
		expect(result?.detail).toContain(why)
		expect(await entriesOf(events)).toEqual([])
		expect(await system.state.bus.redis.exists(system.state.naming.stream(stream))).toBe(0)
		expect(replayView(result ? [result] : [], plainPaint)).toContain(why)
	})

	it('go to all readers again only where that was said', async () => {
		const snapshot = {symbol: 'BTCUSDT', amount: '1', entry_price: '1', opened_ms: '1', source: 'fill'}
		await bury(deadLetters, positionSnapshot.name, {...snapshot, stop_resting: 'true', id: 's1'}, '1000-0')
		expect(await replay(['1000-0'], {all_readers: true})).toMatchObject([{outcome: 'REPLAYED'}])
	})

	it('must be named, by an id that is there', async () => {
		await bury(deadLetters, applyPlan.name, plan, '1000-0')
		await bury(intentDeadLetter, tradeIntent.name, {symbol: 'X'}, '1000-0')
		await expect(replay([])).rejects.toThrow('name the dead letters to put back')
		await expect(replay(['7-0'])).rejects.toThrow('no dead letter has the id 7-0')
		await expect(replay(['1000-0'])).rejects.toThrow('1000-0 is the id of two dead letters')
		expect(await replay(['dead.letter/1000-0'])).toMatchObject([{outcome: 'REPLAYED'}])
	})
})
