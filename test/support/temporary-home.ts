import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** A directory of its own for one test: a QT_HOME, or any scratch space. */
export interface TemporaryHome {
	/** Absolute path, short enough for unix sockets inside it (limit 107 bytes). */
	path: string
	/** Environment for a process of the system that lives here, added to the caller's own. */
	env: NodeJS.ProcessEnv
	/** Removes the directory with everything in it; harmless when repeated. */
	remove(): Promise<void>
}

/** Makes an empty directory under the system's temporary directory, e.g. `/tmp/qt-x7Yk2A`. */
export async function temporaryHome(prefix = 'qt-'): Promise<TemporaryHome> {
	const path = await mkdtemp(join(tmpdir(), prefix))
	return {
		path,
		env: {...process.env, QT_HOME: path},
		// A process that is just ending may still write a file while the tree is removed: hence the retries.
		remove: () => rm(path, {recursive: true, force: true, maxRetries: 10, retryDelay: 20}),
	}
}
