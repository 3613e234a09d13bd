import {chmodSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse} from 'node:http'
import {limits} from '../../engine/contracts/limits.js'
import {messageOf} from '../../engine/errors.js'
import {exposition, type Metric} from '../../engine/logic/prometheus.js'
import {unitMetrics} from '../../engine/logic/unit-metrics.js'
import type {UnitLoop} from '../../engine/runtime/unit-loop.js'
import {requestUrl} from '../request-url.js'
import type {Environment} from './environment.js'
import type {HostConfig} from './host-config.js'

export type UnitHealth = Readonly<{
	name: string
	ready: boolean
	/** The consume loop came round lately. */
	alive: boolean
	handled: number
	dead_lettered: number
	effects_in_flight: number
	last_turn_age_ms: number
}>
export type HostHealth = Readonly<{
	host: string
	pid: number
	ready: boolean
	alive: boolean
	/** The version of the policy that every unit works under; null while they do not agree. */
	policy_version: number | null
	units: readonly UnitHealth[]
}>

const healthOf = (loop: UnitLoop, now_ms: number): UnitHealth => {
	const last_turn_age_ms = now_ms - Math.max(loop.last_turn_ms, loop.runner.last_commit_ms)
	return {
		name: loop.options.unit.name,
		ready: loop.ready,
		alive: loop.ready && last_turn_age_ms <= limits.heartbeat_stale_ms,
		handled: loop.runner.handled,
		dead_lettered: loop.runner.dead_lettered,
		effects_in_flight: loop.effects_in_flight,
		last_turn_age_ms,
	}
}

export const hostHealth = (host: string, loops: readonly UnitLoop[], now_ms: number): HostHealth => {
	const units = loops.map(loop => healthOf(loop, now_ms))
	const versions = new Set(loops.map(({runner}) => runner.policy.version))
	const [version = null] = versions
	return {
		host,
		pid: process.pid,
		ready: units.every(({ready}) => ready),
		alive: units.every(({ready, alive}) => alive || !ready),
		policy_version: versions.size === 1 ? version : null,
		units,
	}
}

const answer = (response: ServerResponse, status: number, body: unknown): void => {
	const text = typeof body === 'string' ? body : JSON.stringify(body)
	response.writeHead(status, {
		'content-type': typeof body === 'string' ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json',
	})
	response.end(text)
}

const listen = (server: Server, where: string | number): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('error', reject)
		if (typeof where === 'number') server.listen(where, '127.0.0.1', resolve)
		else server.listen(where, resolve)
	})

type Routes = Environment['routes']

type Served = Readonly<{
	health: () => HostHealth
	routes: Routes
	listeners?: ReadonlyMap<string, RequestListener> | undefined
	commands: Environment['commands']
	/** What is told at /metrics beside how the units are. */
	metrics?: ((query: URLSearchParams) => Promise<readonly Metric[]>) | undefined
	onError: (error: unknown) => void
}>

const handler =
	({health, routes, listeners, commands, metrics, onError}: Served): RequestListener =>
	(request: IncomingMessage, response: ServerResponse) => {
		const url = requestUrl(request)
		if (!url) return answer(response, 400, {error: `${request.url} is no path; expected one such as /health`})
		const listener = listeners?.get(url.pathname)
		if (listener) return listener(request, response)
		const route = routes.get(url.pathname)
		const reply = async (): Promise<void> => {
			const command = request.method === 'POST' ? commands.get(url.pathname) : undefined
			if (command) return answer(response, 200, await command(url.searchParams))
			if (request.method !== 'GET')
				return answer(response, 405, {error: `${request.method} is not served here; expected GET`})
			if (url.pathname === '/health') {
				const state = health()
				return answer(response, state.ready && state.alive ? 200 : 503, state)
			}
			if (url.pathname === '/metrics') {
				const more = (await metrics?.(url.searchParams)) ?? []
				return answer(response, 200, exposition([...unitMetrics(health().units), ...more]))
			}
			if (route) return answer(response, 200, await route(url.searchParams))
			return answer(response, 404, {
				error: `no route ${url.pathname}`,
				routes: ['/health', '/metrics', ...routes.keys(), ...(listeners?.keys() ?? [])],
			})
		}
		reply().catch((error: unknown) => {
			onError(error)
			answer(response, 500, {error: messageOf(error)})
		})
	}

/** Serves the host on its socket, and each unit that has a port on loopback. */
export const serveHost = async (
	config: Pick<HostConfig, 'name' | 'socket' | 'ports'>,
	loops: readonly UnitLoop[],
	{
		routes,
		unitRoutes,
		unitListeners,
		unitMetrics: metricsOf,
		commands,
		clock,
		log,
	}: Pick<Environment, 'routes' | 'unitRoutes' | 'unitListeners' | 'unitMetrics' | 'commands' | 'clock' | 'log'>,
): Promise<{close(): Promise<void>}> => {
	const servers: Server[] = []
	const onError = (error: unknown) => log.error({error: messageOf(error)}, 'request failed')
	const open = async (
		loops_served: readonly UnitLoop[],
		where: string | number,
		served: Pick<Served, 'routes' | 'listeners' | 'commands' | 'metrics'>,
	) => {
		const health = () => hostHealth(config.name, loops_served, clock.machine())
		const server = createServer(handler({health, onError, ...served}))
		await listen(server, where)
		servers.push(server)
	}
	rmSync(config.socket, {force: true})
	await open(loops, config.socket, {routes, commands})
	chmodSync(config.socket, 0o600)
	for (const loop of loops) {
		const {name} = loop.options.unit
		const port = config.ports[name]
		const served = {
			...{routes: unitRoutes.get(name) ?? new Map(), listeners: unitListeners.get(name)},
			...{commands: new Map(), metrics: metricsOf.get(name)},
		}
		if (port !== undefined) await open([loop], port, served)
	}
	return {
		close: async () => {
			for (const server of servers) server.closeAllConnections()
			await Promise.all(servers.map(server => new Promise<void>(resolve => server.close(() => resolve()))))
		},
	}
}
