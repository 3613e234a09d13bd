import {readdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {type Home, socketOf} from './home.js'
import {callSocket, NotListening} from './unix-http.js'

/** What a host process says of itself. */
export type HostHealth = Readonly<{
	pid: number
	units: ReadonlyArray<
		Readonly<{
			name: string
			ready: boolean
			handled: number
			dead_lettered: number
			effects_in_flight: number
			last_turn_age_ms: number
		}>
	>
}>

export type LivingHost = Readonly<{
	process: string
	/** Undefined: it accepts connections and does not answer. */
	health: HostHealth | undefined
}>

const HOST_SOCKET = /^host-.+\.sock$/
const HEALTH_WITHIN_MS = 1_000

const hostAt = async (directory: string, socket: string): Promise<readonly LivingHost[]> => {
	const process = socket.replace(/\.sock$/, '')
	try {
		const {body} = await callSocket({socket: join(directory, socket), path: '/health', within_ms: HEALTH_WITHIN_MS})
		const answered = Array.isArray((body as Partial<HostHealth> | null)?.units)
		return [{process, health: answered ? (body as HostHealth) : undefined}]
	} catch (error) {
		return error instanceof NotListening ? [] : [{process, health: undefined}]
	}
}

/** Host processes of the home that are alive, whether or not a daemon watches over them. */
export const hostsAlive = async (home: Home): Promise<readonly LivingHost[]> => {
	// A long name may not fit where a short one does, and lies elsewhere then.
	const places = ['host-x.sock', 'host-execution-result-bridge.sock'].map(name => socketOf(home, name))
	const directories = new Set(places.flatMap(place => (place === undefined ? [] : [dirname(place)])))
	const found = [...directories].flatMap(directory =>
		readdirSync(directory)
			.filter(name => HOST_SOCKET.test(name))
			.map(name => hostAt(directory, name)),
	)
	return (await Promise.all(found)).flat()
}
