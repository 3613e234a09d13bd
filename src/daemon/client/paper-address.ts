import {readFileSync} from 'node:fs'
import {connect} from 'node:net'
import {join} from 'node:path'
import type {Home} from './home.js'

const WITHIN_MS = 1_000

/** Whether somebody accepts connections on a port of this machine. */
const isListening = (port: number): Promise<boolean> =>
	new Promise(resolve => {
		const socket = connect({host: '127.0.0.1', port})
		const settle = (listening: boolean) => {
			socket.destroy()
			resolve(listening)
		}
		// A venue that accepts in the kernel and hangs counts as there.
		socket.setTimeout(WITHIN_MS, () => settle(true))
		socket.once('connect', () => settle(true))
		socket.once('error', () => settle(false))
	})

/** Origin of the paper venue while it runs, from what the daemon wrote for it; undefined when it does not. */
export const paperAddress = async (home: Home): Promise<string | undefined> => {
	let port: number | undefined
	try {
		const config = JSON.parse(readFileSync(join(home.run, 'paper-exchange.config.json'), 'utf8')) as {port?: number}
		port = config.port
	} catch {
		return undefined
	}
	return port !== undefined && (await isListening(port)) ? `http://127.0.0.1:${port}` : undefined
}
