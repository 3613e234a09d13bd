import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {Answer, Dispatcher} from './dispatch.js'
import type {Control} from './routes-control.js'

const bodyMaxBytes = 1_000_000

const readBody = (request: IncomingMessage): Promise<string> =>
	new Promise((resolve, reject) => {
		const chunks: Buffer[] = []
		let size = 0
		request.on('data', (chunk: Buffer) => {
			size += chunk.length
			if (size > bodyMaxBytes) request.destroy(new Error(`The request body is larger than ${bodyMaxBytes} bytes.`))
			chunks.push(chunk)
		})
		request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
		request.on('error', reject)
	})

const write = (response: ServerResponse, {http, headers, body}: Answer): void => {
	if (response.destroyed) return
	response.writeHead(http, {'content-type': 'application/json', ...headers})
	response.end(body)
}

/** Lets an answer go, or does to it what its fault says. */
const deliver = (response: ServerResponse, answer: Answer): void => {
	const action = answer.fault?.action
	if (action?.kind === 'drop') {
		response.socket?.destroy()
		return
	}
	if (action?.kind === 'delay') {
		setTimeout(() => write(response, answer), action.ms).unref()
		return
	}
	if (action?.kind === 'hang') {
		setTimeout(() => response.socket?.destroy(), action.ms).unref()
		return
	}
	write(response, answer)
}

const header = (request: IncomingMessage, name: string): string | undefined => {
	const value = request.headers[name]
	return Array.isArray(value) ? value[0] : value
}

/** HTTP: `/paper/*` goes to the control endpoints, everything else to the venue's API. */
export const createHttpServer = (dispatcher: Dispatcher, control: Control, onBug: (error: unknown) => void): Server => {
	const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const body = await readBody(request)
		const url = request.url ?? '/'
		const mark = url.indexOf('?')
		const path = decodeURIComponent(mark < 0 ? url : url.slice(0, mark))
		const method = request.method ?? 'GET'
		if (path.startsWith('/paper/')) {
			const answer = await control.handle({method, path, body, address: request.socket.remoteAddress ?? ''})
			write(response, {http: answer.http, headers: {}, body: JSON.stringify(answer.body)})
			return
		}
		const query = mark < 0 ? '' : url.slice(mark + 1)
		deliver(response, dispatcher.handle({method, path, query, body, api_key: header(request, 'x-mbx-apikey')}))
	}
	const server = createServer((request, response) => {
		serve(request, response).catch(error => {
			if (request.destroyed && !request.complete) return
			onBug(error)
			write(response, {http: 500, headers: {}, body: '{"code":-1000,"msg":"An unknown error occurred."}'})
		})
	})
	server.keepAliveTimeout = 75_000
	return server
}
