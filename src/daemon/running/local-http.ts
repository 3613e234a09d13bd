import {Agent, request} from 'node:http'

type Where = Readonly<{socketPath: string} | {host: string; port: number}>

/** A server on this machine that is asked again and again: one connection, kept open. */
export class LocalServer {
	readonly #agent = new Agent({keepAlive: true, maxSockets: 1})

	constructor(private readonly where: Where) {}

	/** POST of JSON, answered with JSON. @throws Error for any other answer than 200, or none within `within_ms` */
	post(path: string, body: unknown, within_ms: number, signal: AbortSignal): Promise<unknown> {
		const text = JSON.stringify(body)
		const headers = {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}
		const options = {...this.where, path, method: 'POST', headers, agent: this.#agent, signal}
		return new Promise((resolve, reject) => {
			const asked = request(options, response => {
				const chunks: Buffer[] = []
				response.on('data', (chunk: Buffer) => chunks.push(chunk))
				response.on('error', reject)
				response.on('end', () => {
					clearTimeout(deadline)
					const answer = Buffer.concat(chunks).toString('utf8')
					if (response.statusCode === 200) resolve(JSON.parse(answer))
					else reject(new Error(`POST ${path}: HTTP ${response.statusCode} ${answer.slice(0, 300)}`))
				})
			})
			const deadline = setTimeout(
				() => asked.destroy(new Error(`POST ${path}: no answer within ${within_ms} ms`)),
				within_ms,
			)
			asked.on('error', error => {
				clearTimeout(deadline)
				reject(error)
			})
			asked.end(text)
		})
	}

	close(): void {
		this.#agent.destroy()
	}
}
