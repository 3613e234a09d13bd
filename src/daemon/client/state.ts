import {connect} from 'node:net'
import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {Naming} from '../../engine/contracts/naming.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {type Home, socketOf, storedSystem} from './home.js'

/** The shared state of a system: its Redis, and how things are called there. */
export type State = Readonly<{bus: RedisBus; naming: Naming; url: string}>

/** Where the Redis of a home is: its own socket, or the external server of its settings. */
export const redisUrlOf = (home: Home): string | undefined => {
	const {redis_url} = storedSystem(home)
	if (redis_url !== undefined) return redis_url
	const socket = socketOf(home, 'redis.sock')
	return socket === undefined ? undefined : `unix:${socket}`
}

const addressOf = (url: string): {path: string} | {host: string; port: number} => {
	if (url.startsWith('unix:')) return {path: url.slice('unix:'.length)}
	const {hostname, port} = new URL(url)
	return {host: hostname, port: Number(port || 6379)}
}

/** Whether somebody accepts connections there; says why not. */
const accepts = (url: string, within_ms: number): Promise<string | undefined> =>
	new Promise(resolve => {
		const socket = connect(addressOf(url))
		const settle = (problem: string | undefined) => {
			socket.destroy()
			resolve(problem)
		}
		socket.setTimeout(within_ms, () => settle(`no answer within ${within_ms} ms`))
		socket.once('connect', () => settle(undefined))
		socket.once('error', error => settle(error.message))
	})

export const unreachable = (detail: string): OperatorError =>
	new OperatorError(`Redis is unreachable: ${detail}`, {
		exit_code: EXIT_CODES.unreachable,
		hint: 'see qt status; qt up starts the system, qt kill works without it',
	})

/** Rejects when the work takes longer; the work itself is not ended by that. */
export const inTime = async <Result>(
	work: Promise<Result>,
	within_ms: number,
	tooLate: () => Error,
): Promise<Result> => {
	let timer: NodeJS.Timeout | undefined
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(tooLate()), within_ms)
	})
	try {
		return await Promise.race([work, late])
	} finally {
		clearTimeout(timer)
		work.catch(() => undefined)
	}
}

/** Rejects with `unreachable` when the work takes longer; the work itself is not ended by that. */
export const withDeadline = <Result>(work: Promise<Result>, within_ms: number, what: string): Promise<Result> =>
	inTime(work, within_ms, () => unreachable(`${what} took longer than ${within_ms} ms`))

/**
 * Opens the shared state; `close` ends the connection.
 * @throws OperatorError (unreachable) when Redis does not accept or answer within the limit.
 */
export const openState = async (
	home: Home,
	{answer_ms = CLIENT_LIMITS.redis_answer_ms}: {answer_ms?: number} = {},
): Promise<State & {close(): Promise<void>}> => {
	const url = redisUrlOf(home)
	if (url === undefined) throw unreachable(`the system never ran in ${home.root}`)
	const problem = await accepts(url, answer_ms)
	if (problem !== undefined) throw unreachable(problem)
	const [{connectRedis}, {RedisBus}] = await Promise.all([
		import('../../engine/adapters/redis/connect.js'),
		import('../../engine/adapters/redis/redis-bus.js'),
	])
	const bus = new RedisBus(() => connectRedis(url))
	try {
		await withDeadline(bus.redis.ping(), answer_ms, 'the first answer')
	} catch (error) {
		await bus.close()
		throw error
	}
	return {bus, naming: new Naming(storedSystem(home).prefix), url, close: () => bus.close()}
}

/** Reads something of the shared state within the limit, and closes the connection whatever happens. */
export const withState = async <Result>(
	home: Home,
	read: (state: State) => Promise<Result>,
	within_ms: number = CLIENT_LIMITS.redis_read_ms,
): Promise<Result> => {
	const {close, ...state} = await openState(home)
	try {
		return await withDeadline(read(state), within_ms, 'the reading')
	} finally {
		await close()
	}
}
