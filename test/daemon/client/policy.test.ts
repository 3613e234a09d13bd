import {existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {homeAt} from '../../../src/daemon/client/home.js'
import {
	applyPolicy,
	diffPolicy,
	loosenPhrase,
	policyHistory,
	rollBackPolicy,
	showPolicy,
} from '../../../src/daemon/client/policy.js'
import {importFormer} from '../../../src/daemon/client/policy-import.js'
import {readStatus} from '../../../src/daemon/client/system-status.js'
import type {Home} from '../../../src/daemon/system/home.js'
import {ensureVersion, readPolicy, unappliedFile} from '../../../src/daemon/system/policy-file.js'
import {readVersions} from '../../../src/daemon/system/policy-store.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {checkPolicy} from '../../../src/engine/logic/policy-check.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {appliedView, importedView, policyHistoryView, policyYaml} from '../../../src/tui/plain/policy-view.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

let place: TemporaryHome
let home: Home
beforeEach(async () => {
	place = await temporaryHome('qt-p-')
	home = homeAt(place.path)
	mkdirSync(home.run, {recursive: true})
})
afterEach(() => place.remove())

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)
const options = (of: Readonly<{confirm?: string; reason?: string; author?: string}> = {}) => ({
	home,
	author: 'ada',
	reason: 'why',
	now_ms: () => NOW_MS,
	...of,
})
const file = (text: string, name = 'next.yaml'): string => {
	const path = join(home.root, name)
	writeFileSync(path, text)
	return path
}
const mode = (name: string): void => writeFileSync(home.settings, JSON.stringify({mode: name}))

describe('versions', () => {
	it('begin with what the home has, once', async () => {
		expect(showPolicy(home)).toEqual({line: null, policy: defaultPolicy})
		file('positions_max: 3\n', 'policy.yaml')
		expect(await ensureVersion(home, {author: 'ada', time_ms: NOW_MS})).toMatchObject({version: 1, origin: 'file'})
		expect(await ensureVersion(home, {author: 'eve', time_ms: NOW_MS})).toBeUndefined()
		expect(readPolicy(home)).toEqual({...defaultPolicy, positions_max: 3})
		expect(unappliedFile(home)).toBeUndefined()
		file('positions_max: 4\n', 'policy.yaml')
		expect(readPolicy(home).positions_max).toBe(3)
		expect(unappliedFile(home)).toContain('qt policy apply')
		await applyPolicy(options(), home.policy)
		expect(unappliedFile(home)).toBeUndefined()
		expect(readPolicy(home)).toMatchObject({positions_max: 4, version: 2})
	})

	it('are applied, listed, compared and gone back to', async () => {
		await ensureVersion(home, {author: 'daemon', time_ms: NOW_MS - 1})
		const applied = await applyPolicy(options({reason: 'fewer'}), file('positions_max: 5\nbar: 1m\n'))
		expect(applied).toMatchObject({state: 'APPLIED', version: 2, running: null})
		expect(appliedView(applied, plainPaint, 200)).toMatch(
			/version 2 {2}stored; it takes effect at the next start \(qt up\)/,
		)
		expect(appliedView({...applied, running: 2}, plainPaint, 200)).toContain('in force in every process')
		expect(appliedView({...applied, running: 1}, plainPaint, 200)).toContain('works under version 1')
		expect(await applyPolicy(options(), file('positions_max: 5\nbar: 1m\n'))).toMatchObject({
			state: 'UNCHANGED',
			version: 2,
		})
		expect(diffPolicy(home, ['1', '2']).changes).toMatchObject([
			{path: 'positions_max', before: 10, after: 5, direction: 'tightened'},
			{path: 'bar', before: '15m', after: '1m', direction: 'changed'},
		])
		expect(diffPolicy(home, ['1'])).toMatchObject({from: 'version 2', to: 'version 1'})
		expect(await rollBackPolicy(options({reason: 'back'}), 1)).toMatchObject({version: 3, changes: [{}, {}]})
		expect(readPolicy(home)).toEqual({...defaultPolicy, version: 3})
		const history = await policyHistory(home)
		expect(history.versions).toMatchObject([
			{version: 1, origin: 'default', author: 'daemon', changes: 0},
			{version: 2, origin: 'file', reason: 'fewer', changes: 2},
			{version: 3, origin: 'rollback', source: 'version 1', reason: 'back', changes: 2},
		])
		expect(policyHistoryView(history, 200)).toMatch(/3 +2026-01-02 03:04:05 +ada +rollback: version 1 +2 +back/)
		expect(showPolicy(home, 2)).toMatchObject({line: {version: 2}, policy: {bar: '1m'}})
		expect(await readStatus(home)).toMatchObject({policy: {running: null, newest: 3}})
	})

	it('stay as they are when a file has problems', async () => {
		await applyPolicy(options(), file('positions_max: 5\n'))
		const before = readFileSync(home.policyVersions, 'utf8')
		for (const text of ['positions_max: 0\n', 'cooldown_s: 60\n', 'a: [\n', 'bar: 1m\nbar: 5m\n'])
			await expect(applyPolicy(options(), file(text))).rejects.toMatchObject({exit_code: EXIT_CODES.usage})
		await expect(applyPolicy(options(), file('cooldown_s: 60\n'))).rejects.toThrow(
			'cooldown_s: found 60; the field is cooldown_ms: milliseconds',
		)
		await expect(rollBackPolicy(options(), 9)).rejects.toMatchObject({exit_code: EXIT_CODES.usage})
		expect(readFileSync(home.policyVersions, 'utf8')).toBe(before)
	})

	it('are all kept when several write at once', async () => {
		const paths = [1, 2, 3, 4, 5, 6].map(count => file(`positions_max: ${count}\n`, `p${count}.yaml`))
		await Promise.all(paths.map((path, index) => applyPolicy(options({author: `a${index}`}), path)))
		const versions = readVersions(home)
		expect(versions.map(({version}) => version)).toEqual([1, 2, 3, 4, 5, 6])
		expect(new Set(versions.map(({author}) => author)).size).toBe(6)
	})

	it('are written although a process died over the lock', async () => {
		const lock = `${home.policyVersions}.lock`
		writeFileSync(lock, '')
		utimesSync(lock, 1, 1)
		expect(await applyPolicy(options(), file('bar: 1m\n'))).toMatchObject({version: 1})
		expect(existsSync(lock)).toBe(false)
	})

	it.each<[string, (text: string) => string, string]>([
		['changed by hand', text => text.replace('"positions_max":5', '"positions_max":50'), 'version 1 was changed'],
		['cut short', text => text.slice(0, -20), 'line 2 holds no version'],
		['that lost a line', text => text.slice(text.indexOf('\n') + 1), 'version 2 stands where version 1 belongs'],
	])('%s are refused, and nothing is written over them', async (_, spoil, message) => {
		await applyPolicy(options(), file('positions_max: 5\n'))
		await applyPolicy(options(), file('positions_max: 6\n'))
		const spoilt = spoil(readFileSync(home.policyVersions, 'utf8'))
		writeFileSync(home.policyVersions, spoilt)
		expect(() => readPolicy(home)).toThrow(message)
		await expect(applyPolicy(options(), file('bar: 1m\n'))).rejects.toMatchObject({exit_code: EXIT_CODES.drift})
		expect(readFileSync(home.policyVersions, 'utf8')).toBe(spoilt)
	})
})

