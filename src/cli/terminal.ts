/**
 * Goes on when the terminal is closed, whose next line would end us as an uncaught error and leave what we started
 * running: `onGone` is told instead. A reader of a pipe that left is no terminal.
 */
export const outliveTerminal = (onGone: () => void): void => {
	for (const stream of [process.stdout, process.stderr]) {
		stream.removeAllListeners('error')
		stream.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code !== 'EPIPE') onGone()
		})
	}
}
