import {boolean, string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {BlockReport} from '../daemon/client/blocking.js'
import type {DrillReport} from '../daemon/client/drill.js'
import type {KillOptions, KillReport} from '../daemon/client/killing.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

type Report = KillReport | BlockReport | DrillReport

export default class Kill extends QtCommand<Report> {
	static override summary = 'Stop all sending now, prove it, cancel entry orders; asks nothing'
	static override description =
		'Protective stops stay, and a position that has none gets one. Works with the daemon or Redis down, and may be repeated. Exits with 3 when it is not confirmed, or with --flatten not FLAT.'
	static override flags = {
		reason: string({description: 'why, for the record and for whoever arms again', default: 'qt kill'}),
		flatten: boolean({description: 'close every position too, reduce-only, until the venue confirms', default: false}),
		symbol: string({description: 'stop only this symbol; the rest trades on, until qt go --symbol'}),
		drill: boolean({
			description: 'on PAPER: do it in truth, report its timings, and arm again what was armed',
			default: false,
			exclusive: ['symbol'],
		}),
	}

	protected async work(): Promise<Outcome<Report>> {
		const {flags} = await this.parse(Kill)
		const {storedSystem} = await import('../daemon/client/home.js')
		const openVenue = async () => {
			const access = await import('../daemon/client/venue-access.js')
			return access.openVenue(this.home, process.env)
		}
		const {reason, flatten, symbol} = flags
		const {mode} = storedSystem(this.home)
		const onWait = (what: string) => this.logToStderr(`waiting: ${what}`)
		const options: KillOptions = {home: this.home, mode, reason, now_ms: Date.now, openVenue, flatten, onWait}
		if (flags.drill) return this.#drill(options)
		if (symbol !== undefined) return this.#block(options, symbol)
		const {kill} = await import('../daemon/client/killing.js')
		return this.#told(await kill(options))
	}

	async #block(options: KillOptions, name: string): Promise<Outcome<Report>> {
		const [{blockSymbol}, {requireSymbol}] = await Promise.all([
			import('../daemon/client/blocking.js'),
			import('../cli/symbol-flag.js'),
		])
		return this.#told(await blockSymbol({...options, symbol: requireSymbol(name)}))
	}

	async #drill(options: KillOptions): Promise<Outcome<Report>> {
		const [{drill}, {drillView}] = await Promise.all([
			import('../daemon/client/drill.js'),
			import('../tui/plain/kill-view.js'),
		])
		const data = await drill(options)
		const text = drillView(data, this.paint, this.width)
		const {armed_before, stays_killed} = data
		const {code, message} = await this.#told(data.kill)
		if (code !== undefined && message !== undefined)
			return {data, text, code, message, hint: 'run qt kill again; it may be repeated'}
		if (!armed_before || stays_killed === null) return {data, text}
		const not_armed = `the drill went well, and it is not armed again: ${stays_killed}`
		return {data, text, code: EXIT_CODES.drift, message: not_armed, hint: 'put that right, then: qt go'}
	}

	async #told(data: KillReport | BlockReport): Promise<Outcome<Report>> {
		const {killView} = await import('../tui/plain/kill-view.js')
		const text = killView(data, this.paint, this.width)
		const failed = data.steps.filter(({ok}) => !ok).map(({name, detail}) => `${name}: ${detail}`)
		if (failed.length === 0) return {data, text}
		const message = `${data.state}${data.state === 'NOT CONFIRMED' ? ': ' : ', but '}${failed.join('; ')}`
		return {data, text, code: EXIT_CODES.drift, message, hint: 'run qt kill again; it may be repeated'}
	}
}
