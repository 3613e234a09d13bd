import {string} from '@oclif/core/args'
import {boolean, integer, string as stringFlag} from '@oclif/core/flags'
import {QtCommand, write} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import {untilLeft} from '../../cli/live.js'
import type {Entry} from '../../engine/bus/bus.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {cut} from '../../tui/plain/width.js'

type Data = Readonly<{stream: string; entries: readonly Entry[]; looked_at: number}>

export default class StreamsTail extends QtCommand<Data> {
	static override summary = 'Show the newest entries of a stream, one line each'
	static override description =
		'Long values are cut and their length said; --json has them whole. Looks back 50,000 entries for what --where asks.'
	static override args = {stream: string({description: 'name, former name, or key in Redis', required: true})}
	static override flags = {
		follow: boolean({char: 'f', description: 'go on with new entries until Ctrl-C'}),
		lines: integer({char: 'n', description: 'how many', default: 20, min: 0, max: 10_000}),
		where: stringFlag({description: 'only where a field has a value: field=value; may be repeated', multiple: true}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {args, flags} = await this.parse(StreamsTail)
		if (flags.follow) this.refuseJson('--follow')
		const [{openState, withDeadline}, {requireSubject}, {followStream, readTail, whereOf}, {tailLine}] =
			await Promise.all([
				import('../../daemon/client/state.js'),
				import('../../daemon/client/stream-names.js'),
				import('../../daemon/client/stream-tail.js'),
				import('../../tui/plain/stream-entry-view.js'),
			])
		const where = whereOf(flags.where ?? [])
		const state = await openState(this.home)
		try {
			const {name, key} = await requireSubject(state, args.stream)
			const tail = await withDeadline(readTail(state, key, flags.lines, where), 60_000, 'the reading')
			const {entries, looked_at, last_id} = tail
			const text = entries.map(entry => cut(tailLine(entry), this.width, '…')).join('\n')
			const data = {stream: name, entries, looked_at}
			if (!flags.follow) return {data, text: text || `no such entry among the newest ${looked_at} of ${args.stream}`}
			if (text !== '') await write(process.stdout, `${text}\n`)
			await untilLeft(signal =>
				followStream(state, key, {after_id: last_id, where, signal}, entry =>
					process.stdout.write(`${cut(tailLine(entry), this.width, '…')}\n`),
				),
			)
			return {data: {...data, entries: []}, text: '', code: EXIT_CODES.interrupted}
		} finally {
			await state.close()
		}
	}
}
