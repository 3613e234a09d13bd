import {type Dec, dec, zero} from './decimal.js'
import {type Delta, type HistoryRow, isAlgoFinal, isAlgoOpen, type LiveState, type Taken} from './delta.js'
import {
	type Account,
	type AlgoOrder,
	type Asset,
	type Income,
	isOpen,
	type Order,
	type Position,
	type PositionSide,
	reviveAccount,
	reviveAlgo,
	reviveOrder,
	revivePosition,
	type SymbolSettings,
	type Trade,
} from './records.js'

const positionKey = (symbol: string, side: PositionSide): string => `${symbol}|${side}`

type Raw = Record<string, unknown>

/**
 * The account in memory, with a record of what changed since the last commit. Of what has ended, only what no snapshot
 * has yet is here; `History` knows the rest.
 */
export class VenueState {
	account: Account = {
		cross_wallet: zero,
		bnb_wallet: zero,
		fee_burn: false,
		hedge_mode: false,
		next_order_id: 1_000_001,
		next_algo_id: 2_000_001,
		next_trade_id: 3_000_001,
		next_tran_id: 4_000_001,
		listen_key: '',
		listen_key_until_ms: 0,
		countdowns: {},
		updated_ms: 0,
	}
	readonly orders = new Map<number, Order>()
	readonly openOrders = new Map<number, Order>()
	readonly ordersByClientId = new Map<string, Order>()
	readonly algos = new Map<number, AlgoOrder>()
	readonly liveAlgos = new Map<number, AlgoOrder>()
	readonly algosByClientId = new Map<string, AlgoOrder>()
	readonly positions = new Map<string, Position>()
	readonly settings = new Map<string, SymbolSettings>()
	trades: Trade[] = []
	income: Income[] = []
	/** Finished records since the last snapshot. */
	unarchived: HistoryRow[] = []

	private accountTouched = false
	private readonly touchedOrders = new Set<Order>()
	private readonly touchedAlgos = new Set<AlgoOrder>()
	private readonly touchedPositions = new Set<Position>()
	private readonly touchedSettings = new Set<SymbolSettings>()
	private newTrades: Trade[] = []
	private newIncome: Income[] = []
	private newTaken: Taken[] = []

	touchAccount(): Account {
		this.accountTouched = true
		return this.account
	}

	nextId(counter: 'next_order_id' | 'next_algo_id' | 'next_trade_id' | 'next_tran_id'): number {
		const account = this.touchAccount()
		const id = account[counter]
		account[counter] = id + 1
		return id
	}

	touchOrder(order: Order): void {
		this.touchedOrders.add(order)
		this.indexOrder(order)
	}

	touchAlgo(algo: AlgoOrder): void {
		this.touchedAlgos.add(algo)
		this.indexAlgo(algo)
	}

	touchPosition(position: Position): void {
		this.touchedPositions.add(position)
		this.positions.set(positionKey(position.symbol, position.side), position)
	}

	touchSettings(settings: SymbolSettings): void {
		this.touchedSettings.add(settings)
		this.settings.set(settings.symbol, settings)
	}

	addTrade(trade: Trade): void {
		this.newTrades.push(trade)
		this.trades.push(trade)
	}

	addIncome(row: Income): void {
		this.newIncome.push(row)
		this.income.push(row)
	}

	addTaken(taken: Taken): void {
		this.newTaken.push(taken)
	}

	position(symbol: string, side: PositionSide): Position | undefined {
		return this.positions.get(positionKey(symbol, side))
	}

	positionsOf(symbol: string): Position[] {
		const sides: PositionSide[] = ['BOTH', 'LONG', 'SHORT']
		return sides.flatMap(side => this.position(symbol, side) ?? [])
	}

	openPositions(): Position[] {
		return [...this.positions.values()].filter(position => !position.amount.isZero())
	}

	ordersOpenIn(symbol?: string): Order[] {
		const all = [...this.openOrders.values()]
		return symbol === undefined ? all : all.filter(order => order.symbol === symbol)
	}

	algosOpenIn(symbol?: string): AlgoOrder[] {
		return [...this.liveAlgos.values()].filter(
			algo => isAlgoOpen(algo) && (symbol === undefined || algo.symbol === symbol),
		)
	}

