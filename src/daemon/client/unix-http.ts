import {existsSync} from 'node:fs'
import {request} from 'node:http'

/** Nobody listens on the socket: no such file, or nobody behind it. */
export class NotListening extends Error {}
/** Somebody listens and did not answer in time. */
export class Unanswered extends Error {}

export type HttpCall = Readonly<{
	socket: string
	method?: 'GET' | 'POST'
	path: string
	body?: unknown
	within_ms: number
}>
export type HttpAnswer = Readonly<{status: number; body: unknown}>

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text)
	} catch {
		return text
	}
}

/**
 * One request over a unix socket; the answer's JSON, or its text when it is none.
 * @throws NotListening, Unanswered
 */
export const callSocket = ({socket, method = 'GET', path, body, within_ms}: HttpCall): Promise<HttpAnswer> =>
	new Promise((resolve, reject) => {
		if (!existsSync(socket)) {
			reject(new NotListening(`${socket} does not exist`))
			return
		}
		const text = body === undefined ? '' : JSON.stringify(body)
		const headers = text === '' ? {} : {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}
		const call = request({socketPath: socket, method, path, headers, agent: false}, response => {
			const chunks: Buffer[] = []
			response.on('data', (chunk: Buffer) => chunks.push(chunk))
			response.on('error', reject)
			response.on('end', () => {
				clearTimeout(deadline)
				resolve({status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8'))})
			})
		})
		const deadline = setTimeout(
			() => call.destroy(new Unanswered(`${method} ${path} on ${socket}: no answer within ${within_ms} ms`)),
			within_ms,
		)
		call.on('error', (error: NodeJS.ErrnoException) => {
			clearTimeout(deadline)
			const nobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET'
			reject(nobody ? new NotListening(`${socket}: ${error.message}`) : error)
		})
		call.end(text)
	})
