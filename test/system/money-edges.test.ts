import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {keys} from '../../src/engine/contracts/keys.js'
import {add, equal, negate} from '../../src/engine/logic/exact.js'
import {dayOf} from '../../src/engine/logic/income-days.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {backlogOf, entriesOf, fillProblems, journal, ledgerVerdict, positionProblems} from '../support/system-audit.js'
import {fillsOf, type IncomeRow} from '../support/system-venue.js'

const LONG_MS = 180_000
const patient = {within_ms: 60_000, every_ms: 100}

let system: RunningSystem
beforeAll(async () => {
	// Nobody but the test trades, and nothing closes by itself.
	const policy = {
		intent_source: 'autonomous-trader',
		exit_monitor: {target: 0.9, stop: 0.9, trailing: 0.9, trailing_from: 0.9},
		exit_brain: {symbols_share: 0},
		depth_multiple_min: 0,
		balance: {gross_share_max: 100, net_share_max: 100, cluster_share_max: 100},
	}
	system = await startSystem({settings: {speed: 4}, policy})
	await system.arm()
}, LONG_MS)
afterAll(() => system?.stop(), LONG_MS)

type Fields = Readonly<Record<string, string>>
type TradeRow = Readonly<{id: number; orderId: number; commission: string; commissionAsset: string}>

const find = (stream: string, fields: Fields) =>
	eventually(
		async () =>
			(await entriesOf(system, stream)).find(entry =>
				Object.entries(fields).every(([name, value]) => entry[name] === value),
			),
		{...patient, what: `${stream} has ${JSON.stringify(fields)}`},
	)
const plan = async (plan_id: string, fields: Fields): Promise<void> => {
	const stream = system.naming.stream('apply.plan')
	await system.redis.xadd(stream, '*', ...Object.entries({plan_id, ...fields}).flat())
	expect(await find('governor.events', {plan_id})).toMatchObject({verdict: 'ALLOW', reason: 'ALLOW'})
	expect(await find('apply.result', {plan_id})).toMatchObject({decision: 'EXECUTED'})
}
const open = async (plan_id: string, symbol: string, quantity: string): Promise<void> => {
	await plan(plan_id, {symbol, action: 'OPEN', side: 'BUY', quantity, leverage: '2'})
	await find('position.snapshot', {symbol, stop_resting: 'true'})
	// The governor completes a plan that names no size by the fills that it knows itself.
	await find('governor.events', {plan_id, verdict: 'SETTLED'})
}
const close = (plan_id: string, symbol: string) => plan(plan_id, {symbol, action: 'FULL_CLOSE_PROPOSED', side: 'SELL'})

const amountAtVenue = async (symbol: string): Promise<string> =>
	(await system.venue.positions()).find(row => row.symbol === symbol)?.positionAmt ?? '0'
const tradesOf = async (symbol: string) =>
	(await system.venue.signed('GET', '/fapi/v1/userTrades', {symbol, limit: '1000'})) as readonly TradeRow[]
const sumOf = (rows: readonly IncomeRow[], incomeType: string, asset = 'USDT'): string =>
	add('0', ...rows.filter(row => row.incomeType === incomeType && row.asset === asset).map(({income}) => income))
const command = async (path: string, body: Fields): Promise<void> => {
	expect(await system.venue.control('POST', path, body)).not.toHaveProperty('error')
}

/** Nothing waits, each fill stands once everywhere, positions and stops agree, and the books to the last decimal. */
const agrees = (): Promise<unknown> =>
	eventually(
		async () => {
			expect(await backlogOf(system)).toEqual([])
			expect(await fillProblems(system)).toEqual([])
			expect(await positionProblems(system)).toEqual([])
			const {ok, differences, wallet_ledger, wallet_income, wallet_venue} = await ledgerVerdict(system)
			expect(differences).toEqual([])
			for (const asset of ['USDT', 'BNB']) {
				const [ledger, income, venue] = [wallet_ledger, wallet_income, wallet_venue].map(of => add(of[asset] ?? '0'))
				expect([asset, ledger, income]).toEqual([asset, venue, venue])
			}
			return ok
		},
		{within_ms: 90_000, every_ms: 500, what: 'everything agrees'},
	)

