import {connect} from 'node:net'
import {NotListening, Unanswered} from './unix-http.js'

export type Reply = string | number | null | readonly Reply[]

type Parsed = Readonly<{value: Reply; next: number}>

/** One reply of the protocol from `at` on; undefined while it is not whole. */
const parse = (data: Buffer, at: number): Parsed | undefined => {
	const end = data.indexOf('\r\n', at)
	if (end === -1) return undefined
	const kind = data.toString('latin1', at, at + 1)
	const line = data.toString('utf8', at + 1, end)
	const next = end + 2
	if (kind === '+') return {value: line, next}
	if (kind === ':') return {value: Number(line), next}
	if (kind === '-') throw new Error(line)
	const length = Number(line)
	if (length < 0) return {value: null, next}
	if (kind === '$') {
		if (data.length < next + length + 2) return undefined
		return {value: data.toString('utf8', next, next + length), next: next + length + 2}
	}
	if (kind !== '*') throw new Error(`a reply that begins with ${JSON.stringify(kind)}`)
	const values: Reply[] = []
	let position = next
	for (let index = 0; index < length; index += 1) {
		const part = parse(data, position)
		if (!part) return undefined
		values.push(part.value)
		position = part.next
	}
	return {value: values, next: position}
}

const encoded = (words: readonly string[]): string =>
	`*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

/**
 * A few readings over a unix socket, for commands that are over before the client library would be loaded.
 * @throws NotListening, Unanswered
 */
export const askRedis = (
	path: string,
	commands: readonly (readonly string[])[],
	within_ms: number,
): Promise<readonly Reply[]> =>
	new Promise((resolve, reject) => {
		const socket = connect(path)
		const replies: Reply[] = []
		let data = Buffer.alloc(0)
		let at = 0
		const settle = (act: () => void) => {
			clearTimeout(deadline)
			socket.destroy()
			act()
		}
		const deadline = setTimeout(
			() => settle(() => reject(new Unanswered(`Redis on ${path} did not answer within ${within_ms} ms`))),
			within_ms,
		)
		socket.on('error', (error: NodeJS.ErrnoException) => settle(() => reject(new NotListening(error.message))))
		socket.on('close', () => settle(() => reject(new NotListening(`Redis on ${path} closed the connection`))))
		socket.on('data', chunk => {
			data = Buffer.concat([data, chunk])
			try {
				for (let reply = parse(data, at); reply; reply = parse(data, at)) {
					replies.push(reply.value)
					at = reply.next
				}
			} catch (error) {
				settle(() => reject(error instanceof Error ? error : new Error(String(error))))
			}
			if (replies.length === commands.length) settle(() => resolve(replies))
		})
		socket.write(commands.map(encoded).join(''))
	})

/** A flat reply of HGETALL as an object. */
export const hashOf = (reply: Reply | undefined): Record<string, string> => {
	const fields: Record<string, string> = {}
	if (!Array.isArray(reply)) return fields
	for (let index = 0; index + 1 < reply.length; index += 2) fields[String(reply[index])] = String(reply[index + 1])
	return fields
}
