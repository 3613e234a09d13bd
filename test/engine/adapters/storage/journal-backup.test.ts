import {existsSync} from 'node:fs'
import {readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DuckDBInstance} from '@duckdb/node-api'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {inspectJournal} from '../../../../src/engine/adapters/storage/journal-backup.js'
import {SCHEMA_VERSION} from '../../../../src/engine/adapters/storage/journal-schema.js'
import {TradeJournal} from '../../../../src/engine/adapters/storage/trade-journal.js'
import {type TemporaryHome, temporaryHome} from '../../../support/temporary-home.js'
import {journalFill} from './journal-rows.js'

let home: TemporaryHome
let journal: TradeJournal
const at = (name: string) => join(home.path, name)
beforeEach(async () => {
	home = await temporaryHome()
	journal = new TradeJournal(at('trades.duckdb'))
	await Promise.all(Array.from({length: 40}, (_, n) => journal.append(journalFill({trade_id: String(n + 1)}))))
})
afterEach(async () => {
	await journal.close()
	await home.remove()
})

/** Changes a copy by hand. */
const meddled = async (...statements: readonly string[]): Promise<string> => {
	await journal.backup(at('copy.duckdb'))
	const instance = await DuckDBInstance.create(at('copy.duckdb'), {threads: '1'})
	const connection = await instance.connect()
	for (const sql of statements) await connection.run(sql)
	connection.closeSync()
	instance.closeSync()
	return at('copy.duckdb')
}

test('a copy is whole while the journal is written, readable by nobody else, and can be written on', async () => {
	const writing = Promise.all(
		Array.from({length: 20}, (_, n) => journal.append(journalFill({trade_id: String(n + 1_000)}))),
	)
	await journal.backup(at('copy.duckdb'))
	await writing
	const copy = await inspectJournal(at('copy.duckdb'))
	expect(copy).toMatchObject({schema: SCHEMA_VERSION, trades: 0, from_ms: 1_750_000_000_001})
	expect(copy.entries).toBe(copy.fills)
	expect(copy.entries).toBeGreaterThanOrEqual(40)
	expect((await stat(at('copy.duckdb'))).mode & 0o777).toBe(0o600)
	const other = new TradeJournal(at('copy.duckdb'))
	await other.append(journalFill({trade_id: '1'}))
	await other.append(journalFill({trade_id: '5000'}))
	expect(await other.fills({limit: 10_000})).toHaveLength(copy.fills + 1)
	await other.close()
})

test('a copy never replaces a file, and leaves none behind that is not whole', async () => {
	await writeFile(at('there'), 'mine')
	await expect(journal.backup(at('there'))).rejects.toThrow(`${at('there')} exists already`)
	expect(await readFile(at('there'), 'utf8')).toBe('mine')
	await expect(journal.backup(at('no/such/folder'))).rejects.toThrow()
	expect(existsSync(at('no/such/folder.partial'))).toBe(false)
	await journal.backup(at('copy.duckdb'))
})

describe('a file is refused, with what is wrong with it', () => {
	test.each([
		['postings that do not balance', `update postings set amount = '1' where entry_id = 'fill:BTCUSDT:7' and line = 0`],
		['an entry without postings', `delete from postings where entry_id = 'fill:BTCUSDT:7'`],
		['postings without an entry', `delete from entries where id = 'fill:BTCUSDT:7'`],
		['a newer schema', `insert into schema_version values (${SCHEMA_VERSION + 1})`],
		['a table that is missing', 'drop table trades'],
	])('%s', async (what, sql) => {
		const words: Readonly<Record<string, string>> = {
			'postings that do not balance': 'the postings of 1 entries do not balance',
			'an entry without postings': '1 entries have no postings',
			'postings without an entry': '4 postings belong to no entry',
			'a newer schema': `schema ${SCHEMA_VERSION + 1}; this program knows 1 to ${SCHEMA_VERSION}`,
			'a table that is missing': 'trades',
		}
		const path = await meddled(sql)
		await expect(inspectJournal(path)).rejects.toThrow(`${path} is no sound journal`)
		await expect(inspectJournal(path)).rejects.toThrow(words[what])
	})

	test.each([
		['no database at all', (_: Buffer) => Buffer.from('not a database')],
		['half of one', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
		['a broken head', (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index < 64 ? byte ^ 0x5a : byte)))],
	])('%s', async (_, spoil) => {
		await journal.backup(at('copy.duckdb'))
		await writeFile(at('spoilt'), spoil(await readFile(at('copy.duckdb'))))
		await expect(inspectJournal(at('spoilt'))).rejects.toThrow(`${at('spoilt')} is no sound journal`)
		const broken = new TradeJournal(at('spoilt'))
		await expect(broken.open()).rejects.toThrow(`The trade journal ${at('spoilt')} cannot be read`)
		await broken.close()
	})
})
