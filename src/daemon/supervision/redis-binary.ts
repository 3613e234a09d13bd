import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK)
		return statSync(path).isFile()
	} catch {
		return false
	}
}

/** The one command that installs a Redis server on this system. */
export function redisInstallCommand(
	env: NodeJS.ProcessEnv,
	platform = process.platform,
	uid = process.getuid?.(),
): string {
	if (platform === 'darwin') return 'brew install redis'
	const sudo = uid === 0 ? '' : 'sudo '
	const has = (name: string) => (env.PATH ?? '').split(delimiter).some(dir => dir && isProgram(join(dir, name)))
	if (has('dnf')) return `${sudo}dnf install -y redis`
	if (has('apk')) return `${sudo}apk add redis`
	if (has('pacman')) return `${sudo}pacman -S --noconfirm valkey`
	return `${sudo}apt-get install -y redis-server`
}

/**
 * The Redis server program: QT_REDIS_BIN, else `redis-server`, else `valkey-server` on PATH.
 * @throws OperatorError (unreachable, exit code 5) with the command that installs one.
 */
export function findRedisServer(env: NodeJS.ProcessEnv): string {
	const chosen = env.QT_REDIS_BIN
	if (chosen) {
		if (isProgram(chosen)) return chosen
		throw new OperatorError(`QT_REDIS_BIN is ${chosen}, which is no program that can be run`, {
			exit_code: EXIT_CODES.unreachable,
			hint: 'correct QT_REDIS_BIN, or unset it to search PATH',
		})
	}
	const dirs = (env.PATH ?? '').split(delimiter).filter(Boolean)
	for (const name of ['redis-server', 'valkey-server']) {
		const found = dirs.map(dir => join(dir, name)).find(isProgram)
		if (found) return found
	}
	throw new OperatorError('no Redis server: neither QT_REDIS_BIN nor redis-server nor valkey-server on PATH', {
		exit_code: EXIT_CODES.unreachable,
		hint: `install one: ${redisInstallCommand(env)}`,
	})
}
