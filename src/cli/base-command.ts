import {Command} from '@oclif/core/command'
import {type Home, homeFrom} from '../daemon/client/home.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {type Paint, paintFor, widthFor} from '../tui/plain/colour.js'
import {envelopeOf, failureOf, failureText, jsonText, type Outcome} from './envelope.js'

/** Writes whole, also into a pipe whose reader is slow; a reader that left is no error. */
export const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
	new Promise(resolve => {
		stream.write(text, () => resolve())
	})

/**
 * What every command does the same way: `--json`, exit codes, errors. A command parses its arguments, lets a service
 * act and says how people read the result.
 */
export abstract class QtCommand<Data = unknown> extends Command {
	static override enableJsonFlag = true

	protected get home(): Home {
		return homeFrom(process.env)
	}

	/** Colours for what is written to stdout. */
	protected get paint(): Paint {
		return paintFor(process.stdout, process.env)
	}

	/** Cells of a line of stdout; without a terminal there is no limit. */
	protected get width(): number {
		return widthFor(process.stdout)
	}

	/** Parses and acts. Progress goes through `say`. */
	protected abstract work(): Promise<Outcome<Data>>

	/** A line for people while the command is under way: never into data. */
	protected say(line: string): void {
		if (this.jsonEnabled()) return
		const stream = process.stdout.isTTY ? process.stdout : process.stderr
		stream.write(`${line}\n`)
	}

	/** For a flag under which the command goes on until it is left. @throws OperatorError (usage) with --json */
	protected refuseJson(flag: string): void {
		if (!this.jsonEnabled()) return
		throw new OperatorError(`${flag} has no end, so it has no --json`, {
			exit_code: EXIT_CODES.usage,
			hint: 'leave one of them out',
		})
	}

	override async run(): Promise<void> {
		const outcome = await this.work()
		const {code = EXIT_CODES.ok, message, hint, text} = outcome
		process.exitCode = code
		if (this.jsonEnabled()) {
			await write(process.stdout, jsonText(envelopeOf(outcome)))
			return
		}
		if (text !== '') await write(process.stdout, text.endsWith('\n') ? text : `${text}\n`)
		if (message !== undefined) await write(process.stderr, failureText({message, ...(hint !== undefined && {hint})}))
	}

	override async catch(error: unknown): Promise<void> {
		const failure = failureOf(error, this.id?.replaceAll(':', ' '))
		process.exitCode = failure.code
		if (process.env.QT_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
		if (this.jsonEnabled()) await write(process.stdout, jsonText(failure))
		else await write(process.stderr, failureText(failure))
	}
}
