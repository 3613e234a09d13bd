import {string} from '@oclif/core/args'
import {boolean, integer} from '@oclif/core/flags'
import {QtCommand, write} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {LogFile, LogLine} from '../daemon/client/logs.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

/** An empty answer says why it is empty. */
const nothing = (files: readonly LogFile[], folder: string): string =>
	files.length === 0
		? `no process has a log yet in ${folder}`
		: `no lines: ${files.map(({process}) => `${process}.log`).join(', ')} in ${folder}`

type Data = Readonly<{lines: readonly LogLine[]}>

export default class Logs extends QtCommand<Data> {
	static override summary = 'Show the last lines of the logs, of all processes or of one'
	static override args = {name: string({description: 'unit, former name of one, or process'})}
	static override flags = {
		follow: boolean({char: 'f', description: 'go on with new lines until Ctrl-C'}),
		lines: integer({char: 'n', description: 'how many of each', default: 20, min: 0, max: 100_000}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {args, flags} = await this.parse(Logs)
		if (flags.follow) this.refuseJson('--follow')
		const {followLogs, lastLines, logsOf} = await import('../daemon/client/logs.js')
		const files = await logsOf(this.home, args.name)
		const lines = files.flatMap(({process, path}) => lastLines(path, flags.lines).map(line => ({process, line})))
		const shown = ({process, line}: LogLine) => (files.length > 1 ? `${process}  ${line}` : line)
		const text = lines.map(shown).join('\n')
		if (!flags.follow) return {data: {lines}, text: text || nothing(files, this.home.logs)}
		if (text !== '') await write(process.stdout, `${text}\n`)
		const stop = new AbortController()
		process.once('SIGINT', () => stop.abort())
		await followLogs(files, line => process.stdout.write(`${shown(line)}\n`), stop.signal)
		return {data: {lines: []}, text: '', code: EXIT_CODES.interrupted}
	}
}