describe.sequential('what moves the money of an account is booked, and the venue says the same', () => {
	it('fees in BNB, beside the net of the trade', {timeout: LONG_MS}, async () => {
		await command('transfer', {asset: 'BNB', amount: '0.01'})
		await system.venue.signed('POST', '/fapi/v1/feeBurn', {feeBurn: 'true'})
		await open('edge-bnb-in', 'ETHUSDT', '0.06')
		await close('edge-bnb-out', 'ETHUSDT')
		const closed = await find('trade.closed', {symbol: 'ETHUSDT'})
		const rows = await tradesOf('ETHUSDT')
		expect(new Set(rows.map(({commissionAsset}) => commissionAsset))).toEqual(new Set(['BNB']))
		const paid = add('0', ...rows.map(({commission}) => commission))
		expect(closed.fees).toBe('0')
		expect(JSON.parse(closed.other_fees ?? '')).toEqual({BNB: paid})
		expect(closed.net_pnl).toBe(closed.realised_pnl)
		await agrees()
		const {changes} = await ledgerVerdict(system)
		expect(changes.fees).toEqual({BNB: negate(paid)})
	})

	it('transfers and rebates, of either asset', {timeout: LONG_MS}, async () => {
		await command('transfer', {amount: '250.5'})
		await command('transfer', {amount: '-50'})
		await command('rebate', {type: 'COMMISSION_REBATE', amount: '1.25', symbol: 'ETHUSDT'})
		await command('rebate', {type: 'API_REBATE', asset: 'BNB', amount: '0.0002'})
		await agrees()
		expect((await ledgerVerdict(system)).changes).toMatchObject({
			transfers: {USDT: '10200.5', BNB: '0.01'},
			'other:COMMISSION_REBATE': {USDT: '1.25'},
			'other:API_REBATE': {BNB: '0.0002'},
		})
	})

	it('funding, as often as it settles', {timeout: LONG_MS}, async () => {
		await open('edge-sol-in', 'SOLUSDT', '1')
		await open('edge-link-in', 'LINKUSDT', '10')
		for (const rate of ['0.0001', '-0.00025', '0.003']) await command('funding', {symbol: 'SOLUSDT', rate})
		await command('funding', {symbol: 'LINKUSDT', rate: '0.0002'})
		await agrees()
		const income = await system.venue.income()
		expect(income.filter(({incomeType}) => incomeType === 'FUNDING_FEE').length).toBeGreaterThanOrEqual(4)
		const funded = sumOf(income, 'FUNDING_FEE')
		expect(Number(funded)).toBeLessThan(0)
		expect((await ledgerVerdict(system)).changes.funding).toEqual({USDT: funded})
	})

	it('deleveraging, in part and whole: an alarm, a stop for what is left, a trade that says so', {
		timeout: LONG_MS,
	}, async () => {
		const before = await system.venue.stops()
		await command('deleverage', {symbol: 'SOLUSDT', quantity: '0.3'})
		expect(await find('alerts', {code: 'DELEVERAGED', subject: 'SOLUSDT'})).toMatchObject({severity: 'critical'})
		await agrees()
		expect(Number(await amountAtVenue('SOLUSDT'))).toBeGreaterThan(0)
		const known = new Set(before.map(({clientAlgoId}) => clientAlgoId))
		const stops = (await system.venue.stops()).filter(({symbol}) => symbol === 'SOLUSDT')
		expect(stops.filter(({clientAlgoId}) => known.has(clientAlgoId))).toEqual([])
		await command('deleverage', {symbol: 'SOLUSDT'})
		expect(await find('trade.closed', {symbol: 'SOLUSDT'})).toMatchObject({exit_reason: 'adl', plan_id: 'edge-sol-in'})
		await agrees()
		expect((await system.venue.stops()).filter(({symbol}) => symbol === 'SOLUSDT')).toEqual([])
	})

	it('liquidation: an alarm, a trade that says so, and what the insurance fund took', {timeout: LONG_MS}, async () => {
		await command('liquidate', {symbol: 'LINKUSDT'})
		expect(await find('alerts', {code: 'LIQUIDATED', subject: 'LINKUSDT'})).toMatchObject({severity: 'critical'})
		expect(await find('trade.closed', {symbol: 'LINKUSDT'})).toMatchObject({
			exit_reason: 'liquidation',
			plan_id: 'edge-link-in',
		})
		await agrees()
		const taken = sumOf(await system.venue.income(), 'INSURANCE_CLEAR')
		expect(Number(taken)).toBeLessThan(0)
		expect((await ledgerVerdict(system)).changes['other:INSURANCE_CLEAR']).toEqual({USDT: taken})
		expect(await system.venue.stops()).toEqual([])
	})
})

