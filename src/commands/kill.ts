import {boolean, string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {KillReport} from '../daemon/client/killing.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Kill extends QtCommand<KillReport> {
	static override summary = 'Stop all sending now, prove it, cancel entry orders; asks nothing'
	static override description =
		'Protective stops stay, and a position that has none gets one. Works with the daemon or Redis down, and may be repeated. Exits with 3 when it is not confirmed, or with --flatten not FLAT.'
	static override flags = {
		reason: string({description: 'why, for the record and for whoever arms again', default: 'qt kill'}),
		flatten: boolean({description: 'close every position too, reduce-only, until the venue confirms', default: false}),
	}

	protected async work(): Promise<Outcome<KillReport>> {
		const {flags} = await this.parse(Kill)
		const [{kill}, {storedSystem}] = await Promise.all([
			import('../daemon/client/killing.js'),
			import('../daemon/client/home.js'),
		])
		const {mode} = storedSystem(this.home)
		const openVenue = async () => {
			const access = await import('../daemon/client/venue-access.js')
			return access.openVenue(this.home, process.env)
		}
		const data = await kill({
			home: this.home,
			mode,
			reason: flags.reason,
			now_ms: Date.now,
			openVenue,
			flatten: flags.flatten,
		})
		const {killView} = await import('../tui/plain/kill-view.js')
		const text = killView(data, this.paint, this.width)
		const failed = data.steps.filter(({ok}) => !ok).map(({name, detail}) => `${name}: ${detail}`)
		if (failed.length === 0) return {data, text}
		const message = `${data.state}${data.state === 'HALTED' ? ', but ' : ': '}${failed.join('; ')}`
		return {data, text, code: EXIT_CODES.drift, message, hint: 'run qt kill again; it may be repeated'}
	}
}
