import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {signedRequest} from '../bench/signed-request.js'
import type {Home} from '../daemon/system/home.js'
import {paperCredentials} from '../daemon/system/secrets.js'
import {GrowingLog} from '../paper-exchange/growing-log.js'
import {createsOrders} from '../paper-exchange/request-log.js'

export type VenueFill = Readonly<{
	trade_id: string | number
	order_id: number
	client_id: string
	symbol: string
	side: 'BUY' | 'SELL'
	price: string
	quantity: string
}>
/** A line of the venue's log: a request with what came of it, or an event of its own. */
export type VenueRecord = Readonly<{
	seq: number
	kind: 'request' | 'event'
	machine_ms: number
	venue_ms: number
	method?: string
	path?: string
	http?: number
	event?: string
	params?: Readonly<Record<string, string>>
	client_id?: string
	client_algo_id?: string
	/** Of a request. */
	fills?: readonly VenueFill[]
	/** Of an event `fill`. */
	trade?: VenueFill
}>

export type PositionRow = Readonly<{symbol: string; positionAmt: string; entryPrice: string}>
export type AlgoRow = Readonly<{
	symbol: string
	side: 'BUY' | 'SELL'
	orderType: string
	clientAlgoId: string
	closePosition: boolean
	triggerPrice: string
	quantity: string
}>
export type IncomeRow = Readonly<{
	symbol: string
	incomeType: string
	income: string
	asset: string
	time: number
	tranId: number
	tradeId: string
}>

const INCOME_PAGE = 1_000

/** Port of the paper venue of a home, as the daemon decided it. @throws Error before the first start */
export const venuePort = ({run}: Home): number => {
	const {port} = JSON.parse(readFileSync(join(run, 'paper-exchange.config.json'), 'utf8')) as {port: number}
	return port
}

/** The venue of a system without any code of the engine: signed requests of our own, and its log file. */
export class SystemVenue {
	readonly #origin: string
	readonly #log: GrowingLog

	constructor(private readonly home: Home) {
		this.#origin = `http://127.0.0.1:${venuePort(home)}`
		this.#log = new GrowingLog(home.venue)
	}

	/** @throws Error with the venue's answer when it refuses */
	async signed(
		method: 'GET' | 'POST' | 'PUT' | 'DELETE',
		path: string,
		params: Record<string, string> = {},
	): Promise<unknown> {
		return signedRequest({origin: this.#origin, ...paperCredentials(this.home)}, method, path, params)
	}

	/** A control endpoint of the paper exchange. @throws Error with its answer when it refuses */
	async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
		const answer = await fetch(`${this.#origin}/paper/${path}`, {
			method,
			...(body !== undefined && {body: JSON.stringify(body), headers: {'content-type': 'application/json'}}),
		})
		if (!answer.ok) throw new Error(`${method} /paper/${path}: HTTP ${answer.status} ${await answer.text()}`)
		return answer.json()
	}

	/** Open positions. */
	async positions(): Promise<readonly PositionRow[]> {
		const rows = (await this.signed('GET', '/fapi/v3/positionRisk')) as PositionRow[]
		return rows.filter(({positionAmt}) => Number(positionAmt) !== 0)
	}

	/** Conditional orders that rest. */
	async stops(): Promise<readonly AlgoRow[]> {
		return (await this.signed('GET', '/fapi/v1/openAlgoOrders')) as AlgoRow[]
	}

	async wallet(): Promise<Readonly<Record<string, string>>> {
		const rows = (await this.signed('GET', '/fapi/v3/balance')) as {asset: string; balance: string}[]
		return Object.fromEntries(rows.map(({asset, balance}) => [asset, balance]))
	}

	/** The whole income history, oldest first. */
	async income(): Promise<readonly IncomeRow[]> {
		const rows = new Map<string, IncomeRow>()
		for (let startTime = 1; ; ) {
			const params = {startTime: String(startTime), limit: String(INCOME_PAGE)}
			const page = (await this.signed('GET', '/fapi/v1/income', params)) as IncomeRow[]
			for (const row of page) rows.set(`${row.tranId}/${row.incomeType}`, row)
			const last = page.at(-1)
			if (!last || page.length < INCOME_PAGE) return [...rows.values()]
			startTime = last.time
		}
	}

	/** The venue's log from its beginning, all its files; a last line in the middle of being written is left out. */
	log(): readonly VenueRecord[] {
		return this.#log.records() as unknown as readonly VenueRecord[]
	}
}

/** Requests that create orders, whatever came of them. */
export const creations = (log: readonly VenueRecord[]): readonly VenueRecord[] => log.filter(createsOrders)

export const clientIdOf = ({params = {}}: VenueRecord): string => params.newClientOrderId ?? params.clientAlgoId ?? ''

/** Fills of the account, caused by requests and by resting orders. */
export const fillsOf = (log: readonly VenueRecord[]): readonly VenueFill[] =>
	log.flatMap(({fills = [], trade}) => (trade ? [trade] : fills))
