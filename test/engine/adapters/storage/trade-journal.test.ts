import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DuckDBInstance} from '@duckdb/node-api'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {inspectJournal} from '../../../../src/engine/adapters/storage/journal-backup.js'
import {SCHEMA_VERSION} from '../../../../src/engine/adapters/storage/journal-schema.js'
import {journalEffect, TradeJournal} from '../../../../src/engine/adapters/storage/trade-journal.js'
import {add} from '../../../../src/engine/logic/exact.js'
import {incomeEntry} from '../../../../src/engine/logic/ledger.js'
import {allEntries} from '../../../../src/engine/logic/ledger-pages.js'
import {eventually} from '../../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../../support/temporary-home.js'
import {journalFill} from './journal-rows.js'

const trade = {
	trade_id: 't-1',
	symbol: 'BTCUSDT',
	side: 'LONG' as const,
	quantity: '0.1',
	entry_price: '50000',
	exit_price: '51000',
	opened_ms: 1_000,
	closed_ms: 2_000,
	realised_pnl: '100',
	fees: '5',
	net_pnl: '95',
	plan_id: 'plan-1',
	exit_plan_id: 'plan-2',
	exit_reason: 'target',
}

let home: TemporaryHome
let journal: TradeJournal
const path = () => join(home.path, 'journal', 'trades.duckdb')
beforeEach(async () => {
	home = await temporaryHome()
	journal = new TradeJournal(path())
})
afterEach(async () => {
	await journal.close()
	await home.remove()
})

test('what is written is read back as it was written, also by the next process', async () => {
	const fill = journalFill({trade_id: '7'})
	await journal.append(fill)
	await journal.append({kind: 'plan', symbol: 'BTCUSDT', trade_id: '7', plan_id: 'plan-1'})
	await journal.append({kind: 'trade', trade})
	await journal.close()
	journal = new TradeJournal(path())
	expect(await journal.fills()).toEqual([{...fill.fill, plan_id: 'plan-1'}])
	expect(await journal.entries()).toEqual([fill.entry])
	expect(await journal.trades()).toEqual([trade])
})

describe('a journal of the first schema', () => {
	/** Takes away what came later, as an older program left it. */
	const older = async (): Promise<void> => {
		await journal.append({kind: 'trade', trade})
		await journal.close()
		const instance = await DuckDBInstance.create(path())
		const connection = await instance.connect()
		await connection.run('alter table trades drop column strategy; alter table trades drop column other_fees')
		await connection.run('delete from schema_version where version > 1')
		connection.closeSync()
		instance.closeSync()
		journal = new TradeJournal(path())
	}

	test('is brought up to date, keeps what it has, and takes old requests that were pending as well as new ones', async () => {
		await older()
		const pending = {...trade, trade_id: 't-2', closed_ms: 3_000}
		const fresh = {...trade, trade_id: 't-3', closed_ms: 4_000, strategy: 'trading-bot', other_fees: {BNB: '0.01'}}
		await Promise.all([pending, fresh, trade].map(of => journal.append({kind: 'trade', trade: of})))
		expect(await journal.trades()).toEqual([fresh, pending, trade])
		await journal.close()
		journal = new TradeJournal(path())
		expect(await journal.trades()).toEqual([fresh, pending, trade])
	})

	test('can be read as a backup', async () => {
		await older()
		expect(await inspectJournal(path())).toMatchObject({schema: 1, trades: 1})
	})
})

test('written twice, it is there once, and the first stays', async () => {
	const {entry, fill} = journalFill({trade_id: '7'})
	await Promise.all([journal.append({kind: 'fill', entry, fill}), journal.append({kind: 'fill', entry, fill})])
	await journal.append({kind: 'fill', entry, fill: {...fill, price: '1'}})
	await journal.append({kind: 'plan', symbol: 'BTCUSDT', trade_id: '7', plan_id: 'plan-1'})
	await journal.append({kind: 'plan', symbol: 'BTCUSDT', trade_id: '7', plan_id: 'plan-2'})
	expect(await journal.fills()).toEqual([{...fill, plan_id: 'plan-1'}])
	expect(await journal.totals()).toEqual({
		wallet: {USDT: add('0.1', '-0.02500001')},
		realised_pnl: {USDT: '-0.1'},
		fees: {USDT: '0.02500001'},
	})
})

test('many at once are one transaction', async () => {
	await journal.append(journalFill({trade_id: '1'}))
	const before = journal.transactions
	await Promise.all(Array.from({length: 200}, (_, index) => journal.append(journalFill({trade_id: String(index + 2)}))))
	expect(journal.transactions - before).toBe(1)
	expect(await journal.fills({limit: 1_000})).toHaveLength(201)
})

