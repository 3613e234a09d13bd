import fc from 'fast-check'
import {rebate, transfer} from '../../src/paper-exchange/account.js'
import {changeFeeBurn, changeLeverage, changeMarginType} from '../../src/paper-exchange/account-settings.js'
import {cancelAllAlgos, placeAlgo} from '../../src/paper-exchange/algo.js'
import {parseConfig} from '../../src/paper-exchange/config.js'
import {dec, minimum, zero} from '../../src/paper-exchange/decimal.js'
import {deleverage} from '../../src/paper-exchange/deleverage.js'
import {Journal} from '../../src/paper-exchange/journal.js'
import type {Level} from '../../src/paper-exchange/market.js'
import {acceptOrder, cancelAll, executeOrder} from '../../src/paper-exchange/orders.js'
import type {Side, TimeInForce} from '../../src/paper-exchange/records.js'
import {recover} from '../../src/paper-exchange/recovery.js'
import {UserSockets} from '../../src/paper-exchange/user-sockets.js'
import {Venue} from '../../src/paper-exchange/venue.js'
import {VenueError} from '../../src/paper-exchange/venue-error.js'
import type {ScriptedMarket} from './scripted-market.js'

export const S = 'BTCUSDT'

const side = fc.constantFrom<Side>('BUY', 'SELL')
const quantity = fc.integer({min: 1, max: 4000}).map(lots => dec(lots).div(1000))
/** Prices in tenths around 60,000, with jumps that liquidate. */
const price = fc.oneof(
	{weight: 8, arbitrary: fc.integer({min: 595_000, max: 605_000})},
	{weight: 1, arbitrary: fc.integer({min: 300_000, max: 1_200_000})},
)
/** One thing that may happen to the account or to the world outside. */
export const step = fc.oneof(
	fc.record({kind: fc.constant('market' as const), side, quantity, reduce: fc.boolean()}),
	fc.record({
		kind: fc.constant('limit' as const),
		side,
		quantity,
		price,
		reduce: fc.boolean(),
		tif: fc.constantFrom<TimeInForce>('GTC', 'IOC', 'FOK', 'GTX'),
	}),
	fc.record({kind: fc.constant('stop' as const), side, quantity, price, close: fc.boolean()}),
	fc.record({
		kind: fc.constant('book' as const),
		price,
		sizes: fc.array(fc.integer({min: 1, max: 3000}), {maxLength: 4}),
	}),
	fc.record({kind: fc.constant('print' as const), price, size: fc.integer({min: 1, max: 3000})}),
	fc.record({kind: fc.constant('mark' as const), price}),
	fc.record({kind: fc.constant('funding' as const), rate: fc.integer({min: -300, max: 300})}),
	fc.record({kind: fc.constant('cancel' as const)}),
	fc.record({
		kind: fc.constant('transfer' as const),
		amount: fc.integer({min: 1, max: 10 ** 12}),
		asset: fc.constantFrom('USDT' as const, 'BNB' as const),
	}),
	fc.record({
		kind: fc.constant('rebate' as const),
		amount: fc.integer({min: 1, max: 10 ** 9}),
		asset: fc.constantFrom('USDT' as const, 'BNB' as const),
	}),
	fc.record({kind: fc.constant('burn' as const), burn: fc.boolean()}),
	fc.record({kind: fc.constant('adl' as const), quantity, price}),
	fc.record({kind: fc.constant('leverage' as const), leverage: fc.integer({min: 1, max: 125})}),
	fc.record({kind: fc.constant('isolate' as const), isolated: fc.boolean()}),
)

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const asPrice = (tenths: number): string => (tenths / 10).toFixed(1)
const asSize = (lots: number): string => (lots / 1000).toFixed(3)

/** A venue without sockets on a directory. */
export const openVenue = (dir: string, market: ScriptedMarket): Venue => {
	const config = parseConfig(
		{
			port: 0,
			data_dir: dir,
			api_key: 'k',
			api_secret: 's',
			market: {kind: 'synthetic'},
			default_leverage: 50,
			bnb_usdt: '601.3',
		},
		'test',
	)
	const {journal, recovered} = Journal.open(dir, config.request_log)
	const venue = new Venue(
		config,
		market,
		journal,
		new UserSockets(),
		() => 0,
		() => 'key',
	)
	recover(venue, recovered)
	return venue
}

