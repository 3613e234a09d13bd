import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES, type ExitCode} from '../../engine/exit-codes.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {ControlError, DaemonStatus, StopAnswer} from './control-api.js'
import {type Home, socketOf} from './home.js'
import {callSocket, type HttpAnswer, NotListening, Unanswered} from './unix-http.js'

const isExitCode = (code: unknown): code is ExitCode => Object.values(EXIT_CODES).some(known => known === code)

/** The daemon's own refusal as an error of this process, with its exit code. */
export const refusalOf = ({error}: ControlError): OperatorError =>
	new OperatorError(error.message, {
		exit_code: isExitCode(error.exit_code) ? error.exit_code : EXIT_CODES.failure,
		...(error.hint !== undefined && {hint: error.hint}),
	})

const isControlError = (body: unknown): body is ControlError =>
	typeof body === 'object' && body !== null && typeof (body as Partial<ControlError>).error?.message === 'string'

export const notRunning = (home: Home): OperatorError =>
	new OperatorError(`no daemon runs on ${home.root}`, {exit_code: EXIT_CODES.unreachable, hint: 'start it: qt up'})

/** Talks to the daemon of one home over its control socket. */
export class ControlClient {
	constructor(readonly home: Home) {}

	/** Undefined when no daemon runs. @throws OperatorError (unreachable) when one runs and does not answer. */
	async status(): Promise<DaemonStatus | undefined> {
		try {
			return (await this.#call('GET', '/status', undefined, CLIENT_LIMITS.control_answer_ms)) as DaemonStatus
		} catch (error) {
			if (error instanceof NotListening) return undefined
			throw error
		}
	}

	async start(targets: readonly string[]): Promise<void> {
		await this.#required('/start', {targets}, CLIENT_LIMITS.start_answer_ms)
	}

	async restart(name: string): Promise<void> {
		await this.#required('/restart', {name}, CLIENT_LIMITS.stop_ms)
	}

	async reset(name: string): Promise<void> {
		await this.#required('/reset', {name}, CLIENT_LIMITS.control_answer_ms)
	}

	/** Answers when everything is down. */
	async stop(): Promise<StopAnswer> {
		return (await this.#required('/stop', {}, CLIENT_LIMITS.stop_ms)) as StopAnswer
	}

	/** Ends all processes hard: the last resort of an operator who will not wait for a stop. */
	async killProcesses(): Promise<void> {
		await this.#required('/kill-processes', {}, CLIENT_LIMITS.control_answer_ms)
	}

	async #required(path: string, body: unknown, within_ms: number): Promise<unknown> {
		try {
			return await this.#call('POST', path, body, within_ms)
		} catch (error) {
			if (error instanceof NotListening) throw notRunning(this.home)
			throw error
		}
	}

	async #call(method: 'GET' | 'POST', path: string, body: unknown, within_ms: number): Promise<unknown> {
		const socket = socketOf(this.home, this.home.controlSocketName)
		if (socket === undefined) throw new NotListening(`${this.home.run} does not exist`)
		let answer: HttpAnswer
		try {
			answer = await callSocket({socket, method, path, body, within_ms})
		} catch (error) {
			if (!(error instanceof Unanswered)) throw error
			throw new OperatorError(`the daemon of ${this.home.root} did not answer ${path} within ${within_ms} ms`, {
				exit_code: EXIT_CODES.unreachable,
				hint: `see ${this.home.logs}/daemon.log; qt kill works without it`,
				cause: error,
			})
		}
		if (isControlError(answer.body)) throw refusalOf(answer.body)
		if (answer.status >= 400) throw new Error(`the daemon answered ${path} with HTTP ${answer.status}`)
		return answer.body
	}
}
