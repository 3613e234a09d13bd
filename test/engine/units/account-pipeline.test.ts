import {afterEach, expect, test} from 'vitest'
import {SystemClock} from '../../../src/engine/adapters/clock/system-clock.js'
import {accountFeed} from '../../../src/engine/adapters/exchange/account-feed.js'
import {venueInspector} from '../../../src/engine/adapters/exchange/venue-inspector.js'
import {journalEffect, TradeJournal} from '../../../src/engine/adapters/storage/trade-journal.js'
import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {anyUnit} from '../../../src/engine/contracts/unit.js'
import type {ResumePoint} from '../../../src/engine/exchange/account-cursor.js'
import {add, equal} from '../../../src/engine/logic/exact.js'
import {type VenueIncome, verifyLedger} from '../../../src/engine/logic/ledger-verify.js'
import {noAdapters, type UnitAdapters} from '../../../src/engine/runtime/adapters.js'
import {UnitLoop} from '../../../src/engine/runtime/unit-loop.js'
import {exchangeStreamBridge, resumeOf} from '../../../src/engine/units/core/exchange-stream-bridge.js'
import {balanceTracker} from '../../../src/engine/units/state/balance-tracker.js'
import {positionStateBrain} from '../../../src/engine/units/state/position-state-brain.js'
import {reconcileEngine} from '../../../src/engine/units/state/reconcile-engine.js'
import {tradeLogger} from '../../../src/engine/units/state/trade-logger.js'
import {TestVenue} from '../../paper-exchange/venue-fixture.js'
import {eventually} from '../../support/eventually.js'
import {temporaryHome} from '../../support/temporary-home.js'
import {configOf} from '../adapters/exchange/gateway-fixture.js'

const after = (ms: number, callback: () => void) => {
	const signal = AbortSignal.timeout(ms)
	signal.addEventListener('abort', callback, {once: true})
	return () => signal.removeEventListener('abort', callback)
}

const closing: Array<() => Promise<void>> = []
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close()
})

/** The units of the account over a real venue, sockets and journal, until they are stopped. */
const runUnits = (venue: TestVenue, bus: MemoryBus, journal: TradeJournal) => {
	const naming = new Naming('test:')
	const state = () => bus.store.hashGet('test:unit:state:exchange-stream-bridge', '*')
	const config = configOf(venue)
	const resumeFrom = () => resumeOf(state()) as ResumePoint | undefined
	const adapters: readonly (readonly [unit: unknown, adapters: UnitAdapters])[] = [
		[exchangeStreamBridge, {feeds: {account: accountFeed(config, {resumeFrom})}, effects: {}}],
		[positionStateBrain, noAdapters],
		[balanceTracker, noAdapters],
		[tradeLogger, {feeds: {}, effects: {journal: journalEffect(journal)}}],
		[reconcileEngine, {feeds: {}, effects: {inspect: venueInspector(config)}}],
	]
	const stop = new AbortController()
	const clock = new SystemClock()
	const common = {bus, naming, clock, policy: defaultPolicy, mode: 'PAPER' as const, host: 'test'}
	const running = Promise.all(
		adapters.map(([unit, adapters]) => new UnitLoop({...common, unit: anyUnit(unit), adapters}).run(stop.signal)),
	)
	running.catch(() => undefined)
	return async () => {
		stop.abort()
		await running
	}
}

const start = async () => {
	const venue = await TestVenue.start()
	closing.push(() => venue.close())
	await venue.advance(10)
	const home = await temporaryHome()
	const bus = new MemoryBus({now: Date.now, after})
	const journal = new TradeJournal(`${home.path}/trades.duckdb`)
	closing.push(home.remove, () => journal.close())
	const store = bus.store
	return {
		venue,
		bus,
		journal,
		position: (symbol: string) => store.hashAll(`test:position:snapshot:${symbol}`),
		ledger: (symbol: string) => store.hashAll(`test:ledger:${symbol}`),
		reconciled: (outcome: string) =>
			eventually(() => store.hashGet('test:reconcile:last', 'outcome') === outcome, {within_ms: 60_000}),
		settled: () => eventually(() => store.hashSize('test:unit:effects:trade-logger') === 0),
	}
}

