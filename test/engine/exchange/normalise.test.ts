import {describe, expect, it} from 'vitest'
import {exchangeNormalized} from '../../../src/engine/contracts/streams/account.js'
import {
	eventOfIncome,
	fillOfTrade,
	incomeId,
	isOwnIncome,
	readUserMessage,
} from '../../../src/engine/exchange/normalise.js'
import {incomeRow, userTradeRow} from '../../../src/engine/exchange/raw-messages.js'

const E = 1_767_225_600_123
/** As the venue's documentation shows it, with ids beyond what a double holds. */
const orderUpdate = (more: object) => ({
	e: 'ORDER_TRADE_UPDATE',
	E,
	T: E,
	o: {
		s: 'BTCUSDT',
		c: 'p1-e',
		S: 'BUY',
		o: 'MARKET',
		f: 'GTC',
		q: '0.010',
		p: '0',
		ap: '60010.0',
		sp: '0',
		x: 'TRADE',
		X: 'FILLED',
		i: '9223372036854775807',
		l: '0.010',
		z: '0.010',
		L: '60010.0',
		N: 'USDT',
		n: '0.30005000',
		T: E,
		t: 9007199254740991,
		b: '0',
		a: '0',
		m: false,
		R: false,
		wt: 'CONTRACT_PRICE',
		ot: 'MARKET',
		ps: 'BOTH',
		cp: false,
		rp: '0',
		...more,
	},
})

describe('user-data messages', () => {
	it('a trade is an order and a fill, decimals as written', () => {
		expect(readUserMessage(orderUpdate({}))).toEqual({
			channel: 'ORDER_TRADE_UPDATE',
			venue_ms: E,
			income_due: false,
			expired: false,
			events: [
				{
					kind: 'order',
					symbol: 'BTCUSDT',
					order_id: '9223372036854775807',
					client_order_id: 'p1-e',
					side: 'BUY',
					order_type: 'MARKET',
					status: 'FILLED',
					quantity: '0.010',
					filled_quantity: '0.010',
					average_price: '60010.0',
					reduce_only: false,
				},
				{
					kind: 'fill',
					symbol: 'BTCUSDT',
					trade_id: '9007199254740991',
					order_id: '9223372036854775807',
					client_order_id: 'p1-e',
					side: 'BUY',
					price: '60010.0',
					quantity: '0.010',
					fee: '0.30005000',
					fee_asset: 'USDT',
					realised_pnl: '0',
					maker: false,
					origin: 'websocket',
				},
			],
		})
	})

	it.each([
		[
			'a new order has no fill',
			orderUpdate({x: 'NEW', X: 'NEW', l: '0', L: '0', t: 0, n: undefined, N: undefined}),
			['order'],
		],
		['a cancelled order has no fill', orderUpdate({x: 'CANCELED', X: 'CANCELED', l: '0', t: 0}), ['order']],
		['a liquidation is a fill', orderUpdate({x: 'CALCULATED', c: 'autoclose-1'}), ['order', 'fill']],
		['a fill without commission costs 0', orderUpdate({n: undefined, N: undefined}), ['order', 'fill']],
		['a fee in another asset', orderUpdate({n: '0.00012', N: 'BNB'}), ['order', 'fill']],
		['the non-Latin symbol', orderUpdate({s: '币安人生USDT', q: '1000', L: '0.2001'}), ['order', 'fill']],
		[
			'a conditional order',
			{
				e: 'ALGO_UPDATE',
				E,
				T: E,
				o: {
					caid: 'p1-s',
					aid: 2148719,
					at: 'CONDITIONAL',
					o: 'STOP_MARKET',
					s: '币安人生USDT',
					S: 'SELL',
					ps: 'BOTH',
					f: 'GTC',
					q: '0',
					X: 'NEW',
					ai: '',
					tp: '0.19',
					p: '0',
					cp: true,
					R: false,
				},
			},
			['algo'],
		],
		[
			'a position, but none of hedge mode',
			{
				e: 'ACCOUNT_UPDATE',
				E,
				T: E,
				a: {
					m: 'ORDER',
					B: [{a: 'USDT', wb: '9999.7', cw: '9999.7', bc: '0'}],
					P: [
						{s: 'BTCUSDT', pa: '-0.01', ep: '60010', up: '-0.2', mt: 'cross', ps: 'BOTH'},
						{s: 'BTCUSDT', pa: '1', ep: '1', up: '0', mt: 'cross', ps: 'LONG'},
					],
				},
			},
			['balance', 'position'],
		],
		['a margin call means nothing to the ledger', {e: 'MARGIN_CALL', E, cw: '3.1', p: []}, []],
		['a change of leverage neither', {e: 'ACCOUNT_CONFIG_UPDATE', E, T: E, ac: {s: 'BTCUSDT', l: 5}}, []],
	])('%s', (_, message, kinds) => {
		const {events} = readUserMessage(message)
		expect(events.map(({kind}) => kind)).toEqual(kinds)
		for (const event of events) expect(exchangeNormalized.payload.parse(event)).toEqual(event)
	})

	it.each(['FUNDING_FEE', 'DEPOSIT', 'WITHDRAW', 'INSURANCE_CLEAR', 'ADJUSTMENT', 'MARGIN_TRANSFER'])(
		'%s asks for income',
		reason => {
			expect(readUserMessage({e: 'ACCOUNT_UPDATE', E, a: {m: reason, B: [], P: []}})).toMatchObject({
				income_due: true,
				events: [],
			})
		},
	)

	it('knows a dead listen key', () => {
		expect(readUserMessage({e: 'listenKeyExpired', E, listenKey: 'x'})).toMatchObject({expired: true, events: []})
	})

	it.each([
		['an order without a symbol', orderUpdate({s: undefined})],
		['a quantity that is no number', orderUpdate({l: 'many'})],
		['no event time', {e: 'ACCOUNT_UPDATE', a: {m: 'ORDER'}}],
		['no event', {stream: 'x'}],
	])('%s is an error, never skipped', (_, message) => {
		expect(() => readUserMessage(message)).toThrow()
	})
})

