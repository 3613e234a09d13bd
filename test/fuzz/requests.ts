import {once} from 'node:events'
import {mkdirSync} from 'node:fs'
import type {Server} from 'node:http'
import {connect} from 'node:net'
import {join} from 'node:path'
import * as fc from 'fast-check'
import {pino} from 'pino'
import {serveControl} from '../../src/daemon/control-server.js'
import {Daemon} from '../../src/daemon/daemon.js'
import {serveHost} from '../../src/daemon/host/host-server.js'
import {homeAt} from '../../src/daemon/system/home.js'
import {settingsSchema} from '../../src/daemon/system/settings.js'
import {SystemClock} from '../../src/engine/adapters/clock/system-clock.js'
import {defaultPolicy} from '../../src/engine/contracts/policy.js'
import {temporaryHome} from '../support/temporary-home.js'
import {Finding, type Tally} from './finding.js'
import {hostile} from './values.js'

const ANSWER_MS = 10_000
const SHOWN_CHARS = 500
const LIVES_EVERY = 50
const WELL = 'GET /health HTTP/1.1\r\nhost: local\r\nconnection: close\r\n\r\n'
/** What is served well-formed: an answer of 200 is right. The two that end something are never asked for. */
const SERVED = /^(GET \/(status|health|metrics)|POST \/(start|reset|restart))([?#/ ]|$)/
const ENDING = /^POST .*(stop|kill-processes)/i

const target = fc.oneof(
	fc.constantFrom(
		'//',
		'http://',
		'*',
		'',
		'/',
		'/%',
		'/%00',
		'/..',
		'//health',
		'/health/../../x',
		'\\',
		'?',
		'/[::1',
	),
	fc.constantFrom(
		'/status',
		'/health',
		'/metrics',
		'/start',
		'/restart',
		'/reset',
		'/stop',
		'/__proto__',
		'/constructor',
	),
	fc.constant(`/${'x'.repeat(20_000)}`),
	hostile,
)
const method = fc.oneof(
	{weight: 6, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE')},
	{weight: 1, arbitrary: fc.constantFrom('get', '', 'GET GET', '__proto__', '\u0000', 'PRI')},
)
const body = fc.oneof(
	fc.constantFrom('', '{}', '{"targets":["__proto__"]}', '{"name":""}', '{"name":"nobody","x":1}', '{"name":'),
	fc.constant('x'.repeat(20_000)),
	hostile,
)
const header = fc.oneof(
	fc.constantFrom(
		'content-length: -1',
		'content-length: 9007199254740993',
		'content-length: 5\r\ncontent-length: 6',
		'transfer-encoding: chunked',
		'transfer-encoding: gzip',
		'expect: 100-continue',
		'expect: the impossible',
		'upgrade: websocket\r\nconnection: upgrade',
		'no colon',
		': no name',
		`x: ${'y'.repeat(40_000)}`,
		'',
	),
	hostile,
)
const request = fc
	.record({method, target, headers: fc.array(header, {maxLength: 2}), body, counted: fc.boolean(), cut: fc.nat(3)})
	.map(({method, target, headers, body, counted, cut}) => {
		const length = counted ? [`content-length: ${Buffer.byteLength(body)}`] : []
		const text = [`${method} ${target} HTTP/1.1`, 'host: local', ...headers, ...length, '', body].join('\r\n')
		return cut === 0 ? text.slice(0, text.length / 2) : text
	})
	.filter(text => !ENDING.test(text))

/** Sends bytes and no more, and reads until the other side closes. @throws Finding when it neither answers nor closes */
const exchange = async (socket: string, text: string): Promise<string> => {
	const connection = connect(socket)
	const chunks: Buffer[] = []
	connection.on('data', (chunk: Buffer) => chunks.push(chunk))
	// Whoever is refused in the middle of what it says meets a closed connection: that is an answer.
	connection.on('error', () => connection.destroy())
	connection.setTimeout(ANSWER_MS, () => connection.destroy(new Error('silence')))
	const closed = once(connection, 'close')
	const started = performance.now()
	connection.end(text)
	await closed.catch(() => undefined)
	if (performance.now() - started >= ANSWER_MS) throw new Finding(`neither answered nor closed: ${shown(text)}`)
	return Buffer.concat(chunks).toString('latin1')
}
const shown = (text: string): string => JSON.stringify(text).slice(0, SHOWN_CHARS)
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)

/** @throws Finding when a server fails, or obeys what it should refuse */
const attack = async (socket: string, requests: readonly string[]): Promise<number> => {
	let refused = 0
	for (const [index, text] of requests.entries()) {
		const answer = await exchange(socket, text)
		const status = statusOf(answer)
		if (status >= 500) throw new Finding(`request ${index}: ${answer.slice(0, SHOWN_CHARS)} to ${shown(text)}`)
		if (status >= 200 && status < 300 && !SERVED.test(text))
			throw new Finding(`request ${index}: ${status} to ${shown(text)}`)
		if (status === 0 || status >= 400) refused += 1
		if (index % LIVES_EVERY === 0 || index === requests.length - 1)
			if (statusOf(await exchange(socket, WELL)) !== 200)
				throw new Finding(`after request ${index} the server is not well: ${shown(text)}`)
	}
	return refused
}

type Doors = Readonly<{sockets: readonly string[]; close(): Promise<void>}>

const openDoors = async (): Promise<Doors> => {
	const place = await temporaryHome('qt-fz-')
	const home = homeAt(place.path)
	mkdirSync(home.run, {recursive: true})
	const [control, host] = [join(home.run, home.controlSocketName), join(home.run, 'host.sock')]
	const daemon = new Daemon({
		home,
		settings: settingsSchema.parse({}),
		policy: defaultPolicy,
		composition: {specs: [], placements: [], redis_url: '', redis_login: undefined, venue: undefined},
		started_at: new Date(0).toISOString(),
		ports: {},
	})
	const server: Server = await serveControl(daemon, control, () => undefined)
	const served = await serveHost({name: 'fuzz', socket: host, ports: {}}, [], {
		routes: new Map(),
		unitRoutes: new Map(),
		unitListeners: new Map(),
		unitMetrics: new Map(),
		commands: new Map(),
		clock: new SystemClock(),
		log: pino({level: 'silent'}),
	})
	const close = async () => {
		server.closeAllConnections()
		server.close()
		await Promise.all([once(server, 'close'), served.close()])
		await place.remove()
	}
	return {sockets: [control, host], close}
}

/** What fuzzing found once, and what is told of other servers. */
const HELD = ['//', 'http://', '*', '\\'].map(path => `GET ${path} HTTP/1.1\r\nhost: local\r\n\r\n`)

/** Sends raw requests to the doors of a daemon and of a host. @throws Finding */
export const fuzzRequests = async (count: number, seed: number): Promise<Tally> => {
	const doors = await openDoors()
	let refused = 0
	const each = Math.max(1, Math.ceil(count / doors.sockets.length))
	try {
		for (const [index, socket] of doors.sockets.entries())
			refused += await attack(socket, [...HELD, ...fc.sample(request, {seed: seed + index, numRuns: each})])
	} finally {
		await doors.close()
	}
	return {tried: (HELD.length + each) * doors.sockets.length, refused}
}
