import {type Block, type HistoryKind, mayHold, type Span} from './history-block.js'
import type {HistoryFile} from './history-file.js'
import {type AlgoOrder, type Income, type Order, reviveAlgo, reviveOrder, type Trade} from './records.js'
import type {VenueState} from './state.js'

/** What a list is asked for. Rows come ascending by id: the first or, where nothing says from where, the last `limit`. */
export type ListQuery = Readonly<{
	symbol?: string | undefined
	from_ms?: number | undefined
	to_ms?: number | undefined
	id_from?: number | undefined
	latest: boolean
	/** Matching rows left out at the beginning. */
	skip?: number
	limit: number
}>

type Listed = Readonly<{symbol: string}>
type Kind<T extends Listed> = Readonly<{
	kind: HistoryKind
	revive: (raw: Record<string, unknown>) => T
	id: (row: T) => number
	time_ms: (row: T) => number
}>

const orders: Kind<Order> = {kind: 'o', revive: reviveOrder, id: row => row.id, time_ms: row => row.created_ms}
const algos: Kind<AlgoOrder> = {kind: 'a', revive: reviveAlgo, id: row => row.id, time_ms: row => row.created_ms}
const trades: Kind<Trade> = {kind: 't', revive: raw => raw as Trade, id: row => row.id, time_ms: row => row.time_ms}
const incomes: Kind<Income> = {
	kind: 'i',
	revive: raw => raw as Income,
	id: row => row.tran_id,
	time_ms: row => row.time_ms,
}

/**
 * Everything the account ever did: what is open or ended since the last snapshot is in memory, all else is read from the
 * history file when somebody asks.
 */
export class History {
	constructor(
		private readonly state: VenueState,
		private readonly file: HistoryFile,
	) {}

	order(id: number): Order | undefined {
		return this.state.orders.get(id) ?? this.byId(orders, id)
	}

	/** The order that used a client id last. */
	orderByClientId(client_id: string): Order | undefined {
		return this.state.ordersByClientId.get(client_id) ?? this.byClientId(orders, client_id)
	}

	algo(id: number): AlgoOrder | undefined {
		return this.state.algos.get(id) ?? this.byId(algos, id)
	}

	algoByClientId(client_id: string): AlgoOrder | undefined {
		return this.state.algosByClientId.get(client_id) ?? this.byClientId(algos, client_id)
	}

	orders(query: ListQuery): Order[] {
		return this.list(orders, query, this.state.orders.values(), () => true)
	}

	algos(query: ListQuery): AlgoOrder[] {
		return this.list(algos, query, this.state.algos.values(), () => true)
	}

	trades(query: ListQuery, order_id?: number): Trade[] {
		if (order_id === undefined) return this.list(trades, query, this.state.trades, () => true)
		const order = this.order(order_id)
		if (order === undefined) return []
		// An order's fills lie between its placing and its last change, which saves reading all the others.
		const from_ms = Math.max(query.from_ms ?? 0, order.created_ms)
		const to_ms = Math.min(query.to_ms ?? Number.POSITIVE_INFINITY, order.updated_ms)
		return this.list(trades, {...query, from_ms, to_ms}, this.state.trades, row => row.order_id === order_id)
	}

	income(query: ListQuery, type?: string): Income[] {
		if (type !== undefined) return this.list(incomes, query, this.state.income, row => row.type === type)
		const {blocks, skip} = this.passWhole(query)
		return this.list(incomes, {...query, skip}, this.state.income, () => true, blocks)
	}

	/** A block is opened only when it can hold the id; newer blocks are likelier. */
	private byId<T extends Listed>({kind, revive, id}: Kind<T>, wanted: number): T | undefined {
		for (const block of this.newestFirst()) {
			const span = block.spans[kind]
			if (span === undefined || wanted < span.id_min || wanted > span.id_max) continue
			const found = this.file
				.read(block, kind)
				.map(revive)
				.find(row => id(row) === wanted)
			if (found !== undefined) return found
		}
		return undefined
	}

	private byClientId<T extends Listed>({kind, revive}: Kind<T>, client_id: string): T | undefined {
		for (const block of this.newestFirst()) {
			if (block.spans[kind] === undefined || !mayHold(block, client_id)) continue
			const found = this.file.read(block, kind).findLast(row => row.client_id === client_id)
			if (found !== undefined) return revive(found)
		}
		return undefined
	}

	private newestFirst(): Block[] {
		return this.file.blocks.toReversed()
	}

	/** Pages far back pass over whole blocks without reading them; possible where nothing is filtered out. */
	private passWhole(query: ListQuery): Readonly<{blocks: readonly Block[]; skip: number}> {
		const blocks = this.file.blocks.filter(block => overlaps(block.spans.i, block, query))
		let [passed, skip] = [0, query.skip ?? 0]
		for (const {spans} of blocks) {
			const whole = spans.i !== undefined && spans.i.count <= skip && within(spans.i, query)
			if (query.latest || !whole) break
			skip -= spans.i?.count ?? 0
			passed += 1
		}
		return {blocks: blocks.slice(passed), skip}
	}

	private list<T extends Listed>(
		{kind, revive, id, time_ms}: Kind<T>,
		query: ListQuery,
		recent: Iterable<T>,
		also: (row: T) => boolean,
		blocks: readonly Block[] = this.file.blocks,
	): T[] {
		const {symbol, from_ms = 0, to_ms = Number.POSITIVE_INFINITY, id_from = 0, latest, skip = 0, limit} = query
		const matches = (row: T): boolean =>
			(symbol === undefined || row.symbol === symbol) &&
			time_ms(row) >= from_ms &&
			time_ms(row) <= to_ms &&
			id(row) >= id_from &&
			also(row)
		const need = skip + limit
		const nearest = (one: number, other: number): number => (latest ? other - one : one - other)
		const edge = (span: Span): number => (latest ? span.id_max : span.id_min)
		let found = [...recent].filter(matches).sort((one, other) => nearest(id(one), id(other)))
		const candidates = blocks
			.flatMap(block => {
				const span = block.spans[kind]
				return span !== undefined && overlaps(span, block, query) ? [{block, edge: edge(span)}] : []
			})
			.sort((one, other) => nearest(one.edge, other.edge))
		for (const candidate of candidates) {
			const last = found[need - 1]
			// Blocks come by the id nearest to the wanted end: what follows lies beyond all that is wanted.
			if (last !== undefined && nearest(candidate.edge, id(last)) > 0) break
			const rows = this.file.read(candidate.block, kind).map(revive)
			found = [...found, ...rows.filter(matches)].sort((one, other) => nearest(id(one), id(other))).slice(0, need)
		}
		const page = found.slice(skip, need)
		return latest ? page.reverse() : page
	}
}

const overlaps = (span: Span | undefined, block: Block, query: ListQuery): boolean =>
	span !== undefined &&
	span.ms_max >= (query.from_ms ?? 0) &&
	span.ms_min <= (query.to_ms ?? Number.POSITIVE_INFINITY) &&
	span.id_max >= (query.id_from ?? 0) &&
	(query.symbol === undefined || block.symbols.includes(query.symbol))

const within = (span: Span, query: ListQuery): boolean =>
	query.symbol === undefined &&
	span.ms_min >= (query.from_ms ?? 0) &&
	span.ms_max <= (query.to_ms ?? Number.POSITIVE_INFINITY) &&
	span.id_min >= (query.id_from ?? 0)