/** The proof as an operator asks for it: the journal against the venue's own history and wallet. */
const proofOf = async (venue: TestVenue, journal: TradeJournal) => {
	const income = (await venue.allIncome()).map(
		(row): VenueIncome => ({
			income_type: String(row.incomeType),
			asset: String(row.asset),
			amount: String(row.income),
			symbol: String(row.symbol),
			transaction_id: String(row.tranId),
			trade_id: String(row.tradeId),
		}),
	)
	const wallet = {USDT: String((await venue.balance()).balance)}
	return {entries: await journal.entries(), income, wallet, initial: {}}
}

test('from the venue to position, ledger and journal, and all of it proven', async () => {
	const {venue, bus, journal, position, ledger, reconciled, settled} = await start()
	closing.push(runUnits(venue, bus, journal))
	await reconciled('CLEAN')
	await venue.market('BTCUSDT', 'BUY', '1.500')
	await eventually(() => position('BTCUSDT').amount === '1.5')
	expect(position('BTCUSDT').stop_resting).toBe('false')
	await venue.algo({symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_MARKET', triggerPrice: '50000', closePosition: true})
	await eventually(() => position('BTCUSDT').stop_resting === 'true')
	await venue.market('BTCUSDT', 'SELL', '0.700')
	await venue.market('币安人生USDT', 'SELL', '1000')
	await venue.algo({symbol: '币安人生USDT', side: 'BUY', type: 'STOP_MARKET', triggerPrice: '0.4', closePosition: true})
	await eventually(() => position('币安人生USDT').stop_resting === 'true' && position('BTCUSDT').amount === '0.8')
	for (const symbol of ['BTCUSDT', '币安人生USDT']) {
		const told = await venue.position(symbol)
		expect(equal(position(symbol).amount ?? '', String(told?.positionAmt))).toBe(true)
		expect(equal(position(symbol).entry_price ?? '', String(told?.entryPrice))).toBe(true)
	}
	await settled()
	const proof = await proofOf(venue, journal)
	expect(verifyLedger(proof)).toMatchObject({ok: true, differences: []})
	const planted = proof.entries.map(entry =>
		entry.id === `fill:BTCUSDT:${entry.reference}` &&
		entry === proof.entries.findLast(({symbol}) => symbol === 'BTCUSDT')
			? {
					...entry,
					postings: entry.postings.map(posting =>
						posting.account === 'fees' ? {...posting, amount: add(posting.amount, '0.00000001')} : posting,
					),
				}
			: entry,
	)
	const {ok, differences} = verifyLedger({...proof, entries: planted})
	expect(ok).toBe(false)
	expect(differences).toMatchObject([{kind: 'amount', symbol: 'BTCUSDT', type: 'COMMISSION'}])
	expect(proof.income.some(({income_type}) => income_type === 'REALIZED_PNL')).toBe(true)
	expect(ledger('BTCUSDT')).toMatchObject({fills: '3', position_amount: '0.8'})
	expect(Object.keys(bus.store.hashAll('test:unit:state:balance-tracker'))).toContain('USDT')
	await reconciled('CLEAN')
})

test('what happened while the units were down is made up for, once', async () => {
	const {venue, bus, journal, position, ledger, reconciled, settled} = await start()
	const stop = runUnits(venue, bus, journal)
	await reconciled('CLEAN')
	await venue.market('BTCUSDT', 'BUY', '0.5')
	await eventually(() => position('BTCUSDT').amount === '0.5')
	await stop()
	await venue.market('BTCUSDT', 'BUY', '0.25')
	await venue.algo({symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_MARKET', triggerPrice: '50000', closePosition: true})
	closing.push(runUnits(venue, bus, journal))
	await eventually(() => position('BTCUSDT').amount === '0.75')
	// Nobody told of the stop: only reconciliation can know.
	await eventually(() => position('BTCUSDT').stop_resting === 'true', {within_ms: 60_000})
	await reconciled('CLEAN')
	await settled()
	expect(position('BTCUSDT').amount).toBe('0.75')
	expect(ledger('BTCUSDT').fills).toBe('2')
	expect(verifyLedger(await proofOf(venue, journal))).toMatchObject({ok: true, differences: []})
})
