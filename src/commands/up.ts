import {boolean, integer, string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import {outliveTerminal} from '../cli/terminal.js'
import type {StartArming} from '../daemon/client/go.js'
import type {UpReport} from '../daemon/client/up.js'

type Data = Readonly<{
	started: boolean
	took_ms: number
	mode: string
	speed: number | 'lockstep'
	market: UpReport['settings']['market']
	stages: UpReport['status']['stages']
	arming: StartArming | null
}>

const dataOf = ({started, took_ms, settings, status}: UpReport, arming: StartArming | undefined): Data => {
	const {mode, speed, market} = settings
	return {started, took_ms, mode, speed, market, stages: status.stages, arming: arming ?? null}
}

export default class Up extends QtCommand<Data> {
	static override summary = 'Bring the system up, stage by stage'
	static override description =
		'Starts the daemon when none runs, else attaches to it. What is not said stays as it was the last time. A running system is not changed: bring it down first.'
	static override examples = [
		'<%= config.bin %> <%= command.id %> --go --watch',
		'<%= config.bin %> <%= command.id %> --market candles:./klines-1m --speed 600',
		'<%= config.bin %> <%= command.id %> --stage state --mode testnet',
	]
	static override flags = {
		stage: string({description: 'core, state, brains, ai, rl, exec, obs or all', default: 'all'}),
		mode: string({description: 'paper, testnet or live', options: ['paper', 'testnet', 'live']}),
		market: string({
			description: 'market of paper: synthetic[:<length>, such as 24h], candles:<dir>, tape:<file> or live',
		}),
		seed: integer({description: 'seed of the synthetic market', min: 0}),
		repair: boolean({
			description: 'mend holes, duplicates and bad rows of recorded candles, telling each',
			allowNo: true,
		}),
		speed: string({description: 'how many times the venue’s clock runs, or lockstep'}),
		warmup: boolean({description: 'fetch candles of the past first, so that indicators are ready', allowNo: true}),
		symbols: string({description: 'symbols, with commas between'}),
		ports: string({description: 'added to the ports of the units, or ephemeral'}),
		journal: boolean({description: 'keep the merged input of each host for replay', allowNo: true}),
		isolate: string({description: 'a unit that gets a process of its own; may be repeated', multiple: true}),
		go: boolean({description: 'arm once all is ready: PAPER only, and never over a kill'}),
		watch: boolean({description: 'stay and show the system live; Ctrl-C brings down what was started here'}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {flags} = await this.parse(Up)
		const [{bringUp, parseStage}, {choiceOf}, {upLine}] = await Promise.all([
			import('../daemon/client/up.js'),
			import('../daemon/client/system-flags.js'),
			import('../tui/plain/up-view.js'),
		])
		const stage = parseStage(flags.stage)
		const interrupt = new AbortController()
		const onInterrupt = () => interrupt.abort()
		// Heeded without a gap until the watch listens itself: a signal that ended us would leave the system running.
		const signals = flags.watch ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : []
		for (const signal of signals) process.on(signal, onInterrupt)
		if (flags.watch) outliveTerminal(onInterrupt)
		const report = await bringUp({
			home: this.home,
			env: process.env,
			choice: choiceOf(flags),
			stage,
			watched: flags.watch,
			onProgress: progress => this.say(upLine(progress)),
			signal: interrupt.signal,
		})
		const arming = flags.go && !interrupt.signal.aborted ? await this.arm(interrupt.signal) : undefined
		const text = `all that was asked for is open after ${(report.took_ms / 1_000).toFixed(1)} s`
		const data = dataOf(report, arming)
		if (!flags.watch || this.jsonEnabled()) return {data, text}
		this.say(text)
		const {watch} = await import('../cli/watch.js')
		const watching = watch({home: this.home, owned: report.started, interrupt: interrupt.signal})
		for (const signal of signals) process.removeListener(signal, onInterrupt)
		await watching
		return {data, text: ''}
	}

	private async arm(signal: AbortSignal): Promise<StartArming> {
		const {armOnStart} = await import('../daemon/client/go.js')
		const {paint} = this
		const arming = await armOnStart(this.home, {now_ms: Date.now, signal})
		if (arming.armed) this.say(`${paint('good', 'ARMED')}: ${arming.detail}`)
		else this.say(`${paint('bad', 'NOT ARMED')}: ${arming.detail}`)
		return arming
	}
}