describe.sequential('an order that fills in parts', () => {
	const symbol = '币安人生USDT'
	const quantity = '200000'
	/** Newest last: a level that is thick beyond expectation may end one at once. */
	const orders: string[] = []
	const parts = async () => (await tradesOf(symbol)).filter(row => orders.includes(String(row.orderId)))

	/** The market's best price. */
	const best = async (side: 'bids' | 'asks'): Promise<number> => {
		const depth = (await system.venue.signed('GET', '/fapi/v1/depth', {symbol, limit: '5'})) as Record<
			string,
			string[][]
		>
		return Number(depth[side]?.[0]?.[0])
	}
	const placeOutOfReach = async (): Promise<void> => {
		const {orderId} = (await system.venue.signed('POST', '/fapi/v1/order', {
			symbol,
			side: 'BUY',
			type: 'LIMIT',
			timeInForce: 'GTC',
			quantity,
			price: ((await best('bids')) * 0.97).toFixed(5),
			newClientOrderId: `q-edge-parts-${orders.length}`,
		})) as {orderId: number}
		orders.push(String(orderId))
	}
	/** Moves the newest order; false when it has ended. */
	const moveTo = async (price: number): Promise<boolean> => {
		const amended = {symbol, orderId: orders.at(-1) ?? '', side: 'BUY', quantity, price: price.toFixed(5)}
		try {
			await system.venue.signed('PUT', '/fapi/v1/order', amended)
		} catch (error) {
			if (String(error).includes('-2013')) return false
			// It is there already.
			if (!String(error).includes('-5027')) throw error
		}
		return true
	}
	/** Moves the order to the best price of the other side, until one more part of it is filled, and out of reach again. */
	const fillMore = async (): Promise<void> => {
		const before = (await parts()).length
		await eventually(
			async () => {
				if (!(await moveTo(await best('asks')))) await placeOutOfReach()
				return (await parts()).length > before
			},
			{...patient, what: 'one more part is filled'},
		)
		await moveTo((await best('bids')) * 0.97)
	}
	/** Leaves too little BNB for any fee: what is filled from now on pays in USDT. */
	const takeBnbOut = async (): Promise<void> => {
		const {BNB = '0'} = await system.venue.wallet()
		await command('transfer', {asset: 'BNB', amount: add(negate(BNB), '0.00000001')})
	}
	const killed = async (name: string): Promise<number> => {
		const pid = await system.pidOf(name)
		process.kill(pid, 'SIGKILL')
		return pid
	}
	const comesBack = (name: string, dead: number) =>
		eventually(
			async () => {
				const {processes, stages} = await system.status()
				const found = processes.find(process => process.name === name)
				return found?.ready === true && found.pid !== dead && stages.every(({open}) => open)
			},
			{...patient, what: `${name} is back`},
		)

	it('across the deaths of those who book it is booked part by part, once', {timeout: LONG_MS}, async () => {
		// Enough for the fee of the first part, however much the market has to offer.
		await command('transfer', {asset: 'BNB', amount: '1'})
		await placeOutOfReach()
		await fillMore()
		await takeBnbOut()
		const dead = {exec: await killed('host-exec'), state: await killed('host-state')}
		await fillMore()
		await fillMore()
		await comesBack('host-exec', dead.exec)
		await comesBack('host-state', dead.state)
		await fillMore()
		await killed('host-state').then(pid => comesBack('host-state', pid))
		await system.venue.signed('DELETE', '/fapi/v1/allOpenOrders', {symbol})
		const filled = (await parts()).map(({id}) => String(id))
		expect(filled.length).toBeGreaterThanOrEqual(4)
		const booked = async () =>
			(await journal<{symbol: string; trade_id: string; plan_id: string}[]>(system, 'fills?limit=100000'))
				.filter(({plan_id}) => plan_id.startsWith('edge-parts-'))
				.map(({trade_id}) => trade_id)
		await eventually(
			async () => {
				expect((await booked()).toSorted()).toEqual(filled.toSorted())
				return true
			},
			{...patient, what: 'each part is booked once with its plan'},
		)
	})

	it('and when it is over, it adds up, where BNB ran out as well', {timeout: LONG_MS}, async () => {
		await eventually(
			async () => {
				const open_quantity = await amountAtVenue(symbol)
				if (Number(open_quantity) === 0) return true
				const closing = {symbol, side: 'SELL', type: 'MARKET', quantity: open_quantity, reduceOnly: 'true'}
				await system.venue.signed('POST', '/fapi/v1/order', closing).catch(() => undefined)
				return false
			},
			{...patient, what: `${symbol} is flat`},
		)
		await agrees()
		const assets = (await tradesOf(symbol)).map(({commissionAsset}) => commissionAsset)
		expect(new Set(assets)).toEqual(new Set(['BNB', 'USDT']))
		const closed = await find('trade.closed', {symbol})
		const ours = fillsOf(system.venue.log()).filter(fill => fill.symbol === symbol && fill.side === 'BUY')
		expect(equal(closed.quantity ?? '', add('0', ...ours.map(({quantity}) => quantity)))).toBe(true)
	})
})

