import {rmSync, writeFileSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {auditLog} from '../../../src/daemon/client/audit.js'
import {blockedSymbols, blocksInFile} from '../../../src/daemon/client/block-file.js'
import {type BlockOptions, blockSymbol, liftBlock} from '../../../src/daemon/client/blocking.js'
import {readStatus} from '../../../src/daemon/client/system-status.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {startSystem, TestGateway, type TestSystem} from './system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
beforeEach(async () => {
	await system.reset()
	rmSync(system.home.blocked, {force: true})
})
afterAll(() => system.stop())

const options = (of: Partial<BlockOptions> = {}): BlockOptions => ({
	home: system.home,
	mode: 'PAPER',
	symbol: '币安人生USDT',
	by: 'ada',
	reason: 'a rumour',
	now_ms: Date.now,
	openVenue: async () => ({kind: 'not-running', detail: 'no venue'}),
	...of,
})
const shared = () => system.state.bus.hashAll(system.state.naming.key(keys.blockedSymbols, {}))

describe('stopping one symbol', () => {
	it('stands in both places, in the status and in the audit log, until it is lifted', async () => {
		const gateway = await TestGateway.start(system)
		const report = await blockSymbol(options())
		expect(report).toMatchObject({state: 'BLOCKED', symbol: '币安人生USDT', by: 'ada', unrecorded: null})
		expect(Object.keys(await shared())).toEqual(['币安人生USDT'])
		expect(blocksInFile(system.home)).toMatchObject({币安人生USDT: {by: 'ada', reason: 'a rumour'}})
		expect((await readStatus(system.home)).blocked).toEqual(['币安人生USDT'])
		expect(auditLog(system.home, 1)).toMatchObject([{what: 'kill --symbol 币安人生USDT', outcome: 'BLOCKED'}])
		await blockSymbol(options({symbol: 'ETHUSDT'}))
		await liftBlock(system.home, system.state, '币安人生USDT', Date.now)
		expect(Object.keys(await shared())).toEqual(['ETHUSDT'])
		expect(Object.keys(blocksInFile(system.home))).toEqual(['ETHUSDT'])
		await gateway.stop()
	})

	it('is not confirmed while an order of the symbol is on its way', async () => {
		const gateway = await TestGateway.start(system)
		gateway.symbols_in_flight = '币安人生USDT'
		const report = await blockSymbol(options({gateways_ms: 400, outcomes_ms: 0}))
		expect(report).toMatchObject({
			state: 'NOT CONFIRMED',
			steps: [{ok: true}, {ok: true}, {name: 'gateways', ok: false}, {}],
		})
		gateway.symbols_in_flight = 'ETHUSDT'
		expect(await blockSymbol(options())).toMatchObject({state: 'BLOCKED'})
		await gateway.stop()
	})

	it('is held by the file alone while Redis is down, and by Redis alone when the file is lost', async () => {
		await system.redis.kill9()
		const report = await blockSymbol(options())
		expect(report.state).toBe('BLOCKED')
		expect(report.steps[1]?.detail).toContain('the file alone holds the block')
		await system.redis.restart()
		expect(blockedSymbols(system.home, await shared())).toEqual(['币安人生USDT'])
		await blockSymbol(options())
		rmSync(system.home.blocked)
		expect((await readStatus(system.home)).blocked).toEqual(['币安人生USDT'])
	})

	it('by several at once forgets none', async () => {
		const symbols = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT']
		await Promise.all(symbols.map(symbol => blockSymbol(options({symbol}))))
		expect(Object.keys(blocksInFile(system.home)).sort()).toEqual(symbols)
		expect(Object.keys(await shared()).sort()).toEqual(symbols)
	})

	it('is not lifted where it does not stand; a file that cannot be read is', async () => {
		const lift = () => liftBlock(system.home, system.state, 'ETHUSDT', Date.now)
		await expect(lift()).rejects.toMatchObject({exit_code: EXIT_CODES.refused})
		writeFileSync(system.home.blocked, '{')
		expect(blocksInFile(system.home)).toBe('unreadable')
		expect(await lift()).toMatchObject({state: 'LIFTED'})
		expect(blocksInFile(system.home)).toEqual({})
	})
})
