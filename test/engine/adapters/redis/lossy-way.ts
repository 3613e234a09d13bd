import {connect as connectSocket, createServer, type Socket} from 'node:net'

/** A way to the server that swallows answers: what was asked is done, and the asker never learns. */
export const lossyWay = async (path: string, to: string) => {
	let swallow: ((request: string) => boolean) | undefined
	let swallowed = 0
	const sockets = new Set<Socket>()
	const way = createServer(client => {
		const upstream = connectSocket(to)
		let last = ''
		sockets.add(client)
		client.on('data', data => {
			last = data.toString()
			upstream.write(data)
		})
		upstream.on('data', data => {
			if (swallow?.(last)) {
				swallow = undefined
				swallowed += 1
				client.destroy()
			} else client.write(data)
		})
		client.on('error', () => undefined)
		client.on('close', () => upstream.destroy())
		upstream.on('error', () => client.destroy())
		upstream.on('close', () => client.destroy())
	})
	await new Promise<void>(resolve => way.listen(path, resolve))
	return {
		next: (request: (text: string) => boolean) => {
			swallow = request
		},
		get swallowed() {
			return swallowed
		},
		close: () => {
			for (const socket of sockets) socket.destroy()
			way.close()
		},
	}
}
