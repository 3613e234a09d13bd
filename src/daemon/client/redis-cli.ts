import {spawn, spawnSync} from 'node:child_process'
import {accessSync, constants} from 'node:fs'
import {delimiter, join} from 'node:path'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {redisInstallCommand} from '../supervision/redis-binary.js'
import type {Home} from './home.js'
import {redisUrlOf, unreachable} from './state.js'

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
 * Runs redis-cli on the server of the home: on this terminal, or with its output captured.
 * @throws OperatorError (unreachable) without the program or before the system ran
 */
export const runRedisCli = async (
	home: Home,
	args: readonly string[],
	{env, capture}: {env: NodeJS.ProcessEnv; capture: boolean},
): Promise<RedisCliResult> => {
	const client = findClient(env)
	const url = redisUrlOf(home)
	if (url === undefined) throw unreachable(`the system never ran in ${home.root}`)
	const where = url.startsWith('unix:') ? ['-s', url.slice('unix:'.length)] : ['-u', url]
	const piped = capture ? 'pipe' : 'inherit'
	const flags = args.length > 0 ? honestly(client) : []
	const child = spawn(client, [...where, ...flags, ...args], {stdio: ['inherit', piped, piped], env})
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
