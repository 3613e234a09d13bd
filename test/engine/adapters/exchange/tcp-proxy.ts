import {type AddressInfo, connect, createServer, type Socket} from 'node:net'

/** A wire in between that can be cut, or left hanging so that nothing comes through and nothing ends. */
export class TcpProxy {
	readonly #pairs = new Set<readonly [Socket, Socket]>()
	#refusing = false
	/** Connections made so far. */
	connections = 0

	private constructor(
		readonly port: number,
		private readonly end: () => Promise<void>,
	) {}

	static async to(target_port: number): Promise<TcpProxy> {
		const server = createServer(near => proxy.#join(near, target_port))
		await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
		const {port} = server.address() as AddressInfo
		const proxy = new TcpProxy(port, () => new Promise(resolve => server.close(() => resolve())))
		return proxy
	}

	/** Ends every connection now; new ones are taken unless `refuse` says otherwise. */
	cut(): void {
		for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
	}

	refuse(refusing: boolean): void {
		this.#refusing = refusing
	}

	/** Nothing comes through existing connections any more, and nobody is told. New ones work. */
	freeze(): void {
		for (const pair of this.#pairs)
			for (const socket of pair) {
				socket.pause()
				socket.removeAllListeners('data')
			}
	}

	async close(): Promise<void> {
		this.cut()
		await this.end()
	}

	#join(near: Socket, target_port: number): void {
		if (this.#refusing) {
			near.destroy()
			return
		}
		this.connections += 1
		const far = connect(target_port, '127.0.0.1')
		const pair = [near, far] as const
		this.#pairs.add(pair)
		near.on('data', data => far.write(data))
		far.on('data', data => near.write(data))
		for (const socket of pair) {
			socket.on('error', () => undefined)
			socket.on('close', () => {
				near.destroy()
				far.destroy()
				this.#pairs.delete(pair)
			})
		}
	}
}
