import {setTimeout as pause} from 'node:timers/promises'
import {ControlClient} from '../daemon/client/control-client.js'
import type {Home} from '../daemon/client/home.js'
import {Watch} from '../daemon/client/watch.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {type Paint, paintFor, widthFor} from '../tui/plain/colour.js'
import {downLines, downView} from '../tui/plain/down-view.js'
import {watchLine, watchView} from '../tui/plain/watch-view.js'
import {cut, lowered} from '../tui/plain/width.js'

export type WatchOptions = Readonly<{
	home: Home
	/** This process started the daemon: leaving brings it down. */
	owned: boolean
	/** Ctrl-C came before there was anything to watch, or the terminal has gone. */
	interrupt: AbortSignal
}>

const SCREEN_EVERY_MS = 1_000
const LINE_EVERY_MS = 5_000
const HOME_CURSOR = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
const CLEAR_SCREEN = '\u001b[2J'

/** Overwrites in place: a screen that is cleared on every frame flickers, one that scrolls is lost. */
const paintScreen = (text: string, last: string, stream: NodeJS.WriteStream): void => {
	const {columns = 80, rows = 24} = stream
	const lines = lowered(text, last, rows - 1)
	stream.write(`${HOME_CURSOR}${lines.map(line => `${cut(line, columns)}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`)
}

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

const show = async (options: WatchOptions, stop: AbortSignal, paint: Paint): Promise<void> => {
	const screen = process.stdout.isTTY === true
	const watch = new Watch(options.home, Date.now)
	try {
		if (screen) process.stdout.write(CLEAR_SCREEN)
		while (!stop.aborted) {
			const snapshot = await watch.read()
			if (stop.aborted) return
			if (!snapshot)
				throw new OperatorError('the daemon has gone', {
					exit_code: EXIT_CODES.unreachable,
					hint: `see ${options.home.logs}/daemon.log; qt up starts it again`,
				})
			if (screen)
				paintScreen(
					watchView(snapshot, paint, widthFor(process.stdout)),
					`Ctrl-C ${options.owned ? 'brings everything down' : 'detaches'}`,
					process.stdout,
				)
			else process.stdout.write(`${watchLine(snapshot, paint)}\n`)
			await pause(screen ? SCREEN_EVERY_MS : LINE_EVERY_MS, undefined, {signal: stop}).catch(() => undefined)
		}
	} finally {
		await watch.close()
	}
}

/** Shows the system live until Ctrl-C (or the terminal goes), then leaves it in order. */
export const watch = async (options: WatchOptions): Promise<void> => {
	const paint = paintFor(process.stdout, process.env)
	const stop = new AbortController()
	const onSignal = () => stop.abort()
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
	for (const signal of signals) process.on(signal, onSignal)
	options.interrupt.addEventListener('abort', onSignal)
	if (options.interrupt.aborted) stop.abort()
	try {
		await show(options, stop.signal, paint)
	} finally {
		for (const signal of signals) process.removeListener(signal, onSignal)
	}
	await leave(options, paint)
}
