import {appendFile, mkdir, readdir, readFile, rm, symlink} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {APPEND_WAIT_MAX_MS, JournalFile, readJournal} from '../../../../src/engine/adapters/storage/journal-file.js'
import type {JournalLine} from '../../../../src/engine/runtime/journal.js'
import {eventually} from '../../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../../support/temporary-home.js'

let home: TemporaryHome
let path = ''
let errors: string[] = []
const onError = (error: Error) => errors.push(error.message)
beforeEach(async () => {
	home = await temporaryHome()
	path = join(home.path, 'core.jsonl')
	errors = []
})
afterEach(() => home.remove())

const line = (commits: number, extra = ''): JournalLine => ({
	kind: 'step',
	unit: 'u',
	commits,
	now: {now_ms: 1, machine_ms: 2, speed: 1},
	inputs: [{kind: 'entry', port: 'p', id: '1-0', fields: {symbol: '币安人生USDT', extra}}],
})
const numbers = async () => {
	const read: Array<number | string> = []
	for await (const found of readJournal(path)) read.push('commits' in found ? found.commits : `gap of ${found.lines}`)
	return read
}
const upTo = (count: number) => Array.from({length: count}, (_, n) => n)

test('a line is in the file when the promise resolves', async () => {
	const file = new JournalFile({path, onError})
	await file.append(line(0))
	expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(line(0))
	await Promise.all(upTo(100).map(n => file.append(line(n + 1))))
	await file.close()
	expect(await numbers()).toEqual(upTo(101))
	expect(errors).toEqual([])
})

test('files are put aside by size, and only so many are kept', async () => {
	const file = new JournalFile({path, onError, bytes_max: 1_000, files_max: 3})
	for (const n of upTo(60)) await file.append(line(n))
	await file.close()
	expect((await readdir(home.path)).toSorted()).toEqual(['core.jsonl', 'core.jsonl.1', 'core.jsonl.2', 'core.jsonl.3'])
	const kept = await numbers()
	expect(kept).toEqual(upTo(60).slice(-kept.length))
	expect(kept.length).toBeGreaterThan(12)
	expect(kept.length).toBeLessThan(30)
	expect(errors).toEqual([])
})

test('half a line that a dead process left behind swallows nothing', async () => {
	await appendFile(path, `${JSON.stringify(line(0))}\n{"kind":"st`)
	const file = new JournalFile({path, onError})
	await file.append(line(1))
	await file.close()
	expect(await numbers()).toEqual([0, 'gap of 1', 1])
})

test('a full disk is reported once, holds nothing up, and what was waiting is written when there is room', async () => {
	await symlink('/dev/full', path)
	const file = new JournalFile({path, onError})
	await file.append(line(0))
	await eventually(() => errors.length > 0)
	expect(errors[0]).toMatch(/^Cannot write .*core\.jsonl: ENOSPC/)
	const begun = performance.now()
	for (const n of upTo(50)) await file.append(line(n + 1))
	expect(performance.now() - begun).toBeLessThan(10 * APPEND_WAIT_MAX_MS)
	expect(errors).toHaveLength(1)
	await file.close()
	expect(errors).toHaveLength(3)
	expect(errors[2]).toMatch(/^51 lines of .* were never written/)
})

test('what was waiting is written as soon as the disk has room', async () => {
	await rm(path, {force: true})
	await mkdir(path)
	const file = new JournalFile({path, onError})
	for (const n of upTo(3)) await file.append(line(n))
	await eventually(() => errors.length === 1)
	expect(errors[0]).toMatch(/EISDIR/)
	await rm(path, {recursive: true})
	await eventually(async () => (await numbers()).length === 3)
	await file.append(line(3))
	await file.close()
	expect(await numbers()).toEqual([0, 1, 2, 3])
	expect(errors).toHaveLength(1)
})

test('lines beyond what may wait are dropped, and the journal says how many', async () => {
	await mkdir(path)
	const file = new JournalFile({path, onError, buffer_bytes_max: 600})
	for (const n of upTo(10)) await file.append(line(n))
	await eventually(() => errors.length === 2)
	expect(errors.toSorted()[1]).toMatch(/^Lines of .*core\.jsonl are dropped: more than 600 bytes wait to be written/)
	await rm(path, {recursive: true})
	await eventually(async () => (await numbers()).length === 3)
	await file.append(line(10))
	await file.close()
	expect(await numbers()).toEqual([0, 1, 2, 'gap of 7', 10])
	await file.append(line(11))
	expect(errors.at(-1)).toMatch(/are dropped: it is closed/)
})
