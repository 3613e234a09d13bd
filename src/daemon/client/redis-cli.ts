import {spawn, spawnSync} from 'node:child_process'
import {accessSync, constants} from 'node:fs'
import {delimiter, join} from 'node:path'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {redisInstallCommand} from '../supervision/redis-binary.js'
import {REDIS_USERS, type RedisLogin, type RedisUser} from '../system/redis-login.js'
import type {Home} from './home.js'
import {loginFor, redisUrlOf, unreachable} from './state.js'

export type RedisCliResult = Readonly<{exit_code: number; output: string; error: string}>

const VERSION_MS = 2_000

/** From version 7 on it can be asked to end with an error when the command does. */
const honestly = (client: string): readonly string[] => {
	const {stdout} = spawnSync(client, ['--version'], {encoding: 'utf8', timeout: VERSION_MS})
	return Number(/ (\d+)\./.exec(stdout ?? '')?.[1] ?? 0) >= 7 ? ['-e'] : []
}

/** @throws OperatorError (unreachable) with the command that installs one */
const findClient = (env: NodeJS.ProcessEnv): string => {
	const directories = (env.PATH ?? '').split(delimiter).filter(Boolean)
	for (const name of ['redis-cli', 'valkey-cli'])
		for (const directory of directories) {
			const path = join(directory, name)
			try {
				accessSync(path, constants.X_OK)
				return path
			} catch {
				// Not there: the next place is looked at.
			}
		}
	throw new OperatorError('neither redis-cli nor valkey-cli is on PATH', {
		exit_code: EXIT_CODES.unreachable,
		hint: `install it: ${redisInstallCommand(env)}`,
	})
}

/**
 * The user that a command line begins with (`--as operator` or `--as=operator`), and the words that are left.
 * @throws OperatorError (usage) for a user that does not exist
 */
export const redisUserOf = (words: readonly string[]): Readonly<{as: RedisUser; args: readonly string[]}> => {
	const [first = '', second = ''] = words
	if (first !== '--as' && !first.startsWith('--as=')) return {as: 'reader', args: words}
	const name = first === '--as' ? second : first.slice('--as='.length)
	const as = REDIS_USERS.find(user => user === name)
	if (as) return {as, args: words.slice(first === '--as' ? 2 : 1)}
	throw new OperatorError(`Redis has no user ${JSON.stringify(name)}`, {
		exit_code: EXIT_CODES.usage,
		hint: `--as takes ${REDIS_USERS.join(', ')}`,
	})
}

/** How the client is told where to and as whom: everybody can read its arguments, so the password is in its environment. */
export const doorOf = (
	url: string,
	login: RedisLogin | undefined,
): Readonly<{words: readonly string[]; env: Readonly<Record<string, string>>}> => {
	const said = url.startsWith('unix:') ? undefined : new URL(url)
	const username = login?.username ?? decodeURIComponent(said?.username ?? '')
	const password = login?.password ?? decodeURIComponent(said?.password ?? '')
	const database = said?.pathname.slice(1) ?? ''
	const where = said
		? ['-h', said.hostname, '-p', said.port || '6379', ...(said.protocol === 'rediss:' ? ['--tls'] : [])]
		: ['-s', url.slice('unix:'.length)]
	return {
		words: [...where, ...(database === '' ? [] : ['-n', database]), ...(username === '' ? [] : ['--user', username])],
		env: password === '' ? {} : {REDISCLI_AUTH: password, VALKEYCLI_AUTH: password},
	}
}

/**
 * Runs redis-cli on the server of the home: on this terminal, or with its output captured.
 * @throws OperatorError (unreachable) without the program or before the system ran
 */
export const runRedisCli = async (
	home: Home,
	args: readonly string[],
	{env, capture, as}: {env: NodeJS.ProcessEnv; capture: boolean; as: RedisUser},
): Promise<RedisCliResult> => {
	const client = findClient(env)
	const url = redisUrlOf(home)
	if (url === undefined) throw unreachable(`the system never ran in ${home.root}`)
	const door = doorOf(url, loginFor(home, as))
	const piped = capture ? 'pipe' : 'inherit'
	const flags = args.length > 0 ? honestly(client) : []
	const child = spawn(client, [...door.words, ...flags, ...args], {
		stdio: ['inherit', piped, piped],
		env: {...env, ...door.env},
	})
	const chunks: Buffer[] = []
	const errors: Buffer[] = []
	child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
	child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk))
	// Ctrl-C belongs to what runs on the terminal.
	const ignore = () => undefined
	process.on('SIGINT', ignore)
	try {
		const exit_code = await new Promise<number>((resolve, reject) => {
			child.once('error', reject)
			child.once('close', code => resolve(code ?? EXIT_CODES.interrupted))
		})
		return {
			exit_code,
			output: Buffer.concat(chunks).toString('utf8'),
			error: Buffer.concat(errors).toString('utf8').trim(),
		}
	} finally {
		process.removeListener('SIGINT', ignore)
	}
}
