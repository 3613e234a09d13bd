import type {StreamClient} from './stream-hub.js'

const NAMED_MAX = 2

/** The connection as an operator would know it: by what it listens to. A listen key is a secret. */
const nameOf = ({streams}: StreamClient): string => {
	const names = [...streams].map(name => (name.startsWith('!') || name.includes('@') ? name : 'user data'))
	const more = names.length - NAMED_MAX
	return [...names.slice(0, NAMED_MAX), ...(more > 0 ? [`${more} more`] : [])].join(', ') || 'no stream'
}

/**
 * Knows when clients have what was sent to them: a client answers a ping after it has taken every message before it
 * (RFC 6455, 5.5.3: frames are answered in their order).
 */
export class SocketBarrier {
	#mark = 0

	/** True when the client has answered, or has gone; false when it did neither within `within_ms`. */
	async #answers({socket}: StreamClient, mark: number, within_ms: number): Promise<boolean> {
		if (socket.readyState !== socket.OPEN) return true
		return new Promise(resolve => {
			const end = (answered: boolean) => {
				clearTimeout(deadline)
				socket.off('pong', onPong)
				socket.off('close', onClose)
				resolve(answered)
			}
			// A client that is late may leave out pongs: the answer to a later ping tells more.
			const onPong = (data: Buffer) => {
				if (Number(data.toString('latin1')) >= mark) end(true)
			}
			const onClose = () => end(true)
			const deadline = setTimeout(() => end(false), within_ms)
			socket.on('pong', onPong)
			socket.on('close', onClose)
			socket.ping(String(mark))
		})
	}

	/** Resolves when every client has all that was sent to it; with the names of those that have not answered in time. */
	async delivered(clients: ReadonlySet<StreamClient>, within_ms: number): Promise<readonly string[]> {
		this.#mark += 1
		const mark = this.#mark
		const asked = [...clients].map(async client =>
			(await this.#answers(client, mark, within_ms)) ? [] : [nameOf(client)],
		)
		return (await Promise.all(asked)).flat()
	}
}
