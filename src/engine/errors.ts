import {EXIT_CODES, type ExitCode} from './exit-codes.js'

export interface OperatorErrorOptions {
	/** What the process that meets this error exits with; `failure` when not given. */
	exit_code?: ExitCode
	/** What the operator can do about it, as a sentence or a command. */
	hint?: string
	cause?: unknown
}

/** What anything thrown says. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** What was to be opened is not there. */
export const isMissing = (thrown: unknown): boolean =>
	thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'

/** A failure that an operator can put right: it names the thing, the value found and what was expected. */
export class OperatorError extends Error {
	readonly exit_code: ExitCode
	readonly hint: string | undefined

	constructor(message: string, options: OperatorErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : {cause: options.cause})
		this.name = 'OperatorError'
		this.exit_code = options.exit_code ?? EXIT_CODES.failure
		this.hint = options.hint
	}
}
