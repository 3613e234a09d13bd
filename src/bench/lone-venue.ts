import {type ChildProcess, spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {once} from 'node:events'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Decimal} from 'decimal.js'
import {z} from 'zod'
import {rememberEnding} from './endings.js'
import {type Account, signedRequest} from './signed-request.js'

const program = fileURLToPath(new URL('../../dist/paper-exchange/main.js', import.meta.url))
const TICK_MS = 1_000
const WALLET_USDT = '1000000'
const NOTIONAL_USDT = 150
/** Far below the price: nothing triggers while it is looked at. */
const STOP_SHARE = 0.5

const ready = z.object({rest_url: z.string(), ws_url: z.string()})
const prices = z.array(z.object({symbol: z.string(), askPrice: z.string()}))
const filter = z.looseObject({filterType: z.string(), tickSize: z.string().optional(), stepSize: z.string().optional()})
const listed = z.object({symbols: z.array(z.object({symbol: z.string(), filters: z.array(filter)}))})
const positions = z.array(z.object({symbol: z.string(), positionAmt: z.string(), entryPrice: z.string()}))

export type Held = z.output<typeof positions>[number]

/** The paper exchange in a process of its own, with an account that is no system's. */
export class LoneVenue {
	private constructor(
		private readonly process: ChildProcess,
		private readonly directory: string,
		readonly rest_url: string,
		readonly ws_url: string,
		readonly account: Account,
	) {}

	/** @throws Error with how it ended when it does not start */
	static async start(symbols: readonly string[]): Promise<LoneVenue> {
		const directory = await mkdtemp(join(tmpdir(), 'qt-bench-venue-'))
		const keys = {api_key: randomBytes(24).toString('hex'), api_secret: randomBytes(32).toString('hex')}
		const config = join(directory, 'config.json')
		const market = {kind: 'synthetic', seed: 1, start_ms: Date.now(), tick_interval_ms: TICK_MS, symbols}
		// Its limits are those of an address; how much a client may ask for, the client sees to itself.
		const limits = {weight_per_minute: 1_000_000, orders_per_10s: 10_000, orders_per_minute: 60_000}
		const data_dir = join(directory, 'data')
		await writeFile(config, JSON.stringify({port: 0, data_dir, ...keys, wallet_usdt: WALLET_USDT, market, limits}))
		const child = spawn(process.execPath, [program, config], {stdio: ['ignore', 'pipe', 'inherit']})
		const ended = once(child, 'exit').then(([code, signal]) => {
			throw new Error(`The venue ended before it was ready: ${code ?? signal}`)
		})
		ended.catch(() => undefined)
		const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as unknown[]
		const {rest_url, ws_url} = ready.parse(JSON.parse(String(line)))
		return new LoneVenue(child, directory, rest_url, ws_url, {origin: rest_url, ...keys})
	}

	/** Buys some of each symbol, and lets a stop rest for it; returns what is held then. */
	async hold(symbols: readonly string[]): Promise<readonly Held[]> {
		const {account} = this
		const asks = new Map(
			prices
				.parse(await signedRequest(account, 'GET', '/fapi/v1/ticker/bookTicker'))
				.map(({symbol, askPrice}) => [symbol, new Decimal(askPrice)]),
		)
		const {symbols: rules} = listed.parse(await signedRequest(account, 'GET', '/fapi/v1/exchangeInfo'))
		for (const [n, symbol] of symbols.entries()) {
			const ask = asks.get(symbol)
			const filters = rules.find(rule => rule.symbol === symbol)?.filters
			const of = (type: string) => filters?.find(({filterType}) => filterType === type)
			const [tick, step] = [of('PRICE_FILTER')?.tickSize, of('LOT_SIZE')?.stepSize]
			if (!ask || !tick || !step) throw new Error(`The venue does not trade ${symbol}`)
			const quantity = new Decimal(NOTIONAL_USDT).div(ask).toNearest(step, Decimal.ROUND_UP).toFixed()
			const buy = {symbol, side: 'BUY', type: 'MARKET', quantity, newClientOrderId: `q-bench-${n}`}
			await signedRequest(account, 'POST', '/fapi/v1/order', buy)
			const triggerPrice = ask.times(STOP_SHARE).toNearest(tick, Decimal.ROUND_DOWN).toFixed()
			const stop = {algoType: 'CONDITIONAL', type: 'STOP_MARKET', workingType: 'MARK_PRICE', closePosition: 'true'}
			const stops = {...stop, symbol, side: 'SELL', triggerPrice, clientAlgoId: `s-bench-${n}`}
			await signedRequest(account, 'POST', '/fapi/v1/algoOrder', stops)
		}
		const rows = positions.parse(await signedRequest(account, 'GET', '/fapi/v3/positionRisk'))
		return rows.filter(({positionAmt}) => Number(positionAmt) !== 0)
	}

	readonly stop = rememberEnding(async () => {
		if (this.process.exitCode === null && this.process.kill('SIGTERM')) await once(this.process, 'exit')
		await rm(this.directory, {recursive: true, force: true})
	})
}
