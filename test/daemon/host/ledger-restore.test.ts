import {writeFileSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {pino} from 'pino'
import {afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {journalAdapters} from '../../../src/daemon/host/journal-adapters.js'
import type {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import {encodeEnvelope} from '../../../src/engine/contracts/envelope.js'
import {encodeFields} from '../../../src/engine/contracts/field.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {exchangeNormalized} from '../../../src/engine/contracts/streams/account.js'
import {alerts} from '../../../src/engine/contracts/streams/ops.js'
import {anyUnit} from '../../../src/engine/contracts/unit.js'
import {UnitLoop} from '../../../src/engine/runtime/unit-loop.js'
import {tradeLogger} from '../../../src/engine/units/state/trade-logger.js'
import {QuickClock} from '../../engine/runtime/stall-run.js'
import {fill, income} from '../../engine/units/account-events.js'
import {startBus} from '../../support/bus.js'
import {HandClock} from '../../support/drive.js'
import {eventually} from '../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

const naming = new Naming('t:')
let bus: RedisBus
let home: TemporaryHome
const open: Array<{close(): Promise<void>}> = []
beforeAll(async () => {
	const own = await startBus()
	bus = own.bus
	return own.close
})
beforeEach(async () => {
	await bus.redis.flushall()
	home = await temporaryHome()
})
afterEach(async () => {
	for (const each of open.splice(0)) await each.close()
	await home.remove()
})

const path = () => join(home.path, 'trades.duckdb')
const environment = () => {
	const onClose: Array<() => Promise<void>> = []
	const made = {
		...{bus, naming, clock: new HandClock(), log: pino({level: 'silent'}), onClose},
		...{config: {trade_journal: path(), name: 'host-state'}, routes: new Map(), commands: new Map()},
		close: async () => {
			for (const each of onClose.splice(0)) await each()
		},
	}
	open.push(made)
	return made
}
/** Runs the ledger over what lies on its streams until all of it is booked and on disk. */
const run = async () => {
	const at = environment()
	const adapters = await journalAdapters(at)
	const clock = new QuickClock()
	const unit = anyUnit(tradeLogger)
	const common = {unit, bus, naming, clock, policy: defaultPolicy, mode: 'PAPER' as const, host: 'host-state'}
	const loop = new UnitLoop({...common, adapters})
	const stop = new AbortController()
	const running = loop.run(stop.signal)
	const group = naming.group(tradeLogger.name, exchangeNormalized.name)
	await eventually(async () => {
		const {undelivered, pending} = await bus.backlog(naming.stream(exchangeNormalized.name), group)
		return undelivered === 0 && pending === 0 && (await bus.redis.hlen(effects())) === 0
	})
	stop.abort()
	await running
	await at.close()
}
const effects = () => naming.key(keys.unitEffects, {unit: tradeLogger.name})
const book = () => bus.hashAll(naming.key(keys.ledger, {symbol: 'BTCUSDT'}))
const tell = async (id: string, event: Readonly<Record<string, unknown>>) => {
	const envelope = {id, cause: '', unit: 'exchange-stream-bridge', ts: 1_750_000_000_000, v: 1}
	const fields = {...encodeEnvelope({...envelope, authority: 'live'}), ...encodeFields(event)}
	await bus.append(naming.stream(exchangeNormalized.name), fields)
}
const tellAll = async () => {
	for (const n of [1, 2, 3]) await tell(`f${n}`, fill({trade_id: String(n), realised_pnl: `${n}.5`}))
	await tell('i1', income({}))
}
const said = async () =>
	(await bus.range(naming.stream(alerts.name), {count: 10})).map(({fields}) => [fields.code, fields.message])

describe('the books after the loss of Redis', () => {
	it('are derived from the journal before anything is handled, and go on without booking twice', async () => {
		await tellAll()
		await run()
		const before = await book()
		const seen = await bus.members(naming.key(keys.seenOrders, {}))
		expect(before).toMatchObject({fills: '3', realised_pnl: '7.5'})
		await bus.redis.flushall()
		// The account stream tells again what it cannot know to be booked, and something new.
		await tell('f3', fill({trade_id: '3', realised_pnl: '3.5'}))
		await tell('f4', fill({trade_id: '4', realised_pnl: '1'}))
		await run()
		expect(await book()).toMatchObject({
			...before,
			fills: '4',
			realised_pnl: '8.5',
			fees: '10',
			net: expect.any(String),
		})
		expect((await bus.members(naming.key(keys.seenOrders, {}))).toSorted()).toEqual([...seen, 'BTCUSDT:4'].toSorted())
		expect(await said()).toEqual([
			['LEDGER_REBUILT', 'The ledger had no books: rebuilt from 4 entries and 0 trades of the journal'],
		])
	})

	it('stay as they are where Redis has them', async () => {
		await tellAll()
		await run()
		await bus.redis.hset(naming.key(keys.ledger, {symbol: 'BTCUSDT'}), 'fills', '77')
		await run()
		expect((await book()).fills).toBe('77')
		expect(await said()).toEqual([])
	})

	it('a journal that cannot be read is named, and its host goes on', async () => {
		await mkdir(home.path, {recursive: true})
		writeFileSync(path(), 'not a database')
		const at = environment()
		await journalAdapters(at)
		const [[code, message] = []] = await said()
		expect(code).toBe('JOURNAL_UNREADABLE')
		expect(message).toContain(`The trade journal ${path()} cannot be read`)
		const listing = at.routes.get('/journal/trades')
		await expect(listing?.(new URLSearchParams())).rejects.toThrow('cannot be read')
		const state = await at.routes.get('/journal/state')?.(new URLSearchParams())
		expect(state).toMatchObject({fault: expect.stringContaining('cannot be read')})
	})
})
