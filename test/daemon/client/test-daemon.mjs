// A daemon as far as a client sees one: `node test-daemon.mjs <home>`; how it behaves stands in <home>/behaviour.json.
import {existsSync, mkdirSync, readFileSync, rmSync} from 'node:fs'
import {createServer} from 'node:http'
import {join} from 'node:path'

const [, , home] = process.argv
const told = join(home, 'behaviour.json')
const behaviour = existsSync(told) ? JSON.parse(readFileSync(told, 'utf8')) : {}
const settings = JSON.parse(readFileSync(join(home, 'system.json'), 'utf8'))
if (behaviour.error) {
	console.error('starting')
	console.error(JSON.stringify({error: behaviour.error}))
	process.exit(behaviour.error.exit_code)
}
if (behaviour.crash) {
	console.error(behaviour.crash)
	process.exit(1)
}
const names = ['core', 'state', 'brains', 'ai', 'rl', 'exec', 'obs']
let wanted = []
let looks = 0
const unit = {
	target: 'core',
	process: 'host-core',
	pid: 1,
	port: null,
	handled: 0,
	dead_lettered: 0,
	last_turn_age_ms: 0,
	reason: null,
}
// Stages open one after another, as they are looked at.
const status = () => ({
	pid: process.pid,
	version: 'test',
	home,
	started_at: new Date().toISOString(),
	mode: settings.mode,
	market: settings.market,
	speed: settings.speed,
	stages: names.map((name, index) => ({
		name,
		requires: [],
		open: wanted.includes(name) && !behaviour.shut?.includes(name) && looks > index,
		blocked_by: ['price-feed STARTING'],
	})),
	processes: [],
	units: [
		{...unit, name: 'price-feed', state: behaviour.failed ? 'FAILED' : 'RUNNING', reason: behaviour.failed ?? null},
	],
	redis: {url: 'unix:/nowhere', pid: null},
	venue: {rest: null, ws: null},
	alarms: [],
})
const routes = {
	'GET /status': () => {
		looks += 1
		return status()
	},
	'POST /start': ({targets}) => {
		wanted = targets
		return {ok: true}
	},
	'POST /stop': () => {
		setImmediate(() => process.exit(0))
		return {stopped: ['price-feed'], killed: []}
	},
	'POST /restart': ({name}) =>
		name === 'price-feed' ? {ok: true} : {error: {message: `cannot restart ${name}`, hint: 'wait', exit_code: 6}},
}
const socket = join(home, 'run', 'control.sock')
mkdirSync(join(home, 'run'), {recursive: true})
rmSync(socket, {force: true})
createServer(async (request, response) => {
	const chunks = []
	for await (const chunk of request) chunks.push(chunk)
	const answer = routes[`${request.method} ${request.url}`](JSON.parse(Buffer.concat(chunks).toString() || '{}'))
	response.writeHead(answer.error ? 409 : 200, {connection: 'close'})
	response.end(JSON.stringify(answer))
}).listen(socket)