describe('rows of REST', () => {
	it('a trade is a fill of origin rest', () => {
		const row = userTradeRow.parse({
			symbol: '币安人生USDT',
			id: 3000001,
			orderId: 1000001,
			side: 'SELL',
			price: '0.2001',
			qty: '1000',
			realizedPnl: '-1.5',
			quoteQty: '200.1',
			commission: '0.10005',
			commissionAsset: 'USDT',
			time: E,
			positionSide: 'BOTH',
			buyer: false,
			maker: true,
		})
		const fill = fillOfTrade(row, 'p1-x')
		expect(fill).toMatchObject({
			kind: 'fill',
			trade_id: '3000001',
			order_id: '1000001',
			client_order_id: 'p1-x',
			origin: 'rest',
			maker: true,
			realised_pnl: '-1.5',
		})
		expect(exchangeNormalized.payload.parse(fill)).toEqual(fill)
	})

	it.each([
		['FUNDING_FEE', true],
		['TRANSFER', true],
		['INSURANCE_CLEAR', true],
		['COMMISSION_REBATE', true],
		['COMMISSION', false],
		['REALIZED_PNL', false],
	])('income of kind %s is told by itself: %s', (incomeType, own) => {
		const row = incomeRow.parse({
			symbol: '',
			incomeType,
			income: '-0.37500000',
			asset: 'USDT',
			info: '',
			time: E,
			tranId: 9689322392,
			tradeId: '',
		})
		expect(isOwnIncome(row)).toBe(own)
		expect(incomeId(row)).toBe(`9689322392/${incomeType}`)
		expect(exchangeNormalized.payload.parse(eventOfIncome(row))).toEqual({
			kind: 'income',
			income_type: incomeType,
			asset: 'USDT',
			amount: '-0.37500000',
			transaction_id: `9689322392/${incomeType}`,
		})
	})
})
