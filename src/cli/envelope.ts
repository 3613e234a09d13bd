import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES, type ExitCode} from '../engine/exit-codes.js'

/** What a command found. A code above 0 comes with a message, and may come with data. */
export type Outcome<Data> = Readonly<{
	data: Data
	/** For people. */
	text: string
	code?: ExitCode
	/** Why the code is not 0. */
	message?: string
	hint?: string
}>

export type Failure = Readonly<{ok: false; code: ExitCode; message: string; hint?: string; data?: unknown}>
export type Success = Readonly<{ok: true; code: 0; data: unknown}>

/** The one form of `--json`. */
export const envelopeOf = ({data, code = EXIT_CODES.ok, message, hint}: Outcome<unknown>): Success | Failure =>
	code === EXIT_CODES.ok
		? {ok: true, code, data}
		: {ok: false, code, message: message ?? '', ...(hint !== undefined && {hint}), data}

type ParserError = Error & {oclif?: {exit?: number}; parse?: unknown}
const isUsage = (error: ParserError): boolean => error.parse !== undefined || error.oclif?.exit === 2

const HELP_LINE = /\s*See more help with --help\s*$/

/** The parser's messages span lines and hide the flag: one line that begins with what is wrong. */
const usageMessage = (text: string): string =>
	text
		.replace(HELP_LINE, '')
		.replace(/^Parsing (--\S+)\s+Expected/, '$1: expected')
		.replace(/^Missing \d+ required args?:/, 'missing:')
		.replaceAll(/\s+/g, ' ')
		.trim()

/** Any error as a failure with its exit code: operator errors carry theirs, the parser's are usage. */
export const failureOf = (error: unknown, command = ''): Failure => {
	if (error instanceof OperatorError) {
		const {exit_code: code, message, hint} = error
		return {ok: false, code, message, ...(hint !== undefined && {hint})}
	}
	if (!(error instanceof Error)) return {ok: false, code: EXIT_CODES.failure, message: String(error)}
	if (isUsage(error)) {
		return {
			ok: false,
			code: EXIT_CODES.usage,
			message: usageMessage(error.message),
			hint: `see qt ${command ? `${command} ` : ''}--help`,
		}
	}
	return {ok: false, code: EXIT_CODES.failure, message: error.message, hint: 'QT_DEBUG=1 shows where it happened'}
}

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** For people, on stderr. */
export const failureText = ({message, hint}: Pick<Failure, 'message' | 'hint'>): string =>
	`${message}${hint ? `\n${hint}` : ''}\n`
