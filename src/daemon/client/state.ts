import {connect} from 'node:net'
import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {Naming} from '../../engine/contracts/naming.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {type RedisLogin, type RedisUser, redisLogin} from '../system/redis-login.js'
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

/** As whom a command speaks to the managed Redis. Its password is in the home; an external one has it in its address. */
export const loginFor = (home: Home, user: RedisUser): RedisLogin | undefined =>
	storedSystem(home).redis_url === undefined ? redisLogin(home, user) : undefined

/** What an operator is told where Redis lets a command not in. */
const asOperatorError = (home: Home, user: RedisUser, error: unknown): unknown => {
	const [word = ''] = error instanceof Error ? error.message.split(' ', 1) : []
	if (!['WRONGPASS', 'NOAUTH', 'NOPERM'].includes(word)) return error
	const what = word === 'NOPERM' ? 'does not let its user do this' : 'refuses the password'
	return new OperatorError(`Redis ${what} (${word}, user ${user})`, {
		exit_code: EXIT_CODES.refused,
		hint: `its users are those of ${home.access} at its start: qt down, then qt up, brings the two together`,
		cause: error,
	})
}

export type StateOptions = Readonly<{
	answer_ms?: number
	/** `reader` unless more is needed: what an operator writes as `operator`, what repairs the state of units as `host`. */
	as?: RedisUser
}>

/**
 * Opens the shared state; `close` ends the connection.
 * @throws OperatorError (unreachable) when Redis does not accept or answer within the limit, (refused) when it does not
 * let the user in
 */
export const openState = async (
	home: Home,
	{answer_ms = CLIENT_LIMITS.redis_answer_ms, as = 'reader'}: StateOptions = {},
): Promise<State & {close(): Promise<void>}> => {
	const url = redisUrlOf(home)
	if (url === undefined) throw unreachable(`the system never ran in ${home.root}`)
	const problem = await accepts(url, answer_ms)
	if (problem !== undefined) throw unreachable(problem)
	const [{connectRedis}, {RedisBus}] = await Promise.all([
		import('../../engine/adapters/redis/connect.js'),
		import('../../engine/adapters/redis/redis-bus.js'),
	])
	const login = loginFor(home, as)
	const bus = new RedisBus(() => connectRedis(url, login))
	try {
		await withDeadline(bus.redis.ping(), answer_ms, 'the first answer')
	} catch (error) {
		await bus.close()
		throw asOperatorError(home, as, error)
	}
	return {bus, naming: new Naming(storedSystem(home).prefix), url, close: () => bus.close()}
}

/** Reads something of the shared state within the limit, and closes the connection whatever happens. */
export const withState = async <Result>(
	home: Home,
	read: (state: State) => Promise<Result>,
	{within_ms = CLIENT_LIMITS.redis_read_ms, as = 'reader'}: Pick<StateOptions, 'as'> & {within_ms?: number} = {},
): Promise<Result> => {
	const {close, ...state} = await openState(home, {as})
	try {
		return await withDeadline(read(state), within_ms, 'the reading')
	} catch (error) {
		throw asOperatorError(home, as, error)
	} finally {
		await close()
	}
}
