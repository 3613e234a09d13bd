import {createHash} from 'node:crypto'
import {lstatSync, mkdirSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'

const fits = (path: string): boolean => Buffer.byteLength(path) <= SUPERVISION_LIMITS.socket_path_bytes_max

function shortDirectory(dir: string): string {
	const user = process.getuid?.() ?? 0
	const digest = createHash('sha256').update(dir).digest('hex').slice(0, 12)
	return join(tmpdir(), `qt-${user}-${digest}`)
}

/** Anybody may write to the temporary directory: what is found there must be ours alone. */
function requirePrivate(dir: string): void {
	const found = lstatSync(dir)
	const ours = found.uid === (process.getuid?.() ?? found.uid)
	if (found.isDirectory() && ours && (found.mode & 0o077) === 0) return
	throw new OperatorError(`${dir} is not a directory that only this user can enter, so no socket is put there`, {
		exit_code: EXIT_CODES.refused,
		hint: `look at who made it; then remove it or use a shorter QT_HOME`,
	})
}

/**
 * The path of a unix socket `<dir>/<name>`. A path longer than the system
 * allows (107 bytes on Linux) is replaced by one in a private directory under
 * the temporary directory, always the same for the same `dir`. Creates the directory, mode 0700.
 * @throws OperatorError when even that is too long, or when it belongs to somebody else.
 */
export function socketPath(dir: string, name: string): string {
	const wanted = join(dir, name)
	if (fits(wanted)) {
		mkdirSync(dir, {recursive: true, mode: 0o700})
		return wanted
	}
	const short = shortDirectory(dir)
	const fallback = join(short, name)
	if (!fits(fallback)) {
		const max = SUPERVISION_LIMITS.socket_path_bytes_max
		throw new OperatorError(
			`socket path ${wanted} has ${Buffer.byteLength(wanted)} bytes, and so has ${fallback} more than ${max}`,
			{exit_code: EXIT_CODES.usage, hint: 'set QT_HOME to a shorter path'},
		)
	}
	mkdirSync(short, {recursive: true, mode: 0o700})
	requirePrivate(short)
	return fallback
}
