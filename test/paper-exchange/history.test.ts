import {appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {dec, zero} from '../../src/paper-exchange/decimal.js'
import {History, type ListQuery} from '../../src/paper-exchange/history.js'
import {HistoryFile} from '../../src/paper-exchange/history-file.js'
import type {Income, Order, Trade} from '../../src/paper-exchange/records.js'
import {VenueState} from '../../src/paper-exchange/state.js'

const symbols = ['BTCUSDT', 'ETHUSDT', '币安人生USDT']
/** Blocks of a few rows, so that little is enough to fill many. */
const blockBytes = 1500

const inDirectory = (body: (dir: string) => void): void => {
	const dir = mkdtempSync(join(tmpdir(), 'history-'))
	try {
		body(dir)
	} finally {
		rmSync(dir, {recursive: true})
	}
}

const newOrder = (id: number, client_id: string, symbol: string, now_ms: number): Order => ({
	id,
	client_id,
	symbol,
	side: 'BUY',
	position_side: 'BOTH',
	type: 'LIMIT',
	original_type: 'LIMIT',
	time_in_force: 'GTC',
	quantity: dec(1),
	price: dec(100),
	stop_price: zero,
	filled: zero,
	quote: zero,
	status: 'NEW',
	reduce_only: false,
	close_position: false,
	working_type: 'CONTRACT_PRICE',
	price_protect: false,
	algo_id: 0,
	good_till_ms: 0,
	created_ms: now_ms,
	updated_ms: now_ms,
})

const tradeOf = ({id, client_id, symbol}: Order, trade_id: number, time_ms: number): Trade => ({
	id: trade_id,
	order_id: id,
	client_id,
	symbol,
	side: 'BUY',
	position_side: 'BOTH',
	price: '100',
	quantity: '1',
	quote: '100',
	fee: '0.05',
	realised: '0',
	maker: true,
	time_ms,
})

/** An account whose past is partly on disk, beside one that remembers everything. */
class Twin {
	readonly orders: Order[] = []
	readonly trades: Trade[] = []
	readonly income: Income[] = []
	private state = new VenueState()
	private file: HistoryFile
	private bytes = 0
	private now_ms = 1000

	constructor(private readonly dir: string) {
		this.file = new HistoryFile(dir, 0, blockBytes)
	}

	get history(): History {
		return new History(this.state, this.file)
	}

	place(symbol: string, name: number): void {
		this.now_ms += 10
		const client_id = `c${name}`
		if (this.orders.some(order => order.client_id === client_id && order.status === 'NEW')) return
		const order = newOrder(this.state.nextId('next_order_id'), client_id, symbol, this.now_ms)
		this.orders.push(order)
		this.state.touchOrder(order)
	}

	/** Fills one of the open orders, not always the oldest, with one trade and its income. */
	fill(pick: number): void {
		this.now_ms += 10
		const open = this.orders.filter(order => order.status === 'NEW')
		const order = open[pick % Math.max(1, open.length)]
		if (order === undefined) return
		order.status = 'FILLED'
		order.updated_ms = this.now_ms
		this.state.touchOrder(order)
		const trade = tradeOf(order, this.state.nextId('next_trade_id'), this.now_ms)
		this.trades.push(trade)
		this.state.addTrade(trade)
		for (const type of ['COMMISSION', 'REALIZED_PNL'] as const) {
			const {symbol} = order
			const tran_id = this.state.nextId('next_tran_id')
			const row = {tran_id, symbol, type, amount: '1', info: '', trade_id: '', time_ms: this.now_ms}
			this.income.push(row)
			this.state.addIncome(row)
		}
	}

	save(): void {
		this.state.takeDelta()
		this.bytes = this.file.append(this.state.unarchived)
		this.state.forgetFinished()
	}

	/** What a killed process leaves: a snapshot that was not completed, and an index that is damaged in some way. */
	reopen(damage: number): void {
		this.file.close()
		appendFileSync(join(this.dir, 'history.jsonl'), '{"t":{"id":1,"half')
		const index = join(this.dir, 'history-index.jsonl')
		const whole = readFileSync(index)
		if (damage === 1) rmSync(index)
		if (damage === 2) truncateSync(index, Math.floor(whole.length / 2))
		if (damage === 3) writeFileSync(index, Buffer.concat([whole, whole]))
		this.file = new HistoryFile(this.dir, this.bytes, blockBytes)
	}

	close(): void {
		this.file.close()
	}
}

const action = fc.oneof(
	{weight: 8, arbitrary: fc.record({do: fc.constant('place'), symbol: fc.constantFrom(...symbols), pick: fc.nat(30)})},
	{weight: 8, arbitrary: fc.record({do: fc.constant('fill'), symbol: fc.constant(''), pick: fc.nat(30)})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('save'), symbol: fc.constant(''), pick: fc.constant(0)})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('reopen'), symbol: fc.constant(''), pick: fc.nat(3)})},
)