const order = (values: Extract<Step, {kind: 'market' | 'limit'}>) => ({
	client_id: undefined,
	symbol: S,
	side: values.side,
	position_side: 'BOTH' as const,
	type: values.kind === 'market' ? ('MARKET' as const) : ('LIMIT' as const),
	time_in_force: values.kind === 'market' ? ('GTC' as const) : values.tif,
	quantity: values.quantity,
	price: values.kind === 'market' ? zero : dec(asPrice(values.price)),
	reduce_only: values.reduce,
	good_till_ms: 0,
})

const stop = (values: Extract<Step, {kind: 'stop'}>) => ({
	client_id: undefined,
	symbol: S,
	side: values.side,
	position_side: 'BOTH' as const,
	type: 'STOP_MARKET' as const,
	time_in_force: 'GTC' as const,
	quantity: values.close ? zero : values.quantity,
	price: zero,
	trigger_price: dec(asPrice(values.price)),
	working_type: 'CONTRACT_PRICE' as const,
	close_position: values.close,
	reduce_only: false,
	price_protect: false,
	callback_rate: zero,
	activate_price: zero,
	good_till_ms: 0,
})

const levels = (sizes: readonly number[], first: number, direction: 1 | -1): Level[] =>
	sizes.map((size, index) => [asPrice(first + direction * index * 10), asSize(size)] as const)

/** Puts a market step into the script at the next millisecond. */
const outside = (market: ScriptedMarket, values: Step, at: number): boolean => {
	if (values.kind === 'book') {
		market.book(at, S, levels(values.sizes, values.price, -1), levels(values.sizes, values.price + 10, 1))
	} else if (values.kind === 'print') market.trade(at, S, asPrice(values.price), asSize(values.size))
	else if (values.kind === 'mark') market.mark(at, S, asPrice(values.price))
	else if (values.kind === 'funding') market.funding(at, S, dec(values.rate).div(10_000).toString())
	else return false
	return true
}

const deleverageSome = ({core}: Venue, values: Extract<Step, {kind: 'adl'}>): void => {
	const position = core.positionOf(S, 'BOTH')
	if (position.amount.isZero()) return
	deleverage(core, position, minimum(position.amount.abs(), values.quantity), dec(asPrice(values.price)))
}

/** A request of the account; refusals are part of the game. */
const request = (venue: Venue, values: Step): void => {
	const {core} = venue
	try {
		if (values.kind === 'market' || values.kind === 'limit') executeOrder(core, acceptOrder(core, order(values)))
		else if (values.kind === 'stop') placeAlgo(core, stop(values))
		else if (values.kind === 'cancel') [cancelAll(core, S), cancelAllAlgos(core, S)]
		else if (values.kind === 'transfer') transfer(core, dec(values.amount).div(10 ** 8), 'test', values.asset)
		else if (values.kind === 'rebate') rebate(core, 'API_REBATE', dec(values.amount).div(10 ** 8), '', values.asset)
		else if (values.kind === 'burn') changeFeeBurn(core, values.burn)
		else if (values.kind === 'adl') deleverageSome(venue, values)
		else if (values.kind === 'leverage') changeLeverage(core, S, values.leverage)
		else if (values.kind === 'isolate') changeMarginType(core, S, values.isolated)
	} catch (error) {
		if (!(error instanceof VenueError)) throw error
	}
	venue.commit()
}

/** Plays the steps a millisecond apart, beginning `from` milliseconds after the market's start. */
export const play = (venue: Venue, market: ScriptedMarket, steps: readonly Step[], from = 0): void => {
	market
		.book(from, S, [['60000.0', '5']], [['60001.0', '5']])
		.mark(from, S, '60000')
		.trade(from, S, '60000.0', '1')
	for (const [index, values] of steps.entries()) {
		const at = from + index + 1
		if (!outside(market, values, at)) request(venue, values)
		venue.run(market.start_ms + at, 100)
	}
	venue.run(market.start_ms + from + steps.length + 1, 100)
}
