import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {ControlClient} from '../../../src/daemon/client/control-client.js'
import {restart} from '../../../src/daemon/client/control-names.js'
import {bringDown} from '../../../src/daemon/client/down.js'
import {type Home, homeAt} from '../../../src/daemon/client/home.js'
import {readStatus} from '../../../src/daemon/client/system-status.js'
import {bringUp, type UpOptions, type UpProgress} from '../../../src/daemon/client/up.js'
import {readSettings} from '../../../src/daemon/system/settings.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {eventually} from '../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

const program = fileURLToPath(new URL('./test-daemon.mjs', import.meta.url))

describe('bringing a system up', () => {
	let place: TemporaryHome
	let home: Home
	let progress: UpProgress[]
	const up = (of: Partial<UpOptions> = {}) =>
		bringUp({
			home,
			env: {PATH: process.env.PATH},
			choice: {},
			stage: 'all',
			watched: false,
			onProgress: step => progress.push(step),
			program,
			...of,
		})
	const behave = (behaviour: unknown) => writeFileSync(join(home.root, 'behaviour.json'), JSON.stringify(behaviour))

	beforeEach(async () => {
		place = await temporaryHome()
		home = homeAt(place.path)
		progress = []
	})
	afterEach(async () => {
		await new ControlClient(home).stop().catch(() => undefined)
		await eventually(async () => (await new ControlClient(home).status()) === undefined)
		await place.remove()
	})

	it('starts the daemon, says which stages open, and stores what it was told', async () => {
		const report = await up({choice: {speed: 60, symbols: ['BTCUSDT']}})
		expect(report).toMatchObject({started: true, settings: {speed: 60, symbols: ['BTCUSDT']}})
		expect(progress.map(step => (step.kind === 'stage' ? step.name : step.kind))).toEqual([
			'daemon',
			...['core', 'state', 'brains', 'ai', 'rl', 'exec', 'obs'],
		])
		expect(readSettings(home)).toMatchObject({speed: 60, symbols: ['BTCUSDT']})
	})

	it('waits for the stages that one needs, and no others', async () => {
		await up({stage: 'state'})
		expect(progress.flatMap(step => (step.kind === 'stage' ? step.name : []))).toEqual(['core', 'state'])
	})

	it('attaches to a daemon that runs, and does not change it', async () => {
		const first = await up({choice: {speed: 60}})
		expect(await up({watched: true})).toMatchObject({
			started: false,
			settings: {speed: 60},
			status: {pid: first.status.pid},
		})
		await expect(up({choice: {speed: 5}})).rejects.toMatchObject({
			exit_code: EXIT_CODES.refused,
			message: expect.stringContaining('speed 60 (asked for: 5)'),
		})
		expect(readSettings(home)).toMatchObject({speed: 60, mode: 'PAPER'})
	})

	it.each([
		[
			'its own error',
			{error: {message: 'port 8090 is taken by process 7', hint: 'move it', exit_code: 6}},
			6,
			'port 8090 is taken by process 7',
		],
		['the end of its log', {crash: 'Error: no such thing\n    at main'}, 1, 'Error: no such thing'],
	])('shows %s when the daemon ends at once', async (_, behaviour, exit_code, message) => {
		behave(behaviour)
		await expect(up()).rejects.toMatchObject({exit_code, message: expect.stringContaining(message)})
	})

	it('stops waiting when a unit has failed', async () => {
		behave({failed: 'exited with 1', shut: ['exec']})
		await expect(up()).rejects.toMatchObject({
			exit_code: EXIT_CODES.failure,
			message: 'price-feed is FAILED: exited with 1',
			hint: 'see qt logs host-core, then: qt reset host-core',
		})
		expect((await readStatus(home)).state).toBe('DEGRADED')
	})

	it('asks for credentials before anything is started', async () => {
		await expect(up({choice: {mode: 'LIVE'}})).rejects.toMatchObject({
			exit_code: EXIT_CODES.needs_input,
			message: expect.stringContaining('QT_API_KEY and QT_API_SECRET'),
		})
		expect(readSettings(home)).toBeUndefined()
		expect(await readStatus(home)).toMatchObject({state: 'STOPPED', kill: true})
	})

	it('refuses a unit that does not exist, and takes a former name', async () => {
		await expect(up({choice: {isolate: ['governr']}})).rejects.toMatchObject({
			exit_code: EXIT_CODES.usage,
			hint: 'did you mean governor?',
		})
		expect((await up({choice: {isolate: ['data-collector']}})).settings.isolate).toEqual(['market-publisher'])
	})

	it('passes on the daemon’s refusals, and finds names', async () => {
		await up()
		expect(await restart(home, 'price-feed')).toBe('price-feed')
		await expect(restart(home, 'governor')).rejects.toMatchObject({
			exit_code: 6,
			message: 'cannot restart governor',
			hint: 'wait',
		})
		await expect(restart(home, 'prise-feed')).rejects.toMatchObject({exit_code: 2, hint: 'did you mean price-feed?'})
	})

	it('goes down: disarmed first, with what protects open positions', async () => {
		await up()
		const told: string[] = []
		const report = await bringDown({
			home,
			now_ms: Date.now,
			openVenue: async () => ({kind: 'not-running', detail: 'no venue'}),
			onProgress: ({kind}) => told.push(kind),
		})
		expect(report).toMatchObject({stopped: ['price-feed'], killed: [], disarm: {state: 'HALTED', by: 'qt down'}})
		expect(told).toEqual(['disarmed', 'positions'])
		expect(await readStatus(home)).toMatchObject({state: 'STOPPED', kill_reason: 'qt down: stopped in order'})
		await expect(
			bringDown({home, now_ms: Date.now, openVenue: () => Promise.reject(new Error()), onProgress: () => undefined}),
		).rejects.toMatchObject({
			exit_code: EXIT_CODES.unreachable,
		})
	})
})
