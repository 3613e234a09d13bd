import {setTimeout as pause} from 'node:timers/promises'
import {cut, lowered} from '../tui/plain/width.js'
import {outliveTerminal} from './terminal.js'

/** What is shown again and again: on a terminal in place, elsewhere as a line each time. */
export type Live<Frame> = Readonly<{
	/** @throws to end it */
	read: () => Promise<Frame>
	screen: (frame: Frame) => string
	/** What stands at the foot of the screen: how to leave. */
	foot: string
	line: (frame: Frame) => string
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

/** Reads and shows until `stop`: every second on a terminal, every 5 s as lines. */
export const showLive = async <Frame>({read, screen, foot, line}: Live<Frame>, stop: AbortSignal): Promise<void> => {
	const terminal = process.stdout.isTTY === true
	if (terminal) process.stdout.write(CLEAR_SCREEN)
	while (!stop.aborted) {
		const frame = await read()
		if (stop.aborted) return
		if (terminal) paintScreen(screen(frame), foot, process.stdout)
		else process.stdout.write(`${line(frame)}\n`)
		await pause(terminal ? SCREEN_EVERY_MS : LINE_EVERY_MS, undefined, {signal: stop}).catch(() => undefined)
	}
}

/** Works until Ctrl-C, the end of the process is asked for, or the terminal goes. */
export const untilSignal = async (
	interrupt: AbortSignal,
	work: (stop: AbortSignal) => Promise<void>,
): Promise<void> => {
	const stop = new AbortController()
	const onSignal = () => stop.abort()
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
	for (const signal of signals) process.on(signal, onSignal)
	interrupt.addEventListener('abort', onSignal)
	if (interrupt.aborted) stop.abort()
	try {
		await work(stop.signal)
	} finally {
		for (const signal of signals) process.removeListener(signal, onSignal)
	}
}

/** The same where leaving is all that is to be done. */
export const untilLeft = async (work: (stop: AbortSignal) => Promise<void>): Promise<void> => {
	const gone = new AbortController()
	outliveTerminal(() => gone.abort())
	await untilSignal(gone.signal, work)
}

/** Shows until it is left, and lets go of what was looked with. @throws what the first `read` throws */
export const watchLive = async <Frame>(
	live: Live<Frame>,
	close: () => Promise<void> = () => Promise.resolve(),
): Promise<void> => {
	try {
		await untilLeft(stop => showLive(live, stop))
	} finally {
		await close()
	}
}
