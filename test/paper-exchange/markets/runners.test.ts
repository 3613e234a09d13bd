import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {describe, expect, it, vi} from 'vitest'
import {csv, FIRST_MS, folder, rows} from './candle-fixture.js'
import {smallTape} from './tape-fixture.js'

const SUPPORT = new URL('../../support/typescript.mjs', import.meta.url).href

/** Each starts a process that compiles what it loads; on a busy machine that takes long. */
vi.setConfig({testTimeout: 120_000})

/** Runs one of the market's programs as a process. */
function run(name: string, ...options: string[]) {
	const file = fileURLToPath(new URL(`../../../src/paper-exchange/markets/${name}.ts`, import.meta.url))
	return execa(process.execPath, ['--import', SUPPORT, file, ...options], {reject: false})
}

describe('tape-check', () => {
	it('prints counts, chain and agreement of a whole tape', async () => {
		await using saved = await smallTape().save()
		const {stdout, exitCode} = await run('tape-check', saved.file)
		expect(stdout.split('\n')).toEqual([
			'messages  bookTicker 4, depthUpdate 3, snapshot 1, trade 1',
			'time      2026-02-03T07:59:58.000Z to 2026-02-03T07:59:59.300Z (1.3 s)',
			'told as   book 6, mark 2, trade 1',
			'AAAUSDT',
			'  depth     1 snapshots, 1 updates applied, 0 old, 2 before a snapshot, 0 gaps',
			'  agreement 1 comparisons with bookTicker: prices 100.00 %, prices and quantities 100.00 %, 0 crossed books',
		])
		expect(exitCode).toBe(0)
	})

	it('ends with 3 when the chain breaks', async () => {
		await using saved = await smallTape()
			.depth(500, 501, 499, [['100.0', '1']], [])
			.save()
		const broken = await run('tape-check', saved.file)
		expect([broken.exitCode, broken.stdout]).toEqual([3, expect.stringContaining('1 gaps')])
	})
})

describe('the report', () => {
	it('compares with recorded candles and writes a page of figures', async () => {
		const minutes = 3 * 1440
		await using long = await folder({
			'BTCUSDT.csv.gz': csv(rows(minutes + 120)),
			'AAAUSDT.csv': csv(rows(minutes + 60, FIRST_MS + 1_800_000, 50)),
		})
		const out = join(long.dir, 'page.md')
		const {stderr, exitCode} = await run('report', '--data', long.dir, '--seeds', '1', '--days', '3', '--out', out)
		expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^\d+ figures outside the recorded range/)])
		const page = await readFile(out, 'utf8')
		expect(page).toContain('Recorded: 2 symbols from 2025-05-05 to 2025-05-08. Synthetic: 3 days, seeds 1.')
		expect(page.split('\n').filter(line => /\| (yes|no) \|$/.test(line))).toHaveLength(20)
	})
})
