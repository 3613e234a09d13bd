import {fileURLToPath} from 'node:url'
import {run} from '@oclif/core'
import {ExitError} from '@oclif/core/errors'
import {execa} from 'execa'

/** The entry that `npm run build` makes runnable. */
export const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** What a command wrote, whole, and the code that it ended with. */
export type Answer = Readonly<{stdout: string; stderr: string; exitCode: number | undefined}>
export type Qt = (home: string, words: readonly string[]) => Promise<Answer>

/** `qt` as an operator runs it: a process of its own, without a terminal. */
export const runQt: Qt = async (home, words) => {
	const {stdout, stderr, exitCode} = await execa(process.execPath, [program, ...words], {
		env: {QT_HOME: home},
		reject: false,
		stdin: 'ignore',
		stripFinalNewline: false,
	})
	return {stdout, stderr, exitCode}
}

type Done = (error?: Error | null) => void

/** Keeps what is written to a stream instead of writing it, until `end`. */
const keep = (stream: NodeJS.WriteStream) => {
	const before = stream.write.bind(stream)
	let text = ''
	stream.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done) => {
		text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
		const written = typeof encoding === 'function' ? encoding : done
		written?.()
		return true
	}
	return () => {
		stream.write = before
		return text
	}
}

const setEnvironment = (values: Readonly<Record<string, string | undefined>>): void => {
	for (const [name, value] of Object.entries(values))
		if (value === undefined) delete process.env[name]
		else process.env[name] = value
}

/**
 * The same command in this process, as bin/run.js starts it: without what a process of Node spends on starting.
 * Output, environment and exit code belong to the process, so only one may be under way.
 *
 * @throws what the command throws beyond an exit code; the program would print its stack
 */
export const callQt: Qt = async (home, words) => {
	const {QT_HOME, NODE_ENV} = process.env
	const code = process.exitCode
	const [out, err] = [keep(process.stdout), keep(process.stderr)]
	setEnvironment({QT_HOME: home, NODE_ENV: 'production'})
	process.exitCode = 0
	try {
		await run([...words], program).catch((error: unknown) => {
			if (!(error instanceof ExitError)) throw error
			process.exitCode = error.oclif.exit ?? 1
		})
		return {exitCode: Number(process.exitCode), stdout: out(), stderr: err()}
	} finally {
		out()
		err()
		process.exitCode = code
		setEnvironment({QT_HOME, NODE_ENV})
	}
}
