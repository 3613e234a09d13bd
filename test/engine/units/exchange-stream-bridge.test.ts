import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
	type AccountMessage,
	exchangeStreamBridge,
	resumeOf,
} from '../../../src/engine/units/core/exchange-stream-bridge.js'
import {drive, type Emitted} from '../../support/drive.js'
import {balance, connection, fill, income, position} from './account-events.js'

const summary = (emitted: readonly Emitted[]) =>
	emitted.filter(({stream}) => stream === 'exchange.normalized').map(({envelope}) => envelope.id)

describe('each fill and income is emitted once', () => {
	const ids = (...trade_ids: readonly string[]) => trade_ids.map(trade_id => fill({trade_id}))
	test.each([
		['a fill', [ids('7')], ['fill:BTCUSDT:7']],
		['the same fill in one message', [ids('7', '7')], ['fill:BTCUSDT:7']],
		['again by REST', [ids('7'), [fill({trade_id: '7', origin: 'rest' as const})]], ['fill:BTCUSDT:7']],
		[
			'an older one that was missed',
			[ids('7'), ids('9'), ids('8')],
			['fill:BTCUSDT:7', 'fill:BTCUSDT:9', 'fill:BTCUSDT:8'],
		],
		['a late one twice', [ids('9', '8'), ids('8')], ['fill:BTCUSDT:9', 'fill:BTCUSDT:8']],
		['ids of different length', [ids('99', '100', '99')], ['fill:BTCUSDT:99', 'fill:BTCUSDT:100']],
		[
			'the same id in another symbol',
			[[fill(), fill({symbol: '币安人生USDT'})]],
			['fill:BTCUSDT:1', 'fill:币安人生USDT:1'],
		],
		['an income twice', [[income(), income()]], ['income:FUNDING_FEE:900']],
		[
			'the same transaction id of another type',
			[[income(), income({income_type: 'INSURANCE_CLEAR'})]],
			['income:FUNDING_FEE:900', 'income:INSURANCE_CLEAR:900'],
		],
	])('%s', async (_, messages, expected) => {
		const unit = await drive(exchangeStreamBridge)
		const emitted = []
		for (const events of messages) emitted.push(...(await unit.feed('account', {events})))
		expect(summary(emitted)).toEqual(expected)
	})

	test('also after a restart', async () => {
		const before = await drive(exchangeStreamBridge)
		await before.feed('account', {events: [fill(), income()]})
		const after = await drive(exchangeStreamBridge, {bus: before.bus, clock: before.clock})
		await after.feed('account', {events: [fill(), income(), fill({trade_id: '2'})]})
		const all = await after.bus.range('test:stream:exchange.normalized', {count: 100})
		expect(all.map(({fields}) => fields.id)).toEqual(['fill:BTCUSDT:1', 'income:FUNDING_FEE:900', 'fill:BTCUSDT:2'])
	})

	test('and what is older than the whole window counts as seen', async () => {
		const unit = await drive(exchangeStreamBridge)
		const page = Array.from({length: 501}, (_, index) => fill({trade_id: String(1_000 + index)}))
		await unit.feed('account', {events: page})
		expect(summary(await unit.feed('account', {events: page}))).toEqual([])
		expect(summary(await unit.feed('account', {events: [fill({trade_id: '999'}), fill({trade_id: '1501'})]}))).toEqual([
			'fill:BTCUSDT:1501',
		])
	})

	test('in any order, with any repetition', async () => {
		const deliveries = fc
			.uniqueArray(fc.integer({min: 1, max: 300}), {minLength: 1, maxLength: 40})
			.chain(ids => fc.tuple(fc.constant(ids), fc.array(fc.constantFrom(...ids), {maxLength: 40})))
		await fc.assert(
			fc.asyncProperty(deliveries, async ([ids, again]) => {
				const unit = await drive(exchangeStreamBridge)
				const seen: (string | undefined)[] = []
				for (const id of [...ids, ...again])
					seen.push(...summary(await unit.feed('account', {events: [fill({trade_id: String(id)})]})))
				expect(seen.toSorted()).toEqual(ids.map(id => `fill:BTCUSDT:${id}`).toSorted())
			}),
			{numRuns: 30},
		)
	})
})

test('a message passes whole: raw as received, then its events in their order', async () => {
	const unit = await drive(exchangeStreamBridge)
	const message: AccountMessage = {
		raw: {channel: 'ACCOUNT_UPDATE', body: '{"e":"ACCOUNT_UPDATE"}'},
		events: [balance(), position(), position({symbol: 'ETHUSDT'}), connection('RESYNCED')],
	}
	const [first, ...rest] = await unit.feed('account', message)
	expect(first).toMatchObject({
		stream: 'exchange.raw',
		payload: {channel: 'ACCOUNT_UPDATE', body: '{"e":"ACCOUNT_UPDATE"}'},
	})
	expect(rest.map(({payload}) => payload.kind)).toEqual(['balance', 'position', 'position', 'connection'])
})

test('a fetched fill without its client id still keeps the contract', async () => {
	const unit = await drive(exchangeStreamBridge)
	const [emitted] = await unit.feed('account', {events: [fill({client_order_id: ''})]})
	expect(emitted?.payload).toMatchObject({trade_id: '1', client_order_id: 'unknown'})
})

test('only fills and incomes change the snapshot', async () => {
	const unit = await drive(exchangeStreamBridge)
	await unit.feed('account', {events: [balance(), position()]})
	expect(unit.bus.store.hashGet('test:unit:state:exchange-stream-bridge', '*')).toBeUndefined()
	await unit.feed('account', {events: [fill()]})
	expect(unit.bus.store.hashGet('test:unit:state:exchange-stream-bridge', '*')).toContain('"last_trade_id":"1"')
})

test('the feed goes on from the checkpoint that was committed with its events', async () => {
	const unit = await drive(exchangeStreamBridge)
	const snapshot = () => unit.bus.store.hashGet('test:unit:state:exchange-stream-bridge', '*')
	expect(resumeOf(snapshot())).toBeUndefined()
	await unit.feed('account', {events: [fill()], venue_ms: 7, checkpoint: {since_ms: 5}})
	await unit.feed('account', {events: [fill({trade_id: '2'})], venue_ms: 9})
	expect(resumeOf(snapshot())).toEqual({since_ms: 5})
	expect(snapshot()).toContain('"last_trade_ms":9')
})
