import {chmodSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {z} from 'zod'
import {type Target, targetNames} from '../engine/contracts/targets.js'
import {messageOf, OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import type {Daemon} from './daemon.js'
import {requestUrl} from './request-url.js'

const BODY_MAX = 16_384
const startSchema = z.strictObject({targets: z.array(z.enum(targetNames as [Target, ...Target[]])).default([])})
const nameSchema = z.strictObject({name: z.string().min(1).max(100)})

const readBody = async (request: IncomingMessage): Promise<unknown> => {
	const chunks: Buffer[] = []
	let size = 0
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length
		if (size > BODY_MAX)
			throw new OperatorError(`request of more than ${BODY_MAX} bytes`, {exit_code: EXIT_CODES.usage})
		chunks.push(chunk)
	}
	const text = Buffer.concat(chunks).toString('utf8')
	try {
		return text === '' ? {} : JSON.parse(text)
	} catch (cause) {
		throw new OperatorError('the request body is not JSON', {exit_code: EXIT_CODES.usage, cause})
	}
}

const parse = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
	const parsed = schema.safeParse(body)
	if (parsed.success) return parsed.data
	throw new OperatorError(z.prettifyError(parsed.error), {exit_code: EXIT_CODES.usage, hint: 'see qt --help'})
}

type Route = (body: unknown) => Promise<unknown>

const routesOf = (daemon: Daemon, onStopped: () => void): Readonly<Record<string, Route>> => ({
	'GET /status': async () => daemon.status(),
	'GET /health': async () => ({ok: true, pid: process.pid}),
	'POST /start': async body => {
		await daemon.start(parse(startSchema, body).targets)
		return {ok: true}
	},
	'POST /restart': async body => {
		await daemon.restart(parse(nameSchema, body).name)
		return {ok: true}
	},
	'POST /reset': async body => {
		daemon.reset(parse(nameSchema, body).name)
		return {ok: true}
	},
	'POST /stop': async () => {
		const report = await daemon.stop()
		onStopped()
		return report
	},
	'POST /kill-processes': async () => {
		daemon.kill()
		return {ok: true}
	},
})

const send = (response: ServerResponse, status: number, body: unknown): void => {
	response.writeHead(status, {'content-type': 'application/json', connection: 'close'})
	response.end(JSON.stringify(body))
}

const failure = (error: unknown) =>
	error instanceof OperatorError
		? {status: 409, body: {error: {message: error.message, hint: error.hint, exit_code: error.exit_code}}}
		: {
				status: 500,
				body: {error: {message: messageOf(error), exit_code: EXIT_CODES.failure}},
			}

/** The daemon's door: HTTP over a unix socket that only its owner can open. */
export const serveControl = async (daemon: Daemon, path: string, onStopped: () => void): Promise<Server> => {
	const routes = routesOf(daemon, onStopped)
	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const asked = requestUrl(request)
		if (!asked)
			return send(response, 400, {
				error: {message: `${request.url} is no path; expected one such as /status`, exit_code: EXIT_CODES.usage},
			})
		const route = routes[`${request.method} ${asked.pathname}`]
		if (!route)
			return send(response, 404, {
				error: {message: `no route ${request.method} ${request.url}`, exit_code: EXIT_CODES.usage},
			})
		try {
			send(response, 200, await route(await readBody(request)))
		} catch (error) {
			const {status, body} = failure(error)
			send(response, status, body)
		}
	}
	const server = createServer((request, response) => {
		handle(request, response).catch(() => response.destroy())
	})
	rmSync(path, {force: true})
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject)
		server.listen(path, resolve)
	})
	chmodSync(path, 0o600)
	return server
}
