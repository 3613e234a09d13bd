import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {homeAt} from '../../../src/daemon/client/home.js'
import {systemMode} from '../../../src/daemon/client/mode.js'
import {socketPath} from '../../../src/daemon/supervision/socket-path.js'
import {makeHome} from '../../../src/daemon/system/home.js'
import {readSettings} from '../../../src/daemon/system/settings.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {modeView} from '../../../src/tui/plain/mode-view.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'
import {serveJson, statusOf} from './system-fixture.js'

describe('the mode', () => {
	let place: TemporaryHome
	beforeAll(async () => {
		place = await temporaryHome('qt-m-')
	})
	afterAll(() => place.remove())
	beforeEach(() => makeHome(homeAt(place.path)))
	const keys = {QT_API_KEY: 'k', QT_API_SECRET: 's'}

	it('is PAPER before anything was chosen, and each one says what it needs', async () => {
		const view = await systemMode(homeAt(place.path), {env: {}, now_ms: Date.now})
		expect(view).toMatchObject({mode: 'PAPER', before: null, state: 'STOPPED'})
		expect(view.modes.map(({mode, credentials}) => [mode, credentials])).toEqual([
			['PAPER', true],
			['TESTNET', false],
			['LIVE', false],
		])
		const shown = modeView(view, plainPaint, 200)
		expect(shown).toMatch(/LIVE +QT_API_KEY and QT_API_SECRET .* key without withdrawal rights/)
		expect(shown.match(/no credentials are set in this environment/g)).toHaveLength(2)
		expect(
			modeView(await systemMode(homeAt(place.path), {env: keys, now_ms: Date.now}), plainPaint, 200),
		).not.toContain('no credentials')
	})

	it('is stored for the next start where nothing runs', async () => {
		const home = homeAt(place.path)
		expect(await systemMode(home, {env: {}, now_ms: Date.now, wanted: 'TESTNET'})).toMatchObject({
			mode: 'TESTNET',
			before: 'PAPER',
		})
		expect(readSettings(home)?.mode).toBe('TESTNET')
		expect(await systemMode(home, {env: {}, now_ms: Date.now, wanted: 'TESTNET'})).toMatchObject({
			mode: 'TESTNET',
			before: null,
		})
		expect(await systemMode(home, {env: {}, now_ms: Date.now, wanted: 'PAPER'})).toMatchObject({
			mode: 'PAPER',
			before: 'TESTNET',
		})
	})

	it('does not change while the system runs, and says how it does', async () => {
		const home = homeAt(place.path)
		const daemon = await serveJson(socketPath(home.run, home.controlSocketName), async () => ({
			body: statusOf({mode: 'PAPER'}),
		}))
		try {
			await expect(systemMode(home, {env: {}, now_ms: Date.now, wanted: 'LIVE'})).rejects.toMatchObject({
				exit_code: EXIT_CODES.refused,
				hint: 'qt down, then: qt up --mode live',
			})
			expect(await systemMode(home, {env: {}, now_ms: Date.now, wanted: 'PAPER'})).toMatchObject({
				mode: 'PAPER',
				before: null,
			})
		} finally {
			await daemon.close()
		}
		expect(readSettings(home)?.mode).toBe('PAPER')
	})
})