describe('LIVE', () => {
	beforeEach(async () => {
		await applyPolicy(options(), file('positions_max: 5\n'))
		mode('LIVE')
	})

	it.each(['positions_max: 6\n', 'positions_max: 5\nbar: 1m\n'])('asks for a phrase before %j', async text => {
		const path = file(text)
		const asked = {exit_code: EXIT_CODES.needs_input, hint: expect.stringContaining('"loosen LIVE to version 2"')}
		await expect(applyPolicy(options(), path)).rejects.toMatchObject(asked)
		await expect(applyPolicy(options({confirm: 'yes'}), path)).rejects.toMatchObject(asked)
		expect(readVersions(home)).toHaveLength(1)
		expect(await applyPolicy(options({confirm: loosenPhrase(2)}), path)).toMatchObject({version: 2})
	})

	it('lets tightening pass, and asks before it is gone back on', async () => {
		expect(await applyPolicy(options(), file('positions_max: 4\n'))).toMatchObject({version: 2})
		await expect(rollBackPolicy(options(), 1)).rejects.toMatchObject({exit_code: EXIT_CODES.needs_input})
	})
})

describe('the former environment', () => {
	it('is imported once, as a version that says from which names', async () => {
		const env = {GOV_MAX_OPEN_POSITIONS: '7', GOV_NOSUCH: '1'}
		const imported = await importFormer(options(), {file: undefined, env})
		expect(imported).toMatchObject({version: 1, taken: ['GOV_MAX_OPEN_POSITIONS'], left: [{name: 'GOV_NOSUCH'}]})
		expect(importedView(imported, plainPaint, 200)).toContain('not read GOV_NOSUCH: unknown name')
		expect(readVersions(home)).toMatchObject([{origin: 'environment', source: 'GOV_MAX_OPEN_POSITIONS'}])
		await expect(importFormer(options(), {file: undefined, env})).rejects.toMatchObject({exit_code: EXIT_CODES.refused})
	})

	it('is read from a file, and in LIVE only tightens', async () => {
		mode('LIVE')
		const path = file('GOV_MAX_OPEN_POSITIONS=20\nGOV_MAX_TOTAL_NOTIONAL_USDT=500 # less\nLOG_DIR=/x\n', 'former.env')
		const imported = await importFormer(options(), {file: path, env: {}})
		expect(imported).toMatchObject({kept: [{path: 'positions_max', before: 10, after: 20}], left: [{name: 'LOG_DIR'}]})
		expect(readPolicy(home)).toMatchObject({positions_max: 10, notional_total_usdt: 500})
		expect(importedView(imported, plainPaint, 200)).toContain('positions_max stays at 10: 20 would not tighten')
	})

	it.each<[Record<string, string>, string]>([
		[{}, 'no former name that the policy knows was found'],
		[{GOV_MAX_OPEN_POSITIONS: 'ten'}, 'positions_max (GOV_MAX_OPEN_POSITIONS): found'],
	])('%j imports nothing', async (env, message) => {
		await expect(importFormer(options(), {file: undefined, env})).rejects.toThrow(message)
		expect(readVersions(home)).toEqual([])
	})
})

it('shows what can be applied again, with the meaning and default of every field', async () => {
	await applyPolicy(options(), file('positions_max: 5\nexit_monitor: {stop: 0.01}\nallowlist: [币安人生USDT]\n'))
	const text = policyYaml(showPolicy(home))
	expect(text).toContain('# version 1 of 2026-01-02 03:04:05 UTC by ada (file): why\n')
	expect(text).toContain('# Open positions and reservations. (more is looser; default 10)\npositions_max: 5\n')
	expect(text).toContain('(ms; less is looser; default)\ncooldown_ms: 60000\n')
	expect(text).toContain(
		'  # Loss at which it closes, of price. (share, 0.02 = 2 %; more is looser; default 0.015)\n  stop: 0.01\n',
	)
	expect(text).toContain('allowlist:\n  - 币安人生USDT\n')
	expect(checkPolicy(parse(text))).toEqual({ok: true, policy: readPolicy(home)})
})
