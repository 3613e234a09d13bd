import {ControlClient} from '../daemon/client/control-client.js'
import type {Home} from '../daemon/client/home.js'
import {Watch, type WatchSnapshot} from '../daemon/client/watch.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {type Paint, paintFor, widthFor} from '../tui/plain/colour.js'
import {downLines, downView} from '../tui/plain/down-view.js'
import {watchLine, watchView} from '../tui/plain/watch-view.js'
import {showLive, untilSignal} from './live.js'

export type WatchOptions = Readonly<{
	home: Home
	/** This process started the daemon: leaving brings it down. */
	owned: boolean
	/** Ctrl-C came before there was anything to watch, or the terminal has gone. */
	interrupt: AbortSignal
}>

/** Ctrl-C once brings down what was started here; twice ends it hard. */
const leave = async ({home, owned}: WatchOptions, paint: Paint): Promise<void> => {
	const say = (line: string) => process.stdout.write(`${line}\n`)
	if (!owned) {
		say('detached; the system runs on: qt status shows it, qt down stops it')
		return
	}
	const force = () => {
		say('ending all processes at once; positions keep the stops that rest at the venue')
		new ControlClient(home).killProcesses().catch(() => undefined)
	}
	// Before anything is awaited: until somebody listens a signal would end us and leave the system running.
	process.once('SIGINT', force)
	try {
		say('bringing everything down in order; Ctrl-C again ends it at once')
		const [{bringDown}, {openVenue}] = await Promise.all([
			import('../daemon/client/down.js'),
			import('../daemon/client/venue-access.js'),
		])
		const report = await bringDown({
			home,
			now_ms: Date.now,
			openVenue: () => openVenue(home, process.env),
			onProgress: progress => {
				for (const line of downLines(progress, paint)) say(line)
			},
		})
		say(downView(report))
	} finally {
		process.removeListener('SIGINT', force)
	}
}

const readOn = async (watch: Watch, {logs}: Home): Promise<WatchSnapshot> => {
	const snapshot = await watch.read()
	if (snapshot) return snapshot
	throw new OperatorError('the daemon has gone', {
		exit_code: EXIT_CODES.unreachable,
		hint: `see ${logs}/daemon.log; qt up starts it again`,
	})
}

/** Shows the system live until Ctrl-C (or the terminal goes), then leaves it in order. */
export const watch = async (options: WatchOptions): Promise<void> => {
	const paint = paintFor(process.stdout, process.env)
	const {home, owned, interrupt} = options
	const system = new Watch(home, Date.now)
	try {
		await untilSignal(interrupt, stop =>
			showLive(
				{
					read: () => readOn(system, home),
					screen: snapshot => watchView(snapshot, paint, widthFor(process.stdout)),
					foot: `Ctrl-C ${owned ? 'brings everything down' : 'detaches'}`,
					line: snapshot => watchLine(snapshot, paint),
				},
				stop,
			),
		)
	} finally {
		await system.close()
	}
	await leave(options, paint)
}