describe('listings', () => {
	beforeEach(async () => {
		const ids = ['9', '10', '11']
		await Promise.all(ids.map(trade_id => journal.append(journalFill({trade_id, ts_ms: 5}))))
		await journal.append(journalFill({trade_id: '1', symbol: '币安人生USDT', ts_ms: 9}))
		const entry = incomeEntry({
			income_type: 'FUNDING_FEE',
			asset: 'USDT',
			amount: '-0.000000000000000001',
			symbol: 'BTCUSDT',
			transaction_id: '3',
			ts_ms: 7,
		})
		await journal.append({kind: 'income', entry})
	})
	test.each([
		['newest first', {}, ['币安人生USDT:1', 'BTCUSDT:11', 'BTCUSDT:10', 'BTCUSDT:9']],
		['of a symbol', {symbol: 'BTCUSDT'}, ['BTCUSDT:11', 'BTCUSDT:10', 'BTCUSDT:9']],
		['so many', {symbol: 'BTCUSDT', limit: 1}, ['BTCUSDT:11']],
	])('fills, %s', async (_, query, expected) => {
		expect((await journal.fills(query)).map(({symbol, trade_id}) => `${symbol}:${trade_id}`)).toEqual(expected)
	})
	test.each([
		[
			'all, oldest first',
			{},
			['fill:BTCUSDT:10', 'fill:BTCUSDT:11', 'fill:BTCUSDT:9', 'income:FUNDING_FEE:3', 'fill:币安人生USDT:1'],
		],
		['from a time on', {from: 7}, ['income:FUNDING_FEE:3', 'fill:币安人生USDT:1']],
		['up to a time', {from: 6, to: 9}, ['income:FUNDING_FEE:3']],
	])('entries, %s', async (_, query, expected) => {
		expect((await journal.entries(query)).map(({id}) => id)).toEqual(expected)
	})
	test('all entries, page by page', async () => {
		const pages: number[] = []
		const all = await allEntries(async query => {
			const page = await journal.entries({...query, limit: 2})
			pages.push(page.length)
			return page
		})
		expect(all).toEqual(await journal.entries())
		expect(pages).toEqual([2, 2, 1, 0])
	})
	test('totals are exact to the last of 18 decimals', async () => {
		expect((await journal.totals()).funding).toEqual({USDT: '0.000000000000000001'})
	})
})

test('the effect confirms what is on disk', async () => {
	const effect = journalEffect(journal)
	const info = {idempotency_key: 'fill:BTCUSDT:1', recovered: false, signal: new AbortController().signal}
	expect(await effect.perform(journalFill(), info)).toEqual({written: true})
	expect(await effect.perform(journalFill(), {...info, recovered: true})).toEqual({written: true})
	expect(await journal.fills()).toHaveLength(1)
})

test('what cannot be written is refused after all attempts, and written once it can be', async () => {
	const blocked = join(home.path, 'blocked')
	await writeFile(blocked, 'a file where the directory should be')
	const other = new TradeJournal(join(blocked, 'trades.duckdb'), 1)
	await expect(other.append(journalFill())).rejects.toThrow(/EEXIST|ENOTDIR/)
	await rm(blocked)
	await other.append(journalFill())
	expect(await other.fills()).toHaveLength(1)
	await other.close()
})

test('a journal of a newer program is refused and left as it is', async () => {
	await journal.append(journalFill())
	await journal.close()
	const instance = await DuckDBInstance.create(path())
	const connection = await instance.connect()
	await connection.run('insert into schema_version values (99)')
	connection.closeSync()
	instance.closeSync()
	journal = new TradeJournal(path())
	await expect(journal.fills()).rejects.toThrow(`has schema 99; this program knows up to ${SCHEMA_VERSION}`)
})

test('a process killed in the middle of writing loses nothing that it has confirmed', async () => {
	const support = new URL('../../../support/typescript.mjs', import.meta.url).href
	const script = new URL('journal-writer.ts', import.meta.url).pathname
	const confirmed = new Set<string>()
	for (const from of ['1', '100001']) {
		const child = spawn(process.execPath, ['--import', support, script, path(), from], {
			stdio: ['ignore', 'pipe', 'inherit'],
		})
		const closed = once(child, 'close')
		let output = ''
		child.stdout.on('data', chunk => {
			output += String(chunk)
		})
		try {
			await eventually(() => output.split('\n').length > 50, {within_ms: 40_000, what: 'fifty confirmed fills'})
		} finally {
			child.kill('SIGKILL')
			await closed
		}
		// The last line may have been cut while it was printed; what stands before it was confirmed.
		for (const id of output.split('\n').slice(0, -1)) confirmed.add(id)
		journal = new TradeJournal(path())
		const written = new Set((await journal.fills({limit: 100_000})).map(({trade_id}) => trade_id))
		expect([...confirmed].filter(id => !written.has(id))).toEqual([])
		const entries = await journal.entries({limit: 100_000})
		expect(entries.length).toBe(written.size)
		expect(entries.every(({postings}) => postings.length === 4)).toBe(true)
		await journal.close()
	}
}, 90_000)