	/** Cross wallet and every isolated wallet: what the sum of all income rows of the asset must equal. */
	walletBalance(asset: Asset = 'USDT'): Dec {
		if (asset === 'BNB') return this.account.bnb_wallet
		let total = this.account.cross_wallet
		for (const position of this.positions.values()) total = total.add(position.isolated_wallet)
		return total
	}

	/** What changed since the last call, or undefined when nothing did. */
	takeDelta(): Delta | undefined {
		const delta: Delta = {}
		if (this.accountTouched) delta.account = this.account
		if (this.touchedSettings.size > 0) delta.settings = [...this.touchedSettings]
		if (this.touchedPositions.size > 0) delta.positions = [...this.touchedPositions]
		if (this.touchedOrders.size > 0) delta.orders = [...this.touchedOrders]
		if (this.touchedAlgos.size > 0) delta.algos = [...this.touchedAlgos]
		if (this.newTrades.length > 0) delta.trades = this.newTrades
		if (this.newIncome.length > 0) delta.income = this.newIncome
		if (this.newTaken.length > 0) delta.taken = this.newTaken
		this.accountTouched = false
		this.touchedSettings.clear()
		this.touchedPositions.clear()
		this.touchedOrders.clear()
		this.touchedAlgos.clear()
		this.newTrades = []
		this.newIncome = []
		this.newTaken = []
		if (Object.keys(delta).length === 0) return undefined
		this.archive(delta)
		return delta
	}

	/** Applies a delta as it was read back from the state log. */
	applyDelta(raw: Raw): void {
		const rows = (key: string): Raw[] => (raw[key] ?? []) as Raw[]
		if (raw.account !== undefined) this.account = reviveAccount(raw.account as Raw)
		for (const row of rows('settings')) this.settings.set(String(row.symbol), row as SymbolSettings)
		for (const row of rows('positions')) {
			const position = revivePosition(row)
			this.positions.set(positionKey(position.symbol, position.side), position)
		}
		const orders = rows('orders').map(reviveOrder)
		const algos = rows('algos').map(reviveAlgo)
		for (const order of orders) this.indexOrder(order)
		for (const algo of algos) this.indexAlgo(algo)
		const trades = rows('trades') as Trade[]
		const income = rows('income') as Income[]
		this.trades.push(...trades)
		this.income.push(...income)
		this.archive({orders, algos, trades, income})
	}

	liveState(): LiveState {
		return {
			account: this.account,
			settings: [...this.settings.values()],
			positions: [...this.positions.values()],
			orders: [...this.openOrders.values()],
			algos: [...this.liveAlgos.values()],
		}
	}

	/** Forgets all that has ended: a snapshot has just handed it to the history file. */
	forgetFinished(): void {
		for (const order of this.orders.values()) {
			if (isOpen(order)) continue
			this.orders.delete(order.id)
			if (this.ordersByClientId.get(order.client_id) === order) this.ordersByClientId.delete(order.client_id)
		}
		for (const algo of this.algos.values()) {
			if (!isAlgoFinal(algo)) continue
			this.algos.delete(algo.id)
			if (this.algosByClientId.get(algo.client_id) === algo) this.algosByClientId.delete(algo.client_id)
		}
		this.trades = []
		this.income = []
		this.unarchived = []
	}

	private indexOrder(order: Order): void {
		this.orders.set(order.id, order)
		this.ordersByClientId.set(order.client_id, order)
		if (isOpen(order)) this.openOrders.set(order.id, order)
		else this.openOrders.delete(order.id)
	}

	private indexAlgo(algo: AlgoOrder): void {
		this.algos.set(algo.id, algo)
		this.algosByClientId.set(algo.client_id, algo)
		if (isAlgoFinal(algo)) this.liveAlgos.delete(algo.id)
		else this.liveAlgos.set(algo.id, algo)
	}

	private archive(delta: Delta): void {
		for (const order of delta.orders ?? []) if (!isOpen(order)) this.unarchived.push({o: order})
		for (const algo of delta.algos ?? []) if (isAlgoFinal(algo)) this.unarchived.push({a: algo})
		for (const trade of delta.trades ?? []) this.unarchived.push({t: trade})
		for (const row of delta.income ?? []) this.unarchived.push({i: row})
	}
}

/** Wallet of an asset from nothing but its income rows. */
export const incomeSum = (rows: readonly Income[], asset: Asset = 'USDT'): Dec =>
	rows.reduce((sum, row) => ((row.asset ?? 'USDT') === asset ? sum.add(row.amount) : sum), dec(0))