const perhaps = <T>(value: fc.Arbitrary<T>) => fc.option(value, {nil: undefined, freq: 1})
const query: fc.Arbitrary<ListQuery> = fc.record({
	symbol: perhaps(fc.constantFrom(...symbols)),
	from_ms: perhaps(fc.integer({min: 900, max: 2500})),
	to_ms: perhaps(fc.integer({min: 1500, max: 3500})),
	latest: fc.boolean(),
	limit: fc.integer({min: 1, max: 12}),
})
const queries = fc.array(fc.tuple(query, fc.nat(40)), {minLength: 20, maxLength: 20})

/** The same list from all rows in memory. */
const naive = <T extends {symbol: string}>(rows: readonly T[], asked: ListQuery, at: (row: T) => number): T[] => {
	const {symbol, from_ms = 0, to_ms = Infinity, skip = 0, limit, latest} = asked
	const all = rows.filter(row => (symbol ?? row.symbol) === row.symbol && at(row) >= from_ms && at(row) <= to_ms)
	return latest ? all.slice(-limit) : all.slice(skip, skip + limit)
}

const compareLists = (twin: Twin, asked: ListQuery, skip: number): void => {
	const {history} = twin
	const ids = (rows: ReadonlyArray<{id: number}>) => rows.map(({id}) => id)
	expect(ids(history.orders(asked))).toEqual(ids(naive(twin.orders, asked, row => row.created_ms)))
	expect(history.trades(asked)).toEqual(naive(twin.trades, asked, row => row.time_ms))
	const paged = {...asked, latest: false, skip}
	expect(history.income(paged)).toEqual(naive(twin.income, paged, row => row.time_ms))
	const fees = twin.income.filter(row => row.type === 'COMMISSION')
	expect(history.income(asked, 'COMMISSION')).toEqual(naive(fees, asked, row => row.time_ms))
}

const compareSingle = (twin: Twin): void => {
	const {history} = twin
	for (const order of twin.orders.slice(-40)) {
		expect(history.order(order.id)).toEqual(order)
		const last = twin.orders.findLast(({client_id}) => client_id === order.client_id)
		expect(history.orderByClientId(order.client_id)?.id).toBe(last?.id)
		expect(history.trades({latest: true, limit: 500}, order.id)).toEqual(
			twin.trades.filter(({order_id}) => order_id === order.id),
		)
	}
	expect(history.orderByClientId('never')).toBeUndefined()
}

describe('the history on disk', () => {
	it('answers as if everything were in memory, after restarts and with a damaged index', () => {
		fc.assert(
			fc.property(fc.array(action, {minLength: 50, maxLength: 250}), queries, (actions, questions) =>
				inDirectory(dir => {
					const twin = new Twin(dir)
					for (const {do: what, symbol, pick} of actions) {
						if (what === 'place') twin.place(symbol, pick)
						else if (what === 'fill') twin.fill(pick)
						else if (what === 'save') twin.save()
						else {
							// A restart without a snapshot before it would need the state log, which is not part of this.
							twin.save()
							twin.reopen(pick)
						}
					}
					for (const [asked, skip] of questions) compareLists(twin, asked, skip)
					compareSingle(twin)
					twin.close()
				}),
			),
			{numRuns: 60},
		)
	})
})
