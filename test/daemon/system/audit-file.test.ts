import {execFile} from 'node:child_process'
import {appendFileSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {promisify} from 'node:util'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {appendAudit, proveAuditFile, readAudit} from '../../../src/daemon/system/audit-file.js'
import {type Home, homeAt} from '../../../src/daemon/system/home.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

const run = promisify(execFile)
const SHELLS = ['ada', 'bob', 'eve']
const EACH = 8
const entry = (why: string) => ({
	who: 'ada',
	what: 'kill',
	why,
	outcome: 'HALTED',
	time_ms: 1,
	before: {},
	after: {},
	timings: {file_ms: 2},
})

describe('the audit log on disk', () => {
	let place: TemporaryHome
	let home: Home
	beforeAll(async () => {
		place = await temporaryHome()
		home = homeAt(place.path)
	})
	beforeEach(() => {
		for (const path of [home.audit, home.auditHead]) rmSync(path, {force: true})
	})
	afterAll(() => place.remove())

	it('is readable by its owner only, and gives back the newest records in order', async () => {
		for (const why of ['one', 'two', 'three']) await appendAudit(home, entry(why))
		expect(statSync(home.audit).mode & 0o777).toBe(0o600)
		expect(readAudit(home, 2).map(({n, why}) => [n, why])).toEqual([
			[2, 'two'],
			[3, 'three'],
		])
	})

	it('stays whole while several shells write', async () => {
		const support = new URL('../../support/typescript.mjs', import.meta.url).href
		const script = new URL('audit-writer.ts', import.meta.url).pathname
		const write = (who: string) => run(process.execPath, ['--import', support, script, home.root, who, String(EACH)])
		await Promise.all(SHELLS.map(write))
		expect(proveAuditFile(home)).toMatchObject({sound: SHELLS.length * EACH, broken: undefined})
		for (const who of SHELLS) expect(readAudit(home, 1_000).filter(line => line.who === who)).toHaveLength(EACH)
		expect(existsSync(`${home.audit}.lock`)).toBe(false)
	}, 240_000)

	it('goes on after a line that a crash tore off, and names that line', async () => {
		await appendAudit(home, entry('one'))
		appendFileSync(home.audit, '{"n":2,"time_ms"')
		await appendAudit(home, entry('after the crash'))
		expect(readFileSync(home.audit, 'utf8').split('\n')).toHaveLength(4)
		expect(readAudit(home, 1)).toMatchObject([{n: 2, why: 'after the crash'}])
		expect(proveAuditFile(home)).toMatchObject({sound: 1, broken: {line: 2, why: 'holds no record'}})
	})

	it('names a tail that was cut off, and what is written after it does not hide the gap', async () => {
		for (const why of ['one', 'two', 'three']) await appendAudit(home, entry(why))
		const [first = ''] = readFileSync(home.audit, 'utf8').split('\n')
		writeFileSync(home.audit, `${first}\n`)
		expect(proveAuditFile(home)).toMatchObject({sound: 1, lines: 1, kept: 3, broken: {line: 2}})
		await appendAudit(home, entry('four'))
		expect(readAudit(home, 1)).toMatchObject([{n: 4, why: 'four'}])
		expect(proveAuditFile(home)).toMatchObject({sound: 1, broken: {line: 2}})
		rmSync(home.audit)
		expect(proveAuditFile(home)).toMatchObject({lines: 0, broken: {line: 1}})
	})

	it('is no alarm when the writer died between line and head, and keeps a contradiction', async () => {
		await appendAudit(home, entry('one'))
		const before = readFileSync(home.auditHead, 'utf8')
		await appendAudit(home, entry('two'))
		writeFileSync(home.auditHead, before)
		expect(proveAuditFile(home)).toMatchObject({lines: 2, kept: 1, broken: undefined})
		await appendAudit(home, entry('three'))
		expect(proveAuditFile(home)).toMatchObject({kept: 3, broken: undefined})
		const forged = JSON.stringify({n: 3, hash: 'another'})
		writeFileSync(home.auditHead, forged)
		await appendAudit(home, entry('four'))
		expect(readFileSync(home.auditHead, 'utf8')).toBe(forged)
		expect(proveAuditFile(home)).toMatchObject({broken: {line: 3}})
	})

	it('takes the lock of a writer that died', async () => {
		writeFileSync(`${home.audit}.lock`, '')
		const {utimes} = await import('node:fs/promises')
		await utimes(`${home.audit}.lock`, 1, 1)
		await appendAudit(home, entry('one'))
		expect(proveAuditFile(home).sound).toBe(1)
	})

	it('says so when the disk is full', async () => {
		symlinkSync('/dev/full', home.audit)
		await expect(appendAudit(home, entry('one'))).rejects.toThrow(/ENOSPC/)
	})
})