it('the days of the income have every row of it, and nobody has found a difference', {timeout: LONG_MS}, async () => {
	const income = await system.venue.income()
	const days = new Map(income.map(({time}) => [dayOf(time), income.filter(row => dayOf(row.time) === dayOf(time))]))
	await eventually(
		async () => {
			for (const [day, rows] of days) {
				const kept = await system.bus.hashAll(system.naming.key(keys.pnlDay, {day}))
				expect(kept).toMatchObject({rows: String(rows.length), differences: '0', funding: sumOf(rows, 'FUNDING_FEE')})
				expect(kept.commission).toBe(sumOf(rows, 'COMMISSION'))
				expect(kept.commission_bnb ?? '0').toBe(sumOf(rows, 'COMMISSION', 'BNB'))
				expect(kept.transfers).toBe(sumOf(rows, 'TRANSFER'))
			}
			return true
		},
		{within_ms: 90_000, every_ms: 500, what: 'the days are read'},
	)
	const balances = await entriesOf(system, 'account.balance')
	for (const [asset, wallet] of Object.entries(await system.venue.wallet()))
		expect(equal(balances.findLast(row => row.asset === asset)?.wallet_balance ?? '', wallet)).toBe(true)
	const wrong = ['INCOME_DIFFERS', 'INCOME_UNREAD', 'JOURNAL_FAILED']
	expect((await entriesOf(system, 'alerts')).filter(({code = ''}) => wrong.includes(code))).toEqual([])
})
