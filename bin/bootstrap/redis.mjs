import {execFileSync} from 'node:child_process'
import {findOnPath, isExecutable, runStep} from './processes.mjs'
import {BootstrapError, exitCodes, say, step} from './report.mjs'

/** XAUTOCLAIM that names deleted entries, group lag and functions came with 7.0. */
const redisMajorMin = 7
const versionWithinMs = 5_000

const packageInstallers = [
	{program: 'apt-get', command: 'apt-get update && apt-get install -y --no-install-recommends redis-server'},
	{program: 'dnf', command: 'dnf install -y redis'},
	{program: 'apk', command: 'apk add redis'},
	{program: 'pacman', command: 'pacman -S --noconfirm valkey'},
	{program: 'zypper', command: 'zypper --non-interactive install redis'},
]

const isRoot = () => process.getuid?.() === 0

/** The exact command that installs a server here, for an operator to run. */
export function installCommand() {
	if (process.platform === 'darwin') return 'brew install redis'
	const installer = packageInstallers.find(({program}) => findOnPath(program))
	if (!installer) return undefined
	return isRoot() ? installer.command : installer.command.replace(/(^|&& )/g, '$1sudo ')
}

function cannot(message) {
	const command = installCommand()
	const remedy = command
		? `run: ${command}`
		: `install Redis or Valkey ${redisMajorMin}.0 or newer (https://redis.io/downloads) and put redis-server on PATH, or run: export QT_REDIS_BIN=/path/to/redis-server`
	return new BootstrapError(message, remedy, exitCodes.unreachable)
}

/** The server's version such as `7.0.15`, asked of the program itself. */
function versionOf(binary) {
	try {
		const answer = execFileSync(binary, ['--version'], {
			encoding: 'utf8',
			timeout: versionWithinMs,
			stdio: ['ignore', 'pipe', 'ignore'],
		})
		return /v=(\d+\.\d+\.\d+)/.exec(answer)?.[1]
	} catch {
		return undefined
	}
}

/**
 * The Redis server to use, in the order QT_REDIS_BIN, redis-server,
 * valkey-server on PATH; undefined when there is none.
 *
 * @throws BootstrapError when QT_REDIS_BIN names no program, or the first one found is too old or no Redis
 */
export function findRedis(env = process.env) {
	if (env.QT_REDIS_BIN && !isExecutable(env.QT_REDIS_BIN)) {
		throw new BootstrapError(
			`QT_REDIS_BIN is ${env.QT_REDIS_BIN}, which is not an executable file`,
			'set it to a redis-server or valkey-server, or run: unset QT_REDIS_BIN',
			exitCodes.unreachable,
		)
	}
	const binary = env.QT_REDIS_BIN || findOnPath('redis-server', env) || findOnPath('valkey-server', env)
	if (!binary) return undefined
	const version = versionOf(binary)
	if (version === undefined || Number.parseInt(version, 10) < redisMajorMin) {
		throw new BootstrapError(
			`${binary} is ${version ? `Redis ${version}` : 'not a Redis server (it did not tell a version)'}; ${redisMajorMin}.0 or newer is needed`,
			'install a newer one (https://redis.io/docs/latest/operate/oss_and_stack/install/) or run: export QT_REDIS_BIN=/path/to/redis-server',
			exitCodes.unreachable,
		)
	}
	return binary
}

/** How to become root without asking: nothing for root, `sudo -n` where that works, else undefined. */
async function rootPrefix() {
	if (isRoot()) return []
	const sudo = findOnPath('sudo')
	if (!sudo) return undefined
	return (await runStep(sudo, ['-n', 'true'], {})) === 0 ? [sudo, '-n'] : undefined
}

/**
 * Installs the Debian package `redis-tools`, which holds the server's binary
 * (under the name redis-check-rdb: it acts by the name it is called with) but,
 * unlike `redis-server`, starts no service on port 6379 now and at each boot.
 * Where the binary is packed otherwise, `redis-server` follows, told to start
 * nothing (RUNLEVEL) as far as the init system heeds it; a service that the
 * package starts all the same is its own and stays.
 */
async function installByApt(prefix) {
	const asRoot = (...command) => {
		const [program, ...args] = [...prefix, ...command]
		return runStep(program, args, {})
	}
	const apt = (...args) =>
		asRoot(
			...['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-qq'],
			...['-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0', '-o', 'Acquire::http::Timeout=30', ...args],
		)
	const install = name => apt('install', '-y', '--no-install-recommends', name)

	if ((await apt('update')) !== 0) say('apt-get update failed; trying with the package lists that are here')
	if ((await install('redis-tools')) === 0) {
		const binary = findOnPath('redis-check-rdb')
		if (!findRedis() && binary) await asRoot('ln', '-sf', binary, '/usr/local/bin/redis-server')
		if (findRedis()) return
	}
	const code = await install('redis-server')
	if (code !== 0) throw cannot(`apt-get ended with ${code}`)
}

/** Installs a Redis server with what this machine has, or throws naming the exact command to run. */
export async function installRedis() {
	const why = 'neither QT_REDIS_BIN nor redis-server nor valkey-server on PATH'
	if (process.platform === 'darwin' && findOnPath('brew')) {
		await step('installing Redis', why, async () => {
			const code = await runStep('brew', ['install', 'redis'], {})
			if (code !== 0) throw cannot(`brew ended with ${code}`)
		})
	} else if (findOnPath('apt-get')) {
		const prefix = await rootPrefix()
		if (!prefix)
			throw cannot(`no Redis server (${why}), and installing one needs root, which sudo does not give unasked`)
		await step('installing Redis', why, () => installByApt(prefix))
	} else {
		throw cannot(`no Redis server: ${why}`)
	}
	if (!findRedis()) throw cannot('Redis was installed, but no redis-server is on PATH')
}
