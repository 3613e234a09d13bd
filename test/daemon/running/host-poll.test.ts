import {mkdirSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {HostPoll} from '../../../src/daemon/running/host-poll.js'
import {HOST_SILENT_MS} from '../../../src/daemon/running/probes.js'
import {unitViews} from '../../../src/daemon/running/unit-views.js'
import {socketPath} from '../../../src/daemon/supervision/socket-path.js'
import {homeAt} from '../../../src/daemon/system/home.js'
import {HandClock} from '../../support/drive.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

const NAME = 'host-exec'
const PID = 7
const health = {pid: PID, policy_version: 3, units: [{name: 'governor', ready: true, handled: 5, last_turn_age_ms: 40}]}
const {signal} = new AbortController()

let place: TemporaryHome
let server: Server
let answers = true
let clock: HandClock
let poll: HostPoll
beforeEach(async () => {
	place = await temporaryHome('qt-p-')
	const home = homeAt(place.path)
	mkdirSync(home.run, {recursive: true})
	answers = true
	server = createServer((_, response) => {
		if (answers) response.end(JSON.stringify(health))
	})
	await new Promise<void>(resolve => server.listen(socketPath(home.run, `${NAME}.sock`), resolve))
	clock = new HandClock()
	poll = new HostPoll(home, [NAME], clock, 100)
})
const close = () =>
	new Promise<void>(resolve => {
		server.closeAllConnections()
		server.close(() => resolve())
	})
afterEach(async () => {
	await close()
	await place.remove()
})

const shown = () => {
	const process = {name: NAME, state: 'RUNNING', pid: PID, ready: true, waiting_for: []} as never
	const placements = [{process: NAME, target: 'exec', units: ['governor']}] as const
	const input = {processes: [process], placements, answers: poll.answers, ports: {}, mode: 'LIVE', external_redis: true}
	return unitViews({...input, mode: 'LIVE'}).find(({name}) => name === 'governor')
}

test('a host that lets a question pass is shown as it was, with its age, until its liveness is over', async () => {
	await poll.ask(NAME, signal)
	expect(shown()).toMatchObject({state: 'RUNNING', stale_ms: null, last_turn_age_ms: 40, reason: null})
	answers = false
	clock.advance(4_000)
	await poll.ask(NAME, signal)
	expect(shown()).toMatchObject({
		state: 'RUNNING',
		stale_ms: 4_000,
		last_turn_age_ms: 4_040,
		reason: 'STALE: host-exec last answered 4 s ago',
	})
	expect(poll.policy_version).toBe(3)
	clock.advance(HOST_SILENT_MS)
	expect(shown()).toMatchObject({state: 'STARTING'})
	expect(poll.policy_version).toBeUndefined()
	answers = true
	await poll.ask(NAME, signal)
	expect(shown()).toMatchObject({state: 'RUNNING', stale_ms: null})
})

test('one that nobody listens for any more is gone at once', async () => {
	await poll.ask(NAME, signal)
	await close()
	await poll.ask(NAME, signal)
	expect(shown()).toMatchObject({state: 'STARTING', handled: null})
})
