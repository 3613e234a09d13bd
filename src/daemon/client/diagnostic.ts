import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {release} from 'node:os'
import {join, resolve} from 'node:path'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {alerts, deadLetters, events} from '../../engine/contracts/streams/ops.js'
import {messageOf, OperatorError} from '../../engine/errors.js'
import {redactor} from '../../engine/exchange/redact.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {buildVersion} from '../system/version.js'
import type {Home} from './home.js'
import {lastLines, logFiles} from './logs.js'
import {type State, withState} from './state.js'
import {readStatus} from './system-status.js'

export type Diagnostic = Readonly<{
	file: string
	bytes: number
	/** Parts of the bundle, and those that could not be read, with why. */
	parts: readonly string[]
	unread: Readonly<Record<string, string>>
}>

const LOG_LINES = 300
const ENTRIES = 200
const AUDIT_LINES = 100
/** Shorter values are words that stand everywhere. */
const SECRET_CHARS_MIN = 8
/** What the environment calls its secrets. */
const SECRET_NAME = /key|secret|token|password|passphrase|credential/i
const URL_PASSWORD = /(\w+:\/\/[^\s:/@]*:)[^\s@/]+@/g

const textsIn = (value: unknown): readonly string[] =>
	typeof value === 'string'
		? [value]
		: typeof value === 'object' && value !== null
			? Object.values(value).flatMap(textsIn)
			: []

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text)
	} catch {
		return text.trim()
	}
}

/** Of an address in the web what only its owner knows, as of a heartbeat: a key in its path, or what it is asked with. */
const secretsOfAddress = (text: string): readonly string[] => {
	if (!/^https?:/.test(text) || !URL.canParse(text)) return []
	const {pathname, search, searchParams} = new URL(text)
	return [...pathname.split('/'), search, ...searchParams.values()]
}

const textsInFile = (file: string): readonly string[] =>
	existsSync(file) ? textsIn(parsed(readFileSync(file, 'utf8'))) : []

/** Everything secret that this home and this environment know. */
export const secretsOf = (
	{secrets, access, settings}: Pick<Home, 'secrets' | 'access' | 'settings'>,
	env: NodeJS.ProcessEnv,
): readonly string[] => {
	const files = [secrets, ...(existsSync(access) ? readdirSync(access).map(name => join(access, name)) : [])]
	const held = [...files.flatMap(textsInFile), ...textsInFile(settings).flatMap(secretsOfAddress)]
	const named = Object.entries(env).flatMap(([name, value]) => (SECRET_NAME.test(name) && value ? [value] : []))
	return [...held, ...named].filter(({length}) => length >= SECRET_CHARS_MIN)
}

const newest = ({bus, naming}: State, {name}: StreamContract) =>
	bus.range(naming.stream(name), {count: ENTRIES, newest_first: true})

const readers = (home: Home): Readonly<Record<string, () => Promise<unknown>>> => ({
	versions: async () => ({
		...{qt: buildVersion(), node: process.version, platform: `${process.platform} ${process.arch} ${release()}`},
	}),
	status: () => readStatus(home),
	settings: async () => parsed(readFileSync(home.settings, 'utf8')),
	policy: async () => readFileSync(home.policy, 'utf8'),
	streams: async () => {
		const {readStreams} = await import('./stream-watch.js')
		return readStreams(home, {now_ms: Date.now})
	},
	entries: () =>
		withState(home, async state => {
			const found = [alerts, events, deadLetters].map(
				async stream => [stream.name, await newest(state, stream)] as const,
			)
			return Object.fromEntries(await Promise.all(found))
		}),
	audit: async () => (existsSync(home.audit) ? lastLines(home.audit, AUDIT_LINES) : []),
	logs: async () => Object.fromEntries(logFiles(home).map(({process, path}) => [process, lastLines(path, LOG_LINES)])),
})

/** The text of a bundle, which holds no secret, and what is in it. */
export type DiagnosticBundle = Pick<Diagnostic, 'parts' | 'unread'> & Readonly<{text: string}>

/**
 * What runs, how it is set up, what it said last. Secrets are taken out of every text; what cannot be read is named and
 * does not keep back the rest.
 */
export const collectDiagnostic = async (home: Home, env: NodeJS.ProcessEnv): Promise<DiagnosticBundle> => {
	const bundle: Record<string, unknown> = {}
	const unread: Record<string, string> = {}
	const redact = redactor(secretsOf(home, env))
	for (const [part, read] of Object.entries(readers(home)))
		try {
			bundle[part] = await read()
		} catch (error) {
			unread[part] = redact(messageOf(error))
		}
	const clean = (_: string, value: unknown): unknown =>
		typeof value === 'string' ? redact(value).replace(URL_PASSWORD, '$1[redacted]@') : value
	return {text: `${JSON.stringify({...bundle, unread}, clean, '\t')}\n`, parts: Object.keys(bundle), unread}
}

/**
 * One file for a bug report.
 * @throws OperatorError (refused) when the file is there already
 */
export const writeDiagnostic = async (home: Home, path: string, env: NodeJS.ProcessEnv): Promise<Diagnostic> => {
	const {text, ...told} = await collectDiagnostic(home, env)
	const file = resolve(path)
	try {
		writeFileSync(file, text, {flag: 'wx', mode: 0o600})
	} catch (cause) {
		if (!existsSync(file)) throw cause
		throw new OperatorError(`${file} is there already`, {
			exit_code: EXIT_CODES.refused,
			hint: 'name a file that does not exist yet',
			cause,
		})
	}
	return {file, bytes: Buffer.byteLength(text), ...told}
}
